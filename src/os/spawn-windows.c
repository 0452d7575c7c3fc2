/*
 * spawn-windows.c - children: made, signalled, reaped; and the way out.
 *
 * A handle on each child is kept until it is reaped, so that its pid stays its
 * own as long.  It is made suspended: what it must have from its first step on
 * (its job, the event by which it hears of TERM) is there before that.
 */
#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "os/kin.h"
#include "os/win32.h"

struct child {
	int64_t pid;
	HANDLE process, job;
	struct child *next;
};

static struct child *children;
static SRWLOCK lock = SRWLOCK_INIT;
/* Handles are inheritable only while one process is made of them. */
static SRWLOCK making = SRWLOCK_INIT;

const bool pcl_os_forks = false;

int64_t
pcl_os_fork(void)
{
	return PROCLC_ENOTSUP;
}

/* Where it stands in the list, or its end; the lock is held. */
static struct child **
find(int64_t pid)
{
	struct child **at = &children;

	while (*at != NULL && (*at)->pid != pid)
		at = &(*at)->next;
	return at;
}

HANDLE
pcl_win_child(int64_t pid)
{
	struct child *child;

	AcquireSRWLockShared(&lock);
	child = *find(pid);
	ReleaseSRWLockShared(&lock);
	return child == NULL ? NULL : child->process;
}

HANDLE
pcl_win_child_job(int64_t pid)
{
	struct child *child;

	AcquireSRWLockShared(&lock);
	child = *find(pid);
	ReleaseSRWLockShared(&lock);
	return child == NULL ? NULL : child->job;
}

static void
remove_child(int64_t pid)
{
	struct child **at, *child;

	AcquireSRWLockExclusive(&lock);
	at = find(pid);
	child = *at;
	if (child != NULL)
		*at = child->next;
	ReleaseSRWLockExclusive(&lock);
	if (child == NULL)
		return;
	CloseHandle(child->process);
	if (child->job != NULL)
		CloseHandle(child->job);
	free(child);
}

int
pcl_os_reap(int64_t pid, bool block, struct pcl_os_status *status)
{
	struct pcl_os_process process = { .pid = pid, .handle =
	    (intptr_t)pcl_win_child(pid) };

	memset(status, 0, sizeof(*status));
	if (process.handle == 0)
		return 0;
	if (WaitForSingleObject(pcl_win_handle(process.handle),
	    block ? INFINITE : 0) == WAIT_TIMEOUT)
		return PROCLC_EAGAIN;
	pcl_os_process_outcome(&process, status);
	remove_child(pid);
	return 0;
}

enum pcl_os_end
pcl_os_look(int64_t pid)
{
	HANDLE process = pcl_win_child(pid);

	if (process == NULL)
		return PCL_OS_GONE;
	return WaitForSingleObject(process, 0) == WAIT_TIMEOUT ?
	    PCL_OS_LIVES : PCL_OS_ENDED;
}

int64_t
pcl_os_any_ended(void)
{
	int64_t pid = 0;

	AcquireSRWLockShared(&lock);
	for (struct child *c = children; c != NULL && pid == 0; c = c->next)
		if (WaitForSingleObject(c->process, 0) == WAIT_OBJECT_0)
			pid = c->pid;
	ReleaseSRWLockShared(&lock);
	return pid;
}

bool
pcl_os_children_vanish(void)
{
	return false;
}

int
pcl_os_child_signal(int64_t pid, int signum)
{
	struct pcl_os_process process;
	int rc = pcl_os_process_open(&process, pid);

	if (rc < 0)
		return rc;
	rc = pcl_os_process_signal(&process, signum);
	pcl_os_process_close(&process);
	return rc;
}

_Noreturn void
pcl_os_exit(int code)
{
	/* ExitProcess would call each DLL. */
	for (;;)
		TerminateProcess(GetCurrentProcess(), (UINT)code);
}

bool
pcl_os_privileged(void)
{
	return false;
}

int
pcl_os_inherited(intptr_t handle)
{
	if (handle == PCL_NONE)
		return 0;
	return pcl_os_file_close_on_exec(handle, true);
}

/* All that one CreateProcess needs. */
enum { HANDLES = 3 + PCL_OS_SPAWN_INHERITS };
struct making {
	STARTUPINFOEXW start;
	HANDLE handles[HANDLES];
	HANDLE copies[3];	/* of the standard ones */
	DWORD n;
	wchar_t *image, *line;
	PROCESS_INFORMATION made;
};

/* The standard handles go along as copies: those that can be inherited. */
static void
add_standard(struct making *m)
{
	static const DWORD numbers[3] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
	    STD_ERROR_HANDLE };
	HANDLE self = GetCurrentProcess();

	for (int i = 0; i < 3; i++) {
		HANDLE own = GetStdHandle(numbers[i]);

		m->copies[i] = NULL;
		if (own == NULL || own == INVALID_HANDLE_VALUE ||
		    !DuplicateHandle(self, own, self, &m->copies[i], 0, TRUE,
		    DUPLICATE_SAME_ACCESS))
			continue;
		m->handles[m->n++] = m->copies[i];
	}
	m->start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	m->start.StartupInfo.hStdInput = m->copies[0];
	m->start.StartupInfo.hStdOutput = m->copies[1];
	m->start.StartupInfo.hStdError = m->copies[2];
}

