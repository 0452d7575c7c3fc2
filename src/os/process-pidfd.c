/*
 * process-pidfd.c - a process pinned by a descriptor (Linux 5.3).
 *
 * pidfd_open(2) and pidfd_send_signal(2) are asked for one by one: a filter
 * or an emulator may know the one and not the other.  Without the first a
 * process is a bare pid; without the second it is signalled by its pid right
 * after a look at the descriptor.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/kin.h"
#include "os/posix.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

const char pcl_os_process_handles[] = "pidfd";

static bool
refused(int error)
{
	return error == ENOSYS || error == EPERM;
}

int
pcl_os_process_pin(struct pcl_os_process *process, int64_t pid)
{
	int fd;

	if (pid < 1 || pid > INT32_MAX)
		return PROCLC_ESRCH;
	process->pid = pid;
	process->handle = PCL_NONE;
	fd = pcl_posix_high((int)syscall(SYS_pidfd_open, (pid_t)pid, 0));
	if (fd >= 0) {
		process->handle = fd;
		return 0;
	}
	/* The number of a thread: ENOENT since Linux 6.15, EINVAL before. */
	if (fd == PROCLC_ENOENT || fd == PROCLC_EINVAL)
		return PROCLC_ESRCH;
	if (refused(-fd))
		return kill((pid_t)pid, 0) == 0 || errno == EPERM ? 0 :
		    PROCLC_ESRCH;
	return fd;
}

int
pcl_os_process_open(struct pcl_os_process *process, int64_t pid)
{
	int rc = pcl_os_process_pin(process, pid);

	if (rc < 0 || process->handle == PCL_NONE)
		return rc;
	rc = pcl_os_file_id(process->handle, &process->id);
	if (rc < 0)
		pcl_os_process_close(process);
	return rc;
}

void
pcl_os_process_close(struct pcl_os_process *process)
{
	pcl_os_close(process->handle);
	process->handle = PCL_NONE;
}

/* Signal 0 is sent to nobody; only what is no pidfd is EBADF. */
static bool
is_pidfd(intptr_t handle)
{
	return syscall(SYS_pidfd_send_signal, (int)handle, 0, NULL, 0) == 0 ||
	    errno != EBADF;
}

bool
pcl_os_process_intact(const struct pcl_os_process *process)
{
	int rc = process->handle == PCL_NONE ? 0 :
	    pcl_os_file_is(process->handle, &process->id);

	/* Since Linux 6.9 a pidfd has an inode of its own; before, all
	 * anonymous ones share one, and only other files are told apart. */
	return rc > 0 || (rc < 0 && is_pidfd(process->handle));
}

/*
 * Read /proc/PID/stat, see proc(5), into text; returns where its third field
 * begins, the state, or NULL.
 */
static const char *
read_stat(int64_t pid, char *text, size_t size)
{
	const char *state = NULL;
	char path[64];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return NULL;
	n = fread(text, 1, size - 1, file);
	fclose(file);
	text[n] = '\0';
	/* The name in brackets may hold anything, brackets too. */
	for (const char *c = text; *c != '\0'; c++)
		if (*c == ')')
			state = c + 2;
	return state;
}

/* Its first thread may be a zombie while others run. */
static bool
is_zombie(int64_t pid)
{
	char text[512];
	const char *state = read_stat(pid, text, sizeof(text));
	int threads;

	if (state == NULL || (*state != 'Z' && *state != 'X'))
		return false;
	/* state is field 3, the number of threads field 20 */
	return sscanf(state, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
	    " %*s %*s %*s %*s %*s %*s %d", &threads) != 1 || threads <= 1;
}

static int64_t
ms_of(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;
}

int
pcl_os_process_older(const struct pcl_os_process *process, intptr_t file)
{
	/* The start is told in ticks, rounded down, and the file's time is
	 * that of the last tick of the kernel. */
	enum { BLUR_MS = 20 };
	char text[512];
	const char *state = read_stat(process->pid, text, sizeof(text));
	long ticks = sysconf(_SC_CLK_TCK);
	struct timespec now, up;
	unsigned long long start;
	struct stat st;
	int64_t began;

	/* state is field 3, the start after boot field 22 */
	if (state == NULL || ticks <= 0 || sscanf(state, "%*c %*s %*s %*s %*s"
	    " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
	    &start) != 1)
		return PROCLC_ENOTSUP;
	if (fstat((int)file, &st) != 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) != 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &up) != 0)
		return -errno;
	began = ms_of(&now) - ms_of(&up) +
	    (int64_t)(start * 1000 / (unsigned long long)ticks);
	return began <= ms_of(&st.st_mtim) + BLUR_MS;
}

