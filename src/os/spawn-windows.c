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
#include "os/winmake.h"

enum { KILLED = 9 };

struct child {
	int64_t pid;
	HANDLE process, job, leash;
	struct child *next;
};

static struct child *children;
static SRWLOCK lock = SRWLOCK_INIT;

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
close_job(HANDLE job)
{
	if (job != NULL)
		CloseHandle(job);
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
	close_job(child->job);
	close_job(child->leash);
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

int
pcl_win_job_new(bool leash, HANDLE *job)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
	    .BasicLimitInformation.LimitFlags =
	    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
	    JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK };

	int rc = 0;

	*job = CreateJobObjectW(NULL, NULL);
	if (*job == NULL)
		return pcl_win_last_error();
	if (leash && !SetInformationJobObject(*job,
	    JobObjectExtendedLimitInformation, &limits, sizeof(limits))) {
		rc = pcl_win_last_error();
		CloseHandle(*job);
		*job = NULL;
	}
	return rc;
}

/* In the list it is our child, whatever comes. */
static int
add_child(PROCESS_INFORMATION *made, const struct pcl_win_born *born)
{
	struct child *child = calloc(1, sizeof(*child));

	if (child == NULL)
		return PROCLC_ENOMEM;
	child->pid = made->dwProcessId;
	child->process = made->hProcess;
	child->job = born->job;
	child->leash = born->leash;
	AcquireSRWLockExclusive(&lock);
	child->next = children;
	children = child;
	ReleaseSRWLockExclusive(&lock);
	return 0;
}

int64_t
pcl_win_release(PROCESS_INFORMATION *made, const struct pcl_win_born *born)
{
	int64_t pid = made->dwProcessId;
	bool added;
	int rc = born->hears ? give_event(made->hProcess, pid) : 0;

	if (rc == 0)
		rc = add_child(made, born);
	added = rc == 0;
	if (added && ResumeThread(made->hThread) == (DWORD)-1)
		rc = pcl_win_last_error();
	if (rc < 0)
		TerminateProcess(made->hProcess, pcl_win_death(KILLED));
	CloseHandle(made->hThread);
	if (rc < 0 && added) {
		remove_child(pid);
	} else if (rc < 0) {
		CloseHandle(made->hProcess);
		close_job(born->job);
		close_job(born->leash);
	}
	return rc < 0 ? rc : pid;
}

/* Inside the job of the tree, when there is one. */
static int
add_jobs(struct pcl_win_make *make, const struct pcl_os_spawn *spawn,
    HANDLE *job)
{
	HANDLE tree = pcl_win_job_at(spawn->place);
	int rc = 0;

	if (tree != NULL) {
		make->jobs[make->n_jobs++] = tree;
		make->same[make->n_same++] = tree;
	}
	if (spawn->group)
		rc = pcl_win_job_new(false, job);
	if (rc == 0 && spawn->group)
		make->jobs[make->n_jobs++] = *job;
	return rc;
}

int64_t
pcl_os_spawn(const struct pcl_os_spawn *spawn)
{
	struct pcl_win_make make = { .n_same = 0,
	    .flags = spawn->group ? CREATE_NEW_PROCESS_GROUP : 0 };
	struct pcl_win_born born = { .hears = true };
	wchar_t *image = pcl_win_image();
	PROCESS_INFORMATION made;
	int rc;

	make.image = image;
	make.line = pcl_win_command_line(spawn->argv);
	for (int i = 0; i < 3; i++)
		make.standard[i] = pcl_win_standard(i);
	for (size_t i = 0; i < PCL_OS_SPAWN_INHERITS; i++)
		if (spawn->inherit[i] != PCL_NONE)
			make.same[make.n_same++] =
			    pcl_win_handle(spawn->inherit[i]);
	/* Where we have no console it has none either, not a new one. */
	if (GetConsoleCP() == 0)
		make.flags |= DETACHED_PROCESS;
	rc = image == NULL || make.line == NULL ? PROCLC_ENOMEM :
	    add_jobs(&make, spawn, &born.job);
	if (rc == 0)
		rc = pcl_win_make(&make, &made, NULL);
	if (rc < 0)
		close_job(born.job);
	free(image);
	free(make.line);
	return rc < 0 ? rc : pcl_win_release(&made, &born);
}
