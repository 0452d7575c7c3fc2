/*
 * job-cgroup.c - a set of processes as a control group, see cgroups(7): a
 * directory of our own, where version 2 is mounted and ours to write.
 *
 * Who is in it stays in it with all its descendants.  The kernel kills all of
 * them at once since Linux 5.14.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/kin.h"
#include "os/posix.h"

/* How deep groups in groups may be, and how often to look for new members. */
enum { DEPTH = 16, PASSES = 50 };

/* The text of a small file; less than 0: it cannot be read. */
static int
read_text(const char *dir, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? PROCLC_EIO : 0;
}

static int
write_text(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	ssize_t n;
	int rc, fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	rc = n < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* The path of a process in version 2: from "0::", without the line's end. */
static bool
read_path(int64_t pid, char *path, size_t size)
{
	char name[64], line[PATH_MAX + 16];
	bool found = false;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%lld/cgroup", (long long)pid);
	file = fopen(name, "re");
	while (file != NULL && !found &&
	    fgets(line, sizeof(line), file) != NULL) {
		found = strncmp(line, "0::/", 4) == 0;
		line[strcspn(line, "\n")] = '\0';
	}
	if (file != NULL)
		fclose(file);
	return found && (size_t)snprintf(path, size, "%s", line + 3) < size;
}

/* Where version 2 is mounted, and which of its directories that shows.  Who
 * has odd characters there does without. */
static bool
find_mount(char *point, char *root)
{
	char line[PATH_MAX * 2 + 256];
	const char *type;
	bool found = false;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file != NULL && !found &&
	    fgets(line, sizeof(line), file) != NULL) {
		type = strstr(line, " - ");
		found = type != NULL && strncmp(type, " - cgroup2 ", 11) == 0 &&
		    sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) ==
		    2 && strchr(root, '\\') == NULL &&
		    strchr(point, '\\') == NULL;
	}
	if (file != NULL)
		fclose(file);
	return found;
}

/* Our own directory; skip: how much of it is only the mount's name, shown:
 * how much of a process's path is not there. */
static bool
find_own(char *dir, size_t size, struct pcl_os_job *job)
{
	char point[PATH_MAX], root[PATH_MAX], path[PATH_MAX];
	size_t n;

	if (!find_mount(point, root) ||
	    !read_path(pcl_os_pid(), path, sizeof(path)) ||
	    strstr(path, "/..") != NULL || strstr(root, "/..") != NULL)
		return false;
	n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(path, root, n) != 0)
		return false;
	job->skip = strlen(point);
	job->hidden = n;
	return (size_t)snprintf(dir, size, "%s%s", point,
	    strcmp(path + n, "/") == 0 ? "" : path + n) < size;
}

/* Members are processes, not single threads. */
static bool
is_domain(const char *dir)
{
	char type[32];

	return read_text(dir, "cgroup.type", type, sizeof(type)) == 0 &&
	    strcmp(type, "domain\n") == 0;
}

/* Call fn with each group in this one, itself the last. */
static void
each_group(const char *dir, int depth, void (*fn)(const char *dir, void *user),
    void *user)
{
	char path[PATH_MAX];
	DIR *stream = depth < DEPTH ? opendir(dir) : NULL;
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir,
		    entry->d_name) < sizeof(path))
			each_group(path, depth + 1, fn, user);
	if (stream != NULL)
		closedir(stream);
	fn(dir, user);
}

static void
remove_group(const char *dir, void *unused)
{
	(void)unused;
	rmdir(dir);
}

