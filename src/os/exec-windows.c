/*
 * exec-windows.c - programs to run.
 *
 * There is no child that takes one step after the other: all is made here, and
 * the process begins with it.  The steps are told apart all the same, in the
 * same order.  What a process here does not have is refused, not left out.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/winmake.h"

/* The system takes a line of so many, with its end. */
enum { LINE = 32767 };

const bool pcl_os_exec_forks = false;
/* A job is the process's. */
const bool pcl_os_exec_ties_to_thread = false;

struct program {
	const struct pcl_os_exec *exec;
	struct pcl_os_exec_failure *failure;
	struct pcl_win_make make;
	enum pcl_os_exec_step of_job[PCL_WIN_JOBS];
	struct pcl_win_born born;
	HANDLE opened[3];
	wchar_t *image, *directory;
};

/* Which step failed; 0: none. */
static int
at(struct program *p, int rc, enum pcl_os_exec_step step, int index)
{
	if (rc < 0) {
		p->failure->step = step;
		p->failure->index = index;
	}
	return rc;
}

static void
add_job(struct program *p, HANDLE job, enum pcl_os_exec_step step)
{
	p->of_job[p->make.n_jobs] = step;
	p->make.jobs[p->make.n_jobs++] = job;
}

/* The tree is about the group, and that about the leash. */
static int
set_jobs(struct program *p)
{
	HANDLE tree = pcl_win_job_at(p->exec->job);
	int rc = 0;

	if (p->exec->tree && tree == NULL)
		return at(p, PROCLC_ENOTSUP, PCL_OS_EXEC_TREE, 0);
	if (tree != NULL)
		add_job(p, tree, PCL_OS_EXEC_TREE);
	if (p->exec->group) {
		rc = at(p, pcl_win_job_new(false, &p->born.job),
		    PCL_OS_EXEC_GROUP, 0);
		if (rc == 0)
			add_job(p, p->born.job, PCL_OS_EXEC_GROUP);
	}
	if (rc == 0 && p->exec->die_with_parent) {
		rc = at(p, pcl_win_job_new(true, &p->born.leash),
		    PCL_OS_EXEC_PARENT, 0);
		if (rc == 0)
			add_job(p, p->born.leash, PCL_OS_EXEC_PARENT);
	}
	return rc;
}

