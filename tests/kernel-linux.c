/* Linux: /proc, namespaces, calls that libc has no function for. */
#define _GNU_SOURCE 1

#include "kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NR_CLONE3 = 435, NR_PIDFD_OPEN = 434 };

/* The first version of the kernel's struct clone_args; one number for all. */
static pid_t
clone_process(uint64_t flags)
{
	uint64_t args[8] = { [0] = flags, [4] = SIGCHLD };

	return (pid_t)syscall(NR_CLONE3, args, sizeof(args));
}

pid_t
kernel_quiet_fork(void)
{
	return _Fork();
}

pid_t
kernel_raw_fork(void)
{
	return clone_process(0);
}

pid_t
kernel_fork_init(void)
{
	return clone_process(CLONE_NEWPID);
}

static bool
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

bool
kernel_isolated(void)
{
	char name[64];

	return read_text("/proc/1/comm", name, sizeof(name)) &&
	    strstr(name, "isolate") != NULL;
}

bool
kernel_next_pid(pid_t pid)
{
	char text[32];
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	int n = snprintf(text, sizeof(text), "%d", (int)pid - 1);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, (size_t)n) == n;
	close(fd);
	return done;
}

/* The word after "\nKEY:" in a status file. */
static const char *
field(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at == NULL ? NULL : at + strlen(key);
}

static int64_t
waits_of(const char *path, const char *thread)
{
	char text[4096], name[32] = "";
	const char *at;

	if (!read_text(path, text, sizeof(text)) ||
	    sscanf(text, "Name:\t%31[^\n]", name) != 1 ||
	    strcmp(name, thread) != 0)
		return -1;
	at = field(text, "\nvoluntary_ctxt_switches:");
	return at == NULL ? -1 : strtoll(at, NULL, 10);
}

int64_t
kernel_waits(pid_t pid, const char *thread)
{
	char path[300];
	int64_t sum = -1, n;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/status",
		    (int)pid, entry->d_name);
		n = waits_of(path, thread);
		if (n >= 0)
			sum = sum < 0 ? n : sum + n;
	}
	closedir(dir);
	return sum;
}

static uint64_t
signals(pid_t pid, const char *key)
{
	char path[64], text[4096];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (!read_text(path, text, sizeof(text)))
		return UINT64_MAX;
	at = field(text, key);
	return at == NULL ? UINT64_MAX : strtoull(at, NULL, 16);
}

uint64_t
kernel_ignored(pid_t pid)
{
	return signals(pid, "\nSigIgn:");
}

uint64_t
kernel_caught(pid_t pid)
{
	return signals(pid, "\nSigCgt:");
}

uint64_t
kernel_blocked(pid_t pid)
{
	return signals(pid, "\nSigBlk:");
}

int
kernel_signal_fd(int signum)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signum);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int
kernel_signal_read(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return -1;
	return (int)info.ssi_signo;
}

bool
kernel_refuse_pidfds(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NR_PIDFD_OPEN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

void
kernel_close(int fd)
{
	syscall(SYS_close, fd);
}

bool
kernel_lock_file(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool
kernel_mount_small(const char *dir, unsigned kilobytes)
{
	char options[64];

	snprintf(options, sizeof(options), "size=%uk,mode=0755", kilobytes);
	return mount("small", dir, "tmpfs", 0, options) == 0;
}

void
kernel_unmount(const char *dir)
{
	umount2(dir, MNT_DETACH);
}

/* struct pidfd_info of <linux/pidfd.h>, as far as is asked here. */
bool
kernel_keeps_status(void)
{
	struct {
		uint64_t mask, cgroup;
		uint32_t ids[11];
		int32_t exit_code;
	} info = { .mask = 8 };	/* PIDFD_INFO_EXIT */
	pid_t pid = fork();
	bool keeps = false;
	int fd;

	if (pid == 0)
		_exit(7);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	waitpid(pid, NULL, 0);
	if (fd < 0)
		return false;
	if (ioctl(fd, _IOWR(0xff, 11, info), &info) == 0)
		keeps = (info.mask & 8) != 0 && info.exit_code == 7 << 8;
	close(fd);
	return keeps;
}

bool
kernel_keep_rights(void)
{
	enum { NO_SETUID_FIXUP = 1 << 2 };

	return prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0) == 0;
}

bool
kernel_hold(pid_t pid)
{
	int status;

	return ptrace(PTRACE_SEIZE, pid, 0, 0) == 0 &&
	    ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0 &&
	    waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

bool
kernel_unshare_pids(void)
{
	return unshare(CLONE_NEWPID) == 0;
}
