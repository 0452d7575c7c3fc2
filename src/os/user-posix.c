/*
 * user-posix.c - to be somebody else, for good.
 *
 * Everything that may ask files or servers is asked by find; become is system
 * calls alone.  getgrouplist(3) and setgroups(2) are not in POSIX, but
 * everywhere.
 */
#include <config.h>

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined __linux__
#include <sys/prctl.h>
#endif

#include "os/os.h"
#include "os/posix.h"

enum { VARIABLES = 5 };

struct pcl_os_user {
	bool other;	/* not only the group changes */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int n_groups;
	char *variables[VARIABLES];	/* "HOME=...", to a NULL */
};

/* A database entry with its strings, whatever their size. */
struct entry {
	char *text;
	size_t size;
};

static int
grow(struct entry *entry)
{
	size_t size = entry->size == 0 ? 1024 : 2 * entry->size;
	char *text = realloc(entry->text, size);

	if (text == NULL)
		return PROCLC_ENOMEM;
	entry->text = text;
	entry->size = size;
	return 0;
}

/* A number that stands for itself. */
static bool
number(const char *name, unsigned long *n)
{
	char *end;

	if (*name < '0' || *name > '9')
		return false;
	errno = 0;
	*n = strtoul(name, &end, 10);
	/* The highest one means "no change" to the system. */
	return errno == 0 && *end == '\0' && *n < UINT32_MAX;
}

/* These mean that there is none, says getpwnam(3). */
static int
missing(int error)
{
	if (error == 0 || error == ENOENT || error == ESRCH ||
	    error == EBADF || error == EPERM)
		return PROCLC_EUSER;
	return -error;
}

/* By name, else by number; *found is NULL for a number without an entry. */
static int
find_user(const char *name, struct passwd *pw, struct entry *entry,
    struct passwd **found)
{
	unsigned long n = 0;
	bool by_number = number(name, &n);
	int error;

	do {
		if (grow(entry) < 0)
			return PROCLC_ENOMEM;
		error = getpwnam_r(name, pw, entry->text, entry->size, found);
		if (error == 0 && *found == NULL && by_number)
			error = getpwuid_r((uid_t)n, pw, entry->text,
			    entry->size, found);
	} while (error == ERANGE);
	if (*found != NULL)
		return 0;
	/* That nobody could be asked does not make it a bare number. */
	if (!by_number || missing(error) != PROCLC_EUSER)
		return missing(error);
	pw->pw_uid = (uid_t)n;
	return 0;
}

static int
find_group(const char *name, gid_t *gid)
{
	struct entry entry = { NULL, 0 };
	struct group group, *found = NULL;
	unsigned long n = 0;
	int error = ERANGE;

	while (error == ERANGE && grow(&entry) == 0)
		error = getgrnam_r(name, &group, entry.text, entry.size,
		    &found);
	if (found != NULL)
		*gid = group.gr_gid;
	free(entry.text);
	if (found != NULL)
		return 0;
	if (error == ERANGE)
		return PROCLC_ENOMEM;
	if (missing(error) != PROCLC_EUSER || !number(name, &n))
		return missing(error);
	*gid = (gid_t)n;
	return 0;
}

/* All groups of a user, its own first. */
static int
list_groups(struct pcl_os_user *u, const char *name)
{
	int n = name == NULL ? 1 : 32, room;
	gid_t *groups = NULL;

	do {
		room = n;
		free(groups);
		groups = malloc((size_t)room * sizeof(*groups));
		if (groups == NULL)
			return PROCLC_ENOMEM;
		groups[0] = u->gid;
		/* musl tells how many there are, glibc too */
		if (name != NULL && getgrouplist(name, u->gid, groups,
		    &n) < 0 && n <= room)
			n = 2 * room;
	} while (n > room && room <= NGROUPS_MAX);
	u->groups = groups;
	u->n_groups = n;
	return 0;
}

static int
set_variables(struct pcl_os_user *u, const struct passwd *pw)
{
	const char *names[] = { "HOME", "USER", "LOGNAME", "SHELL" };
	const char *values[] = { pw->pw_dir, pw->pw_name, pw->pw_name,
	    pw->pw_shell };
	size_t size;
	int n = 0;

	for (int i = 0; i < VARIABLES - 1; i++) {
		if (values[i] == NULL || values[i][0] == '\0')
			continue;
		size = strlen(names[i]) + strlen(values[i]) + 2;
		u->variables[n] = malloc(size);
		if (u->variables[n] == NULL)
			return PROCLC_ENOMEM;
		snprintf(u->variables[n++], size, "%s=%s", names[i],
		    values[i]);
	}
	return 0;
}

