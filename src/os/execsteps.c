/*
 * execsteps.c - what a child does before its program, and in which order.
 *
 * Its descriptors last but one: then none of its own is in the way, and no
 * step has to know which are.  Limits come after them, for a limit of
 * descriptors is one, and before the user, who may not raise them; the
 * directory after the user, whose rights count there.
 */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "os/exec.h"

static bool PCL_BARE
is_target(const struct pcl_exec_run *run, int fd, const void *but)
{
	for (size_t i = 0; i < run->n_moves; i++)
		if (run->moves[i].to == fd && &run->moves[i] != but &&
		    (run->moves[i].from != PCL_NONE ||
		    run->moves[i].path != NULL || run->moves[i].like_out))
			return true;
	return false;
}

/* Out of the way of the others, and of 0 to 2. */
static int PCL_BARE
raise_it(const struct pcl_exec_run *run, int fd)
{
	int high = pcl_bare_raise(fd, 3);

	while (high >= 0 && is_target(run, high, NULL))
		high = pcl_bare_raise(fd, high + 1);
	return high;
}

static int PCL_BARE
open_it(const struct pcl_exec_run *run, struct pcl_exec_move *move)
{
	int fd = pcl_bare_open(move->path, move->flags);

	if (fd < 0 || (fd > 2 && !is_target(run, fd, NULL))) {
		move->from = fd;
		return fd;
	}
	move->from = raise_it(run, fd);
	pcl_bare_close(fd);
	return move->from;
}

/* Those given come from a number where nobody else goes. */
static int PCL_BARE
gather(struct pcl_exec_run *run)
{
	struct pcl_exec_move *move = run->moves;
	int rc = 0;

	if (run->heard != PCL_NONE && is_target(run, run->heard, NULL))
		rc = run->heard = raise_it(run, run->heard);
	for (size_t i = 0; i < run->n_moves && rc >= 0; i++, move++) {
		run->index = move->to;
		if (move->from != PCL_NONE && move->from != move->to &&
		    is_target(run, move->from, move))
			rc = move->from = raise_it(run, move->from);
	}
	return rc;
}

int PCL_BARE
pcl_exec_next_source(const struct pcl_exec_run *run, int least)
{
	int next = run->heard < least ? PCL_NONE : run->heard;

	for (size_t i = 0; i < run->n_moves; i++) {
		int from = run->moves[i].from;

		if (from >= least && (next == PCL_NONE || from < next))
			next = from;
	}
	return next;
}

static bool PCL_BARE
opens_files(const struct pcl_exec_run *run)
{
	for (size_t i = 0; i < run->n_moves; i++)
		if (run->moves[i].path != NULL)
			return true;
	return false;
}

static int PCL_BARE
open_files(struct pcl_exec_run *run)
{
	struct pcl_exec_move *move = run->moves;
	int rc = 0;

	for (size_t i = 0; i < run->n_moves && rc >= 0; i++, move++) {
		if (move->path == NULL)
			continue;
		run->index = move->to;
		rc = open_it(run, move);
	}
	return rc;
}

/* The source of 2, when it is that of 1: which may be 1 itself. */
static int PCL_BARE
source_of(const struct pcl_exec_run *run, const struct pcl_exec_move *move)
{
	if (!move->like_out)
		return move->from;
	return run->moves[1].from == PCL_NONE ? 1 : run->moves[1].from;
}

static int PCL_BARE
place(struct pcl_exec_run *run)
{
	int from, rc = 0;

	for (size_t i = 0; i < run->n_moves && rc >= 0; i++) {
		const struct pcl_exec_move *move = &run->moves[i];

		from = source_of(run, move);
		if (from == PCL_NONE)
			continue;
		run->index = move->to;
		rc = from == move->to ? pcl_bare_stay(from) :
		    pcl_bare_dup(from, move->to);
	}
	return rc;
}

/* Others are closed before files are opened: that may take for ever, and who
 * reads from a pipe would wait as long for its end. */
static int PCL_BARE
set_descriptors(struct pcl_exec_run *run)
{
	int rc;

	run->step = PCL_OS_EXEC_REDIRECT;
	rc = gather(run);
	if (rc >= 0 && (!run->exec->keep_fds || opens_files(run)))
		pcl_bare_close_others(run, !run->exec->keep_fds);
	if (rc >= 0)
		rc = open_files(run);
	return rc < 0 ? rc : place(run);
}

static int PCL_BARE
set_limits(struct pcl_exec_run *run)
{
	int rc = 0;

	run->step = PCL_OS_EXEC_LIMIT;
	for (size_t i = 0; i < run->exec->n_limits && rc >= 0; i++) {
		run->index = (int)i;
		rc = pcl_bare_limit(&run->exec->limits[i]);
	}
	return rc;
}