/* Whose pids are meant; 0: unknown. */
static unsigned long long
pid_space(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

/* A process that was killed cannot remove its groups, nor can who is in one:
 * so the next process that comes here does it. */
static void
remove_left(const char *own)
{
	DIR *stream = opendir(own);
	unsigned long long space, here = pid_space();
	char path[PATH_MAX];
	struct dirent *entry;
	long long pid;

	while (stream != NULL && (entry = readdir(stream)) != NULL)
		if (sscanf(entry->d_name, "proclc.%lld.%*u.%llu", &pid,
		    &space) == 2 && space == here && pid > 0 &&
		    pid <= INT_MAX && kill((pid_t)pid, 0) != 0 &&
		    errno == ESRCH && (size_t)snprintf(path, sizeof(path),
		    "%s/%s", own, entry->d_name) < sizeof(path))
			each_group(path, 0, remove_group, NULL);
	if (stream != NULL)
		closedir(stream);
}

int
pcl_os_job_make(struct pcl_os_job *job)
{
	static _Atomic unsigned count;
	char own[PATH_MAX - 64], dir[PATH_MAX];
	int rc;

	job->place = NULL;
	if (!find_own(own, sizeof(own), job))
		return PROCLC_ENOTSUP;
	if (atomic_load(&count) == 0)
		remove_left(own);
	do {
		snprintf(dir, sizeof(dir), "%s/proclc.%lld.%u.%llu", own,
		    (long long)pcl_os_pid(), atomic_fetch_add(&count, 1),
		    pid_space());
		rc = mkdir(dir, 0755);
	} while (rc != 0 && errno == EEXIST);
	if (rc != 0)
		return PROCLC_ENOTSUP;
	job->place = is_domain(dir) ? strdup(dir) : NULL;
	if (job->place == NULL)
		rmdir(dir);
	return job->place == NULL ? PROCLC_ENOTSUP : 0;
}

int
pcl_os_job_adopt(struct pcl_os_job *job, const char *place)
{
	char own[PATH_MAX];

	/* Where it is seen from here: before it is entered. */
	if (!find_own(own, sizeof(own), job))
		return PROCLC_ENOTSUP;
	job->place = strdup(place);
	return job->place == NULL ? PROCLC_ENOMEM : 0;
}

int
pcl_os_job_enter(const struct pcl_os_job *job)
{
	return write_text(job->place, "cgroup.procs", "0");
}

bool
pcl_os_job_entry(const struct pcl_os_job *job, char *path, size_t size)
{
	return (size_t)snprintf(path, size, "%s/cgroup.procs", job->place) <
	    size;
}

bool
pcl_os_job_has(const struct pcl_os_job *job, int64_t pid)
{
	char path[PATH_MAX];
	const char *ours = job->place + job->skip;
	size_t n = strlen(ours);

	return read_path(pid, path, sizeof(path)) &&
	    strlen(path) >= job->hidden + n &&
	    strncmp(path + job->hidden, ours, n) == 0 &&
	    (path[job->hidden + n] == '\0' || path[job->hidden + n] == '/');
}

/* Numbers, in no order. */
struct pids {
	int *list;
	size_t n, room;
};

static void
put_pid(struct pids *pids, int pid)
{
	size_t room = pids->room * 2 + 64;
	int *more;

	if (pids->n == pids->room) {
		more = realloc(pids->list, room * sizeof(*more));
		if (more == NULL)
			return;
		pids->list = more;
		pids->room = room;
	}
	pids->list[pids->n++] = pid;
}

/* Those of another pid namespace are 0. */
static void
add_members(const char *dir, void *user)
{
	char path[PATH_MAX];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "%.4000s/cgroup.procs", dir);
	file = fopen(path, "re");
	while (file != NULL && fscanf(file, "%d", &pid) == 1)
		if (pid > 0)
			put_pid(user, pid);
	if (file != NULL)
		fclose(file);
}

/* Only pinned it is sure that it is the member. */
static bool
signal_member(const struct pcl_os_job *job, int pid, const int *signals)
{
	struct pcl_os_process process;
	bool done;

	if (pcl_os_process_pin(&process, pid) < 0)
		return false;
	done = process.handle != PCL_NONE && pcl_os_job_has(job, pid);
	for (; done && *signals != 0; signals++)
		done = pcl_os_process_signal(&process, *signals) == 0;
	pcl_os_process_close(&process);
	return done;
}

/* Each member once, also who comes meanwhile; returns how many. */
static int
signal_all(const struct pcl_os_job *job, int64_t except, const int *signals)
{
	struct pids old = { .n = 0 }, now;
	int total = 0, fresh = 1;

	for (int pass = 0; pass < PASSES && fresh > 0; pass++) {
		now = (struct pids){ .n = 0 };
		fresh = 0;
		each_group(job->place, 0, add_members, &now);
		for (size_t i = 0; i < now.n; i++)
			if (now.list[i] != except && (old.n == 0 ||
			    !pcl_posix_has(old.list, old.n, now.list[i])))
				fresh += signal_member(job, now.list[i],
				    signals);
		total += fresh;
		if (now.n > 0)
			pcl_posix_sort(now.list, now.n);
		free(old.list);
		old = now;
	}
	free(old.list);
	return total;
}

int
pcl_os_job_ask(const struct pcl_os_job *job, int64_t except)
{
	static const int signals[] = { SIGTERM, SIGCONT, 0 };

	return signal_all(job, except, signals);
}

void
pcl_os_job_kill(const struct pcl_os_job *job)
{
	static const int signals[] = { SIGKILL, 0 };

	if (write_text(job->place, "cgroup.kill", "1") < 0)
		signal_all(job, 0, signals);
}

bool
pcl_os_job_lives(const struct pcl_os_job *job)
{
	char text[256];
	int rc = read_text(job->place, "cgroup.events", text, sizeof(text));

	/* Without a descriptor nobody knows. */
	return rc == 0 ? strstr(text, "populated 1") != NULL :
	    rc == PROCLC_EMFILE || rc == PROCLC_ENFILE;
}

int
pcl_os_job_remove(struct pcl_os_job *job)
{
	each_group(job->place, 0, remove_group, NULL);
	if (access(job->place, F_OK) == 0)
		return PROCLC_EBUSY;
	pcl_os_job_forget(job);
	return 0;
}

void
pcl_os_job_forget(struct pcl_os_job *job)
{
	free(job->place);
	job->place = NULL;
}