static int
fill(struct pcl_os_user *u, const char *user, const char *group,
    struct entry *entry)
{
	struct passwd pw, *found = NULL;
	int rc = 0;

	u->uid = geteuid();
	u->other = user != NULL;
	if (user != NULL)
		rc = find_user(user, &pw, entry, &found);
	if (rc == 0 && user != NULL)
		u->uid = pw.pw_uid;
	if (rc == 0 && group != NULL)
		rc = find_group(group, &u->gid);
	else if (rc == 0 && found != NULL)
		u->gid = pw.pw_gid;
	else if (rc == 0)
		rc = PROCLC_EUSER;	/* a bare number has no group */
	if (rc == 0)
		rc = list_groups(u, found == NULL ? NULL : pw.pw_name);
	if (rc == 0 && found != NULL)
		rc = set_variables(u, &pw);
	return rc;
}

int
pcl_os_user_find(const char *user, const char *group,
    struct pcl_os_user **out)
{
	struct pcl_os_user *u = calloc(1, sizeof(*u));
	struct entry entry = { NULL, 0 };
	int rc;

	if (u == NULL)
		return PROCLC_ENOMEM;
	rc = fill(u, user, group, &entry);
	free(entry.text);
	if (rc < 0) {
		pcl_os_user_free(u);
		return rc;
	}
	*out = u;
	return 0;
}

void
pcl_os_user_free(struct pcl_os_user *u)
{
	if (u == NULL)
		return;
	for (int i = 0; i < VARIABLES; i++)
		free(u->variables[i]);
	free(u->groups);
	free(u);
}

char **
pcl_os_user_variables(struct pcl_os_user *u)
{
	return u->variables;
}

struct pcl_posix_ids
pcl_posix_user_ids(const struct pcl_os_user *u)
{
	return (struct pcl_posix_ids){ .other = u->other, .uid = u->uid,
	    .gid = u->gid, .groups = u->groups, .n_groups = u->n_groups };
}

int
pcl_os_user_own(const struct pcl_os_user *u, intptr_t file)
{
	return fchown((int)file, u->uid, u->gid) == 0 ? 0 : -errno;
}

static bool
listed(gid_t gid, const gid_t *groups, int n)
{
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

/* The process is in these groups, and in no others. */
static bool
in_groups(const struct pcl_os_user *u)
{
	int n = getgroups(0, NULL);
	gid_t *now = n < 0 ? NULL : malloc(((size_t)n + 1) * sizeof(*now));
	bool same = now != NULL && getgroups(n, now) == n;

	for (int i = 0; same && i < n; i++)
		same = now[i] == u->gid ||
		    listed(now[i], u->groups, u->n_groups);
	for (int i = 0; same && i < u->n_groups; i++)
		same = u->groups[i] == u->gid ||
		    listed(u->groups[i], now, n);
	free(now);
	return same;
}

static bool
is(const struct pcl_os_user *u)
{
	return getuid() == u->uid && geteuid() == u->uid &&
	    getgid() == u->gid && getegid() == u->gid && in_groups(u);
}

/* Try to be root again: what is left of it, as a saved id or a capability,
 * would let whoever takes over the daemon do the same. */
static bool
can_return(const struct pcl_os_user *u)
{
	if (u->uid == 0)
		return false;
	return seteuid(0) == 0 || setuid(0) == 0 ||
	    (u->gid != 0 && (setegid(0) == 0 || setgid(0) == 0));
}

static int
change(const struct pcl_os_user *u)
{
#if defined __linux__ && defined PR_SET_KEEPCAPS
	/* Else the rights would stay, for whoever asks for them again. */
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
#endif
	/* Each needs the right that the next one gives up.  To set both ids
	 * sets the saved one, too, for which setuid(2) needs a right. */
	if (!in_groups(u) && setgroups((size_t)u->n_groups, u->groups) != 0)
		return -errno;
	if (setregid(u->gid, u->gid) != 0)
		return -errno;
	return u->other && setreuid(u->uid, u->uid) != 0 ? -errno : 0;
}

int
pcl_os_user_become(const struct pcl_os_user *u)
{
	int rc = change(u);

	if (rc == 0 && (!is(u) || (u->other && can_return(u))))
		rc = PROCLC_EPERM;
	return rc;
}
