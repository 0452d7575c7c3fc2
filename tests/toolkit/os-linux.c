/* The test tools on Linux: /proc, prctl, pidfd, namespaces. */
#define _GNU_SOURCE 1

#include "os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *
os_program_path(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);

	if (n < 0)
		return NULL;
	buf[n] = '\0';
	return buf;
}

/* Reads a small file whole: its length, the text ends with a NUL. */
static ssize_t
read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -1;
	while (n > 0 && used < size - 1) {
		n = read(fd, buf + used, size - 1 - used);
		if (n > 0)
			used += (size_t)n;
	}
	close(fd);
	buf[used] = '\0';
	return n < 0 ? -1 : (ssize_t)used;
}

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text);
}

/* The names of a directory that are numbers. */
static int
list_numbers(const char *path, int **list)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int *grown;
	int n = 0;

	*list = NULL;
	if (dir == NULL)
		return OS_UNKNOWN;
	while ((entry = readdir(dir)) != NULL) {
		int number = atoi(entry->d_name);

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		grown = realloc(*list, ((size_t)n + 1) * sizeof(**list));
		if (grown == NULL)
			abort();
		*list = grown;
		grown[n++] = number;
	}
	closedir(dir);
	return n;
}

int
os_fds(int **list)
{
	return list_numbers("/proc/self/fd", list);
}

int
os_process(pid_t pid, struct os_process *process)
{
	char path[64], text[1024];
	char *open_paren, *close_paren;
	int pgid, sid, ppid;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return OS_UNKNOWN;
	/* The name may hold blanks and parentheses: the last one counts. */
	open_paren = strchr(text, '(');
	close_paren = strrchr(text, ')');
	if (open_paren == NULL || close_paren == NULL)
		return OS_UNKNOWN;
	*close_paren = '\0';
	if (sscanf(close_paren + 1, " %c %d %d %d %d", &process->state,
	    &ppid, &pgid, &sid, &process->tty) != 5)
		return OS_UNKNOWN;
	process->pid = pid;
	process->ppid = ppid;
	process->pgid = pgid;
	process->sid = sid;
	snprintf(process->name, sizeof(process->name), "%.31s", open_paren + 1);
	return 0;
}

void
os_command_line(pid_t pid, char *buf, size_t size)
{
	struct os_process process;
	char path[64];
	ssize_t n, i;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	n = read_text(path, buf, size);
	for (i = 0; i + 1 < n; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
	if (n > 0)
		return;
	if (os_process(pid, &process) == 0)
		snprintf(buf, size, "[%s]", process.name);
	else
		snprintf(buf, size, "[gone]");
}

int
os_processes(struct os_process **list)
{
	int *pids;
	int found = list_numbers("/proc", &pids);
	int i, n = 0;

	*list = NULL;
	if (found == OS_UNKNOWN || found == 0)
		return OS_UNKNOWN;
	*list = calloc((size_t)found, sizeof(**list));
	if (*list == NULL)
		abort();
	for (i = 0; i < found; i++)
		if (os_process(pids[i], &(*list)[n]) == 0)
			n++;
	free(pids);
	return n;
}

static void
read_thread(pid_t tid, struct os_thread *thread)
{
	char path[64], text[4096];
	char *line;

	memset(thread, 0, sizeof(*thread));
	thread->tid = tid;
	thread->self = tid == (pid_t)syscall(SYS_gettid);
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)tid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return;
	sscanf(text, "Name:\t%31[^\n]", thread->name);
	line = strstr(text, "\nSigBlk:");
	if (line != NULL)
		thread->blocked = strtoull(line + 8, NULL, 16);
}

int
os_threads(struct os_thread **list)
{
	int *tids;
	int found = list_numbers("/proc/self/task", &tids);
	int i;

	*list = NULL;
	if (found == OS_UNKNOWN)
		return OS_UNKNOWN;
	*list = calloc((size_t)found, sizeof(**list));
	if (*list == NULL)
		abort();
	for (i = 0; i < found; i++)
		read_thread(tids[i], &(*list)[i]);
	free(tids);
	return found;
}

void
os_fd_target(int fd, char *buf, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, buf, size - 1);
	buf[n < 0 ? 0 : n] = '\0';
}

bool
os_fd_is_self(int fd)
{
	char path[64], text[1024];
	char *line;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (read_text(path, text, sizeof(text)) <= 0)
		return false;
	line = strstr(text, "\nPid:");
	return line != NULL && atoi(line + 5) == getpid();
}