/* Without a descriptor: is it there, and not a zombie? */
static int
look_alive(int64_t pid)
{
	if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
		return 0;
	return !is_zombie(pid);
}

int
pcl_os_process_wait(const struct pcl_os_process *process, int64_t due)
{
	struct pollfd entry = { .fd = (int)process->handle, .events = POLLIN };
	int64_t left;
	int rc;

	for (;;) {
		left = due == PCL_NEVER ? 1000 : due - pcl_os_now();
		if (left < 0)
			left = 0;
		if (left > 1000)
			left = 1000;
		if (process->handle == PCL_NONE) {
			if (!look_alive(process->pid))
				return 0;
			/* Nothing to wait for: look every 10 ms. */
			rc = poll(NULL, 0, left < 10 ? (int)left : 10);
		} else {
			rc = poll(&entry, 1, (int)left);
		}
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return -errno;
		if (due != PCL_NEVER && pcl_os_now() >= due)
			return PROCLC_ETIMEDOUT;
	}
}

int
pcl_os_process_alive(const struct pcl_os_process *process)
{
	int rc;

	if (process->handle == PCL_NONE)
		return look_alive(process->pid);
	rc = pcl_os_process_wait(process, pcl_os_now());
	return rc == PROCLC_ETIMEDOUT ? 1 : rc;
}

int
pcl_os_process_signal(const struct pcl_os_process *process, int signum)
{
	if (process->handle != PCL_NONE) {
		if (syscall(SYS_pidfd_send_signal, (int)process->handle,
		    signum, NULL, 0) == 0)
			return 0;
		/* EPERM is also the answer of a filter; kill will tell. */
		if (errno != ENOSYS && errno != EPERM)
			return -errno;
		if (pcl_os_process_alive(process) == 0)
			return PROCLC_ESRCH;
	}
	return kill((pid_t)process->pid, signum) == 0 ? 0 : -errno;
}

int
pcl_os_process_adopt(struct pcl_os_process *process, int64_t pid,
    intptr_t handle)
{
	int rc = pcl_os_inherited(handle);

	process->pid = pid;
	process->handle = handle;
	return rc < 0 || handle == PCL_NONE ? rc :
	    pcl_os_file_id(handle, &process->id);
}

/* Linux 6.13, see <linux/pidfd.h>; the end of a reaped process since 6.15. */
struct info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};
#define GET_INFO _IOWR(0xff, 11, struct info)
enum { INFO_EXIT = 1 << 3 };

int
pcl_os_process_outcome(const struct pcl_os_process *process,
    struct pcl_os_status *status)
{
	struct info info;
	int rc = 0;

	/* Where nobody is to reap it, it is known only a moment after the
	 * descriptor became ready. */
	if (process->handle == PCL_NONE)
		return PROCLC_ENOTSUP;
	for (int tries = 0; tries < 10; tries++) {
		info.mask = INFO_EXIT;
		rc = ioctl((int)process->handle, GET_INFO, &info);
		if (rc == 0 && (info.mask & INFO_EXIT) != 0)
			break;
		if (rc != 0 && errno != ESRCH)
			return PROCLC_ENOTSUP;
		pcl_os_pause(1);
	}
	if (rc != 0 || (info.mask & INFO_EXIT) == 0)
		return PROCLC_ENOTSUP;
	status->known = true;
	status->signaled = WIFSIGNALED(info.exit_code);
	status->number = status->signaled ? WTERMSIG(info.exit_code) :
	    WEXITSTATUS(info.exit_code);
	status->core = status->signaled && WCOREDUMP(info.exit_code);
	return 0;
}

/* Read from /proc/PID/status, see proc(5). */
int
pcl_os_process_stuck(int64_t pid, int64_t *tracer)
{
	char path[64], line[256], state = '?';
	long long by = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%lld/status", (long long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "State: %c", &state) != 1 &&
		    sscanf(line, "TracerPid: %lld", &by) == 1)
			break;
	fclose(file);
	*tracer = by;
	return by != 0 || state == 'D';
}