static int
open_file(const struct pcl_os_stdio *s, int number, HANDLE *opened)
{
	bool null = s->kind == PCL_OS_STDIO_NULL;
	bool append = s->kind == PCL_OS_STDIO_APPEND;
	wchar_t *path = pcl_win_wide(null ? "NUL" : s->path);
	int rc = 0;

	if (path == NULL)
		return PROCLC_ENOMEM;
	*opened = CreateFileW(path, number == 0 ? GENERIC_READ : append ?
	    FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE :
	    GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE |
	    FILE_SHARE_DELETE, NULL, number == 0 || null ? OPEN_EXISTING :
	    append ? OPEN_ALWAYS : CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
	if (*opened == INVALID_HANDLE_VALUE) {
		rc = pcl_win_last_error();
		*opened = NULL;
	}
	free(path);
	return rc;
}

static int
set_standard(struct program *p, int number)
{
	const struct pcl_os_stdio *s = &p->exec->stdio[number];
	HANDLE *to = &p->make.standard[number];
	DWORD flags;
	int rc = 0;

	switch (s->kind) {
	case PCL_OS_STDIO_INHERIT:
		*to = pcl_win_standard(number);
		return 0;
	case PCL_OS_STDIO_OUT:
		*to = p->make.standard[1];
		return 0;
	case PCL_OS_STDIO_HANDLE:
		*to = pcl_win_handle(s->handle);
		return GetHandleInformation(*to, &flags) ? 0 : PROCLC_EBADF;
	default:
		rc = open_file(s, number, &p->opened[number]);
		*to = p->opened[number];
		return rc;
	}
}

static int
set_handles(struct program *p)
{
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = at(p, set_standard(p, i), PCL_OS_EXEC_REDIRECT, i);
	p->make.passes = p->exec->passes;
	p->make.n_passes = p->exec->n_passes;
	return rc;
}

static int
refuse(struct program *p)
{
	const struct pcl_os_exec *exec = p->exec;

	if (exec->keep_fds)
		return at(p, PROCLC_ENOTSUP, PCL_OS_EXEC_HIDE, 0);
	if (exec->has_umask)
		return at(p, PROCLC_ENOTSUP, PCL_OS_EXEC_UMASK, 0);
	if (exec->n_limits > 0)
		return at(p, PROCLC_ENOTSUP, PCL_OS_EXEC_LIMIT, 0);
	return exec->user == NULL ? 0 :
	    at(p, PROCLC_ENOTSUP, PCL_OS_EXEC_USER, 0);
}

static int
full_directory(const wchar_t *dir, wchar_t **full)
{
	DWORD attributes = GetFileAttributesW(dir), n;

	if (attributes == INVALID_FILE_ATTRIBUTES)
		return pcl_win_last_error();
	if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
		return PROCLC_ENOTDIR;
	n = GetFullPathNameW(dir, 0, NULL, NULL);
	*full = calloc(n + 1, sizeof(**full));
	if (*full == NULL)
		return PROCLC_ENOMEM;
	return GetFullPathNameW(dir, n + 1, *full, NULL) == 0 ?
	    pcl_win_last_error() : 0;
}

static int
set_directory(struct program *p)
{
	wchar_t *dir;
	int rc;

	if (p->exec->chdir == NULL)
		return 0;
	dir = pcl_win_wide(p->exec->chdir);
	rc = dir == NULL ? PROCLC_ENOMEM : full_directory(dir, &p->directory);
	free(dir);
	p->make.directory = p->directory;
	return at(p, rc, PCL_OS_EXEC_CHDIR, 0);
}

/* What was to be run, or its end, and why not where no error says it. */
static void
name_file(struct program *p, const char *why)
{
	char *to = p->failure->path, text[4 * MAX_PATH];
	size_t room = sizeof(p->failure->path) - 1 - strlen(why), n;

	if (p->image == NULL || WideCharToMultiByte(CP_UTF8, 0, p->image, -1,
	    text, sizeof(text), NULL, NULL) == 0)
		snprintf(text, sizeof(text), "%s", p->exec->file);
	n = strlen(text);
	snprintf(to, sizeof(p->failure->path), "%s%s",
	    n > room ? text + n - room : text, why);
}

/* The program's name stands in quotes, and there is no way to write one in it;
 * of a backslash before the last one, programs think differently. */
static int
set_line(struct program *p)
{
	const char *name = p->exec->argv[0];
	size_t n = strlen(name);

	if (strchr(name, '"') != NULL || (n > 0 && name[n - 1] == '\\'))
		return PROCLC_EINVAL;
	p->make.line = pcl_win_command_line(p->exec->argv);
	if (p->make.line == NULL)
		return PROCLC_ENOMEM;
	return wcslen(p->make.line) >= LINE ? PROCLC_E2BIG : 0;
}

static int
set_program(struct program *p)
{
	const char *why = "";
	int rc = pcl_win_find(p->exec->file, p->exec->search, p->directory,
	    &p->image);

	if (rc == 0 && pcl_win_is_batch(p->image)) {
		why = " (a batch file, which a shell runs)";
		rc = PROCLC_ENOEXEC;
	}
	if (rc == 0)
		rc = set_line(p);
	if (rc == 0 && p->exec->env != NULL) {
		p->make.environment = pcl_win_environment(p->exec->env);
		rc = p->make.environment == NULL ? PROCLC_ENOMEM : 0;
	}
	p->make.image = p->image;
	name_file(p, why);
	return at(p, rc, PCL_OS_EXEC_RUN, 0);
}

static int
make(struct program *p, PROCESS_INFORMATION *made)
{
	struct pcl_win_fault fault = { .index = 0 };
	int rc;

	if (p->exec->group)
		p->make.flags |= CREATE_NEW_PROCESS_GROUP;
	/* Where we have no console it has none either, not a new one. */
	if (GetConsoleCP() == 0)
		p->make.flags |= DETACHED_PROCESS;
	rc = pcl_win_make(&p->make, made, &fault);
	switch (fault.what) {
	case PCL_WIN_HANDLE:
		return at(p, rc, PCL_OS_EXEC_REDIRECT, fault.index);
	case PCL_WIN_JOB:
		return at(p, rc, p->of_job[fault.index], 0);
	default:
		return at(p, rc, rc == PROCLC_ENOTDIR ? PCL_OS_EXEC_CHDIR :
		    PCL_OS_EXEC_RUN, 0);
	}
}

static void
clean_up(struct program *p)
{
	for (int i = 0; i < 3; i++)
		if (p->opened[i] != NULL)
			CloseHandle(p->opened[i]);
	free(p->image);
	free(p->directory);
	free(p->make.line);
	free(p->make.environment);
}

static void
close_jobs(const struct program *p)
{
	if (p->born.job != NULL)
		CloseHandle(p->born.job);
	if (p->born.leash != NULL)
		CloseHandle(p->born.leash);
}

int64_t
pcl_os_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure)
{
	struct program p = { .exec = exec, .failure = failure };
	PROCESS_INFORMATION made;
	int rc = set_jobs(&p);

	if (rc == 0)
		rc = set_handles(&p);
	if (rc == 0)
		rc = refuse(&p);
	if (rc == 0)
		rc = set_directory(&p);
	if (rc == 0)
		rc = set_program(&p);
	if (rc == 0)
		rc = make(&p, &made);
	clean_up(&p);
	if (rc < 0) {
		close_jobs(&p);
		return rc;
	}
	failure->step = PCL_OS_EXEC_BIRTH;
	return pcl_win_release(&made, &p.born);
}