int
os_umask(void)
{
	char text[4096];
	char *line;

	if (read_text("/proc/self/status", text, sizeof(text)) <= 0)
		return OS_UNKNOWN;
	line = strstr(text, "\nUmask:");
	return line == NULL ? OS_UNKNOWN : (int)strtol(line + 7, NULL, 8);
}

int
os_traits(char *buf, size_t size)
{
	int death_signal = 0, subreaper = 0;

	if (prctl(PR_GET_PDEATHSIG, &death_signal) < 0 ||
	    prctl(PR_GET_CHILD_SUBREAPER, &subreaper) < 0)
		return OS_UNKNOWN;
	snprintf(buf, size, "parent death signal %d, subreaper %d, "
	    "dumpable %d", death_signal, subreaper, prctl(PR_GET_DUMPABLE));
	return 0;
}

int
os_process_handle(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? OS_UNKNOWN : (int)fd;
}

int
os_pipe(int fds[2])
{
	return pipe2(fds, O_CLOEXEC);
}

bool
os_become_subreaper(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

/* Namespaces. */

struct isolation {
	int (*init)(void *);
	void *arg;
	uid_t uid;
	gid_t gid;
	bool user;
	int report[2];       /* the reason of a failure; EOF: it runs */
};

static int
failed(const struct isolation *self, const char *step)
{
	dprintf(self->report[1], "%s: %s", step, strerror(errno));
	return 1;
}

/* Every id stays itself: inside, a plain user is still a plain user. */
static bool
map_ids(const struct isolation *self)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "%u %u 1", self->uid, self->uid);
	snprintf(gids, sizeof(gids), "%u %u 1", self->gid, self->gid);
	return write_text("/proc/self/uid_map", uids) &&
	    write_text("/proc/self/setgroups", "deny") &&
	    write_text("/proc/self/gid_map", gids);
}

/*
 * Our mount must not reach the outer tree.  In a plain chroot "/" is no
 * mount point; then what counts is the mount that ours will lie on, and
 * without one we would rather have no namespace.
 */
static bool
mount_proc(void)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
	    mount("none", "/proc", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	return mount("proc", "/proc", "proc",
	    MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

/* EOF on our end of the pipe's twin tells what getppid() == 0 cannot. */
static bool
die_with_parent(const struct isolation *self)
{
	struct pollfd end = { .fd = self->report[1], .events = POLLOUT };

	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    poll(&end, 1, 0) >= 0 && (end.revents & POLLERR) == 0;
}

static int
enter(const struct isolation *self)
{
	close(self->report[0]);
	if (!die_with_parent(self))
		return failed(self, "prctl");
	if (self->user && !map_ids(self))
		return failed(self, "map ids");
	if (!mount_proc())
		return failed(self, "mount /proc");
	close(self->report[1]);
	return self->init(self->arg);
}

/*
 * fork() into new namespaces.  The argument is the first version of the
 * kernel's struct clone_args; the call has one number everywhere.
 */
static pid_t
fork_into(uint64_t flags)
{
	enum { NR_CLONE3 = 435 };
	uint64_t args[8] = { [0] = flags, [4] = SIGCHLD };

	return (pid_t)syscall(NR_CLONE3, args, sizeof(args));
}

/* One try: the pid of the init that runs, or OS_UNKNOWN. */
static pid_t
try_isolation(struct isolation *self, char *why, size_t size)
{
	uint64_t flags = CLONE_NEWPID | CLONE_NEWNS;
	ssize_t n;
	pid_t pid;

	if (pipe2(self->report, O_CLOEXEC) < 0)
		abort();
	if (self->user)
		flags |= CLONE_NEWUSER;
	pid = fork_into(flags);
	if (pid == 0)
		_exit(enter(self));
	if (pid < 0)
		dprintf(self->report[1], "clone3: %s", strerror(errno));
	close(self->report[1]);
	n = read(self->report[0], why, size - 1);
	close(self->report[0]);
	if (n <= 0)
		return pid;
	why[n] = '\0';
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return OS_UNKNOWN;
}

pid_t
os_run_isolated(int (*init)(void *), void *arg, char *why, size_t size)
{
	struct isolation self = {
		.init = init, .arg = arg, .uid = geteuid(), .gid = getegid(),
		.user = geteuid() != 0,
	};
	pid_t pid = try_isolation(&self, why, size);

	/* root without the right to (a container) may still have this */
	if (pid == OS_UNKNOWN && !self.user) {
		char other[256];

		self.user = true;
		pid = try_isolation(&self, other, sizeof(other));
	}
	return pid;
}