static bool PCL_BARE
listed(gid_t gid, const gid_t *groups, int n)
{
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

/* It is in these groups, and in no others. */
static bool PCL_BARE
in_groups(const struct pcl_exec_run *run)
{
	const struct pcl_posix_ids *ids = &run->ids;
	int n = pcl_bare_groups(run->groups,
	    ids->n_groups + PCL_EXEC_SPARE_GROUPS);
	bool same = n >= 0;

	for (int i = 0; same && i < n; i++)
		same = run->groups[i] == ids->gid ||
		    listed(run->groups[i], ids->groups, ids->n_groups);
	for (int i = 0; same && i < ids->n_groups; i++)
		same = ids->groups[i] == ids->gid ||
		    listed(ids->groups[i], run->groups, n);
	return same;
}

/* As pcl_os_user_become, for the one thread that there is. */
static int PCL_BARE
become(struct pcl_exec_run *run)
{
	const struct pcl_posix_ids *ids = &run->ids;
	int rc = 0;

	run->step = PCL_OS_EXEC_USER;
	/* Each needs the right that the next one gives up. */
	if (!in_groups(run))
		rc = pcl_bare_set_groups(ids->groups, ids->n_groups);
	if (rc >= 0)
		rc = pcl_bare_set_gid(ids->gid);
	if (rc >= 0 && ids->other)
		rc = pcl_bare_set_uid(ids->uid);
	if (rc < 0)
		return rc;
	if (!pcl_bare_is(ids->uid, ids->gid) || !in_groups(run) ||
	    (ids->other && ids->uid != 0 &&
	    pcl_bare_may_return(ids->gid != 0)))
		return PROCLC_EPERM;
	return 0;
}

static int PCL_BARE
die_with_parent(struct pcl_exec_run *run)
{
	run->step = PCL_OS_EXEC_PARENT;
	if (pcl_bare_gains(NULL))
		return PROCLC_ENOTSUP;
	return pcl_bare_die_with(run->parent);
}

static int PCL_BARE
try_file(struct pcl_exec_run *run, const char *path)
{
	run->tried = path;
	run->step = PCL_OS_EXEC_RUN;
	if (run->exec->die_with_parent && pcl_bare_gains(path)) {
		run->step = PCL_OS_EXEC_PARENT;
		return PROCLC_ENOTSUP;
	}
	return pcl_bare_run(path, run->exec->argv, run->env);
}

/* dir/file into the room for it; the next element, or NULL. */
static const char * PCL_BARE
join(struct pcl_exec_run *run, const char *dir)
{
	const char *file = run->exec->file;
	char *at = run->path;

	while (*dir != '\0' && *dir != ':')
		*at++ = *dir++;
	/* An empty one is the directory that we are in. */
	if (at != run->path)
		*at++ = '/';
	while (*file != '\0')
		*at++ = *file++;
	*at = '\0';
	return *dir == ':' ? dir + 1 : NULL;
}

/* Not here, but perhaps further on. */
static bool PCL_BARE
is_elsewhere(int rc)
{
	return rc == -EACCES || rc == -ENOENT || rc == -ENOTDIR ||
	    rc == -ESTALE || rc == -ENODEV || rc == -ETIMEDOUT;
}

/* As execvp(3), but no shell runs what is no program. */
static int PCL_BARE
look_for(struct pcl_exec_run *run)
{
	const char *next = run->search, *dir, *refused = NULL;
	int rc = PROCLC_ENOENT;

	while ((dir = next) != NULL) {
		next = join(run, dir);
		rc = try_file(run, run->path);
		if (!is_elsewhere(rc))
			return rc;
		if (rc == PROCLC_EACCES && refused == NULL)
			refused = dir;
	}
	run->tried = run->exec->file;
	if (refused == NULL)
		return PROCLC_ENOENT;
	join(run, refused);
	run->tried = run->path;
	return PROCLC_EACCES;
}

/* Where its job cannot be entered, the other way is tried. */
static int PCL_BARE
keep_about(struct pcl_exec_run *run)
{
	run->step = PCL_OS_EXEC_TREE;
	if (run->exec->job != NULL && pcl_bare_enter(run->exec->job) >= 0)
		return 0;
	return pcl_bare_inherit();
}

static int PCL_BARE
all_steps(struct pcl_exec_run *run)
{
	const struct pcl_os_exec *exec = run->exec;
	int rc = 0;

	if (run->handlers)
		pcl_bare_forget();
	/* At once, for a step may take long; and again after the user. */
	pcl_bare_hear();
	run->step = PCL_OS_EXEC_PARENT;
	if (exec->die_with_parent)
		rc = pcl_bare_die_with(run->parent);
	if (rc < 0)
		return rc;
	run->step = PCL_OS_EXEC_GROUP;
	if (exec->group)
		rc = pcl_bare_lead();
	if (rc >= 0 && exec->tree)
		rc = keep_about(run);
	if (exec->has_umask)
		pcl_bare_umask(exec->umask);
	if (rc >= 0)
		rc = set_descriptors(run);
	if (rc >= 0)
		rc = set_limits(run);
	if (rc >= 0 && exec->user != NULL)
		rc = become(run);
	if (rc >= 0 && exec->chdir != NULL) {
		run->step = PCL_OS_EXEC_CHDIR;
		rc = pcl_bare_chdir(exec->chdir);
	}
	/* After the user: to become another one is to forget it. */
	if (rc >= 0 && exec->die_with_parent)
		rc = die_with_parent(run);
	if (rc < 0)
		return rc;
	/* What was held back is for the program, like all that comes now. */
	run->running = true;
	pcl_bare_open_signals();
	return run->search != NULL ? look_for(run) :
	    try_file(run, exec->file);
}

void PCL_BARE
pcl_exec_steps(struct pcl_exec_run *run)
{
	run->error = -all_steps(run);
}
