/*
 * process-windows.c - a process, pinned by a handle: while one is open its pid
 * is no other's.
 *
 * That one can be opened does not say that it lives: while anybody has a
 * handle, it can be opened when it is long dead.
 */
#include <config.h>

#include <string.h>

#include "os/kin.h"
#include "os/win32.h"

#include <psapi.h>

enum { KILLED = 9 };

const char pcl_os_process_handles[] = "handle";

static uint64_t
ticks(const FILETIME *time)
{
	return (uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime;
}

uint64_t
pcl_win_created(HANDLE process)
{
	FILETIME created, ended, kernel, user;

	if (!GetProcessTimes(process, &created, &ended, &kernel, &user))
		return 0;
	return ticks(&created);
}

HANDLE
pcl_win_open_process(DWORD access, int64_t pid)
{
	HANDLE process;

	if (pid < 1 || pid > UINT32_MAX) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	process = OpenProcess(access, FALSE, (DWORD)pid);
	/* The system takes three more numbers for the same. */
	if (process != NULL && GetProcessId(process) != (DWORD)pid) {
		CloseHandle(process);
		SetLastError(ERROR_INVALID_PARAMETER);
		process = NULL;
	}
	return process;
}

static bool
lives(HANDLE process)
{
	return WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
}

int
pcl_os_process_open(struct pcl_os_process *process, int64_t pid)
{
	HANDLE handle = pcl_win_open_process(SYNCHRONIZE |
	    PROCESS_QUERY_LIMITED_INFORMATION, pid);

	process->pid = pid;
	process->handle = PCL_NONE;
	if (handle == NULL) {
		switch (GetLastError()) {
		case ERROR_INVALID_PARAMETER:
			return pcl_win_last_error_as(PROCLC_ESRCH);
		case ERROR_ACCESS_DENIED:
			return pcl_win_last_error_as(PROCLC_EPERM);
		default:
			return pcl_win_last_error();
		}
	}
	if (!lives(handle)) {
		CloseHandle(handle);
		return PROCLC_ESRCH;
	}
	process->handle = (intptr_t)handle;
	return pcl_os_file_id(process->handle, &process->id);
}

int
pcl_os_process_pin(struct pcl_os_process *process, int64_t pid)
{
	return pcl_os_process_open(process, pid);
}

void
pcl_os_process_close(struct pcl_os_process *process)
{
	pcl_os_close(process->handle);
	process->handle = PCL_NONE;
}

bool
pcl_os_process_intact(const struct pcl_os_process *process)
{
	return process->handle != PCL_NONE &&
	    pcl_os_file_is(process->handle, &process->id) > 0;
}

int
pcl_os_process_alive(const struct pcl_os_process *process)
{
	struct pcl_os_process opened;
	int rc;

	if (process->handle != PCL_NONE)
		return lives(pcl_win_handle(process->handle));
	rc = pcl_os_process_open(&opened, process->pid);
	if (rc == 0)
		pcl_os_process_close(&opened);
	return rc != PROCLC_ESRCH;
}

int
pcl_os_process_older(const struct pcl_os_process *process, intptr_t file)
{
	/* A file system may round the time down, to two seconds at worst. */
	const uint64_t blur = 20 * 10000;
	FILETIME written;
	uint64_t created = process->handle == PCL_NONE ? 0 :
	    pcl_win_created(pcl_win_handle(process->handle));

	if (created == 0)
		return PROCLC_ENOTSUP;
	if (!GetFileTime(pcl_win_handle(file), NULL, NULL, &written))
		return pcl_win_last_error();
	return created <= ticks(&written) + blur;
}

int
pcl_os_process_wait(const struct pcl_os_process *process, int64_t due)
{
	DWORD rc;

	if (process->handle == PCL_NONE)
		return PROCLC_EBADF;
	do {
		rc = WaitForSingleObject(pcl_win_handle(process->handle),
		    pcl_win_left(due));
		if (rc == WAIT_OBJECT_0)
			return 0;
		if (rc == WAIT_FAILED)
			return pcl_win_last_error();
	} while (due == PCL_NEVER || pcl_os_now() < due);
	return PROCLC_ETIMEDOUT;
}

/* The handle pins the pid, so this opens the same process. */
static int
kill_it(int64_t pid)
{
	HANDLE process = pcl_win_open_process(PROCESS_TERMINATE |
	    PROCESS_QUERY_LIMITED_INFORMATION, pid);
	int rc = 0;

	if (process == NULL)
		return pcl_win_last_error_as(GetLastError() ==
		    ERROR_ACCESS_DENIED ? PROCLC_EPERM : PROCLC_ESRCH);
	if (!TerminateProcess(process, pcl_win_death(KILLED)))
		rc = pcl_win_last_error_as(PROCLC_EPERM);
	CloseHandle(process);
	return rc;
}

int
pcl_os_process_signal(const struct pcl_os_process *process, int signum)
{
	HANDLE handle = pcl_win_handle(process->handle);

	if (process->handle == PCL_NONE || !lives(handle))
		return PROCLC_ESRCH;
	/* Nothing is ever stopped here, so all go on. */
	if (signum == 0 || signum == pcl_os_sigcont)
		return 0;
	if (signum == KILLED)
		return kill_it(process->pid);
	if (!pcl_win_tellable(signum))
		return PROCLC_ENOTSUP;
	return pcl_win_event_raise(process->pid, pcl_win_created(handle),
	    signum);
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

int
pcl_os_process_outcome(const struct pcl_os_process *process,
    struct pcl_os_status *status)
{
	HANDLE handle = pcl_win_handle(process->handle);
	FILETIME created, ended, kernel, user;
	PROCESS_MEMORY_COUNTERS memory;
	DWORD code;

	if (process->handle == PCL_NONE || lives(handle) ||
	    !GetExitCodeProcess(handle, &code))
		return PROCLC_ENOTSUP;
	memset(status, 0, sizeof(*status));
	status->known = true;
	status->number = pcl_win_signal_of(code);
	status->signaled = status->number != 0;
	if (!status->signaled)
		status->number = (int)code;
	if (GetProcessTimes(handle, &created, &ended, &kernel, &user)) {
		status->user_us = (int64_t)(ticks(&user) / 10);
		status->system_us = (int64_t)(ticks(&kernel) / 10);
	}
	if (GetProcessMemoryInfo(handle, &memory, sizeof(memory)))
		status->max_rss_kb = (int64_t)(memory.PeakWorkingSetSize /
		    1024);
	return 0;
}

int
pcl_os_process_stuck(int64_t pid, int64_t *tracer)
{
	(void)pid;
	(void)tracer;
	return 0;
}