static int
set_inheritable(const struct pcl_os_spawn *spawn, bool inheritable)
{
	int rc = 0;

	for (size_t i = 0; i < PCL_OS_SPAWN_INHERITS && rc == 0; i++)
		if (spawn->inherit[i] != PCL_NONE)
			rc = pcl_os_file_close_on_exec(spawn->inherit[i],
			    !inheritable);
	return rc;
}

/* These handles, and no others that happen to be inheritable. */
static int
add_list(struct making *m, const struct pcl_os_spawn *spawn)
{
	SIZE_T size = 0;

	for (size_t i = 0; i < PCL_OS_SPAWN_INHERITS; i++)
		if (spawn->inherit[i] != PCL_NONE)
			m->handles[m->n++] = pcl_win_handle(spawn->inherit[i]);
	InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	m->start.lpAttributeList = malloc(size);
	if (m->start.lpAttributeList == NULL)
		return PROCLC_ENOMEM;
	if (!InitializeProcThreadAttributeList(m->start.lpAttributeList, 1, 0,
	    &size)) {
		free(m->start.lpAttributeList);
		m->start.lpAttributeList = NULL;
		return pcl_win_last_error();
	}
	if (m->n > 0 && !UpdateProcThreadAttribute(m->start.lpAttributeList,
	    0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, m->handles,
	    m->n * sizeof(HANDLE), NULL, NULL))
		return pcl_win_last_error();
	return 0;
}

static int
prepare(struct making *m, const struct pcl_os_spawn *spawn)
{
	m->start.StartupInfo.cb = sizeof(m->start);
	m->image = pcl_win_image();
	m->line = pcl_win_command_line(spawn->argv);
	if (m->image == NULL || m->line == NULL)
		return PROCLC_ENOMEM;
	add_standard(m);
	return add_list(m, spawn);
}

static void
clean_up(struct making *m)
{
	if (m->start.lpAttributeList != NULL)
		DeleteProcThreadAttributeList(m->start.lpAttributeList);
	free(m->start.lpAttributeList);
	for (int i = 0; i < 3; i++)
		if (m->copies[i] != NULL)
			CloseHandle(m->copies[i]);
	free(m->image);
	free(m->line);
}

/* Have it hear of TERM before it can say so: the event stays with it. */
static int
give_event(HANDLE process, int64_t pid)
{
	wchar_t name[PCL_WIN_EVENT_NAME];
	HANDLE event, there;
	int rc = 0;

	pcl_win_event_name(name, pid, pcl_win_created(process), SIGTERM);
	event = CreateEventW(NULL, FALSE, FALSE, name);
	if (event == NULL)
		return pcl_win_last_error();
	if (!DuplicateHandle(GetCurrentProcess(), event, process, &there, 0,
	    FALSE, DUPLICATE_SAME_ACCESS))
		rc = pcl_win_last_error();
	CloseHandle(event);
	return rc;
}

/* What it has from its first step on. */
static int
equip(struct child *child, bool group)
{
	int rc = give_event(child->process, child->pid);

	if (rc < 0 || !group)
		return rc;
	child->job = CreateJobObjectW(NULL, NULL);
	if (child->job == NULL ||
	    !AssignProcessToJobObject(child->job, child->process))
		return pcl_win_last_error();
	return 0;
}

/* Made, and suspended: let it go, or take it back. */
static int64_t
release(PROCESS_INFORMATION *made, bool group)
{
	struct child *child = calloc(1, sizeof(*child));
	int64_t pid = made->dwProcessId;
	int rc = PROCLC_ENOMEM;

	if (child != NULL) {
		child->pid = pid;
		child->process = made->hProcess;
		rc = equip(child, group);
		AcquireSRWLockExclusive(&lock);
		child->next = children;
		children = child;
		ReleaseSRWLockExclusive(&lock);
	}
	if (rc == 0)
		ResumeThread(made->hThread);
	else
		TerminateProcess(made->hProcess, pcl_win_death(9));
	CloseHandle(made->hThread);
	if (rc < 0 && child == NULL)
		CloseHandle(made->hProcess);
	if (rc < 0)
		remove_child(pid);
	return rc < 0 ? rc : pid;
}

int64_t
pcl_os_spawn(const struct pcl_os_spawn *spawn)
{
	DWORD flags = CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT |
	    (spawn->group ? CREATE_NEW_PROCESS_GROUP : 0);
	struct making m = { .n = 0 };
	int rc;

	AcquireSRWLockExclusive(&making);
	rc = prepare(&m, spawn);
	if (rc == 0)
		rc = set_inheritable(spawn, true);
	if (rc == 0 && !pcl_win_create_process(m.image, m.line, m.n > 0,
	    flags, NULL, &m.start.StartupInfo, &m.made))
		rc = pcl_win_last_error();
	set_inheritable(spawn, false);
	ReleaseSRWLockExclusive(&making);
	clean_up(&m);
	return rc < 0 ? rc : release(&m.made, spawn->group);
}
