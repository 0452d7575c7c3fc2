/*
 * job-windows.c - a set of processes that none of them leaves: a job.
 *
 * Its place is the number of its handle, which the task's child has under the
 * same number.  Nobody enters it: who makes the child puts it there before its
 * first instruction.
 */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/kin.h"
#include "os/winmake.h"

enum { KILLED = 9, PASSES = 50 };

HANDLE
pcl_win_job_at(const char *place)
{
	return place == NULL || *place == '\0' ? NULL :
	    pcl_win_handle((intptr_t)strtoll(place, NULL, 10));
}

static HANDLE
handle_of(const struct pcl_os_job *job)
{
	return pcl_win_job_at(job->place);
}

int
pcl_os_job_make(struct pcl_os_job *job)
{
	enum { ROOM = 24 };
	HANDLE made;
	int rc = pcl_win_job_new(false, &made);

	memset(job, 0, sizeof(*job));
	if (rc < 0)
		return rc;
	job->place = malloc(ROOM);
	if (job->place == NULL) {
		CloseHandle(made);
		return PROCLC_ENOMEM;
	}
	snprintf(job->place, ROOM, "%lld", (long long)(intptr_t)made);
	return 0;
}

int
pcl_os_job_adopt(struct pcl_os_job *job, const char *place)
{
	int rc = pcl_os_inherited((intptr_t)pcl_win_job_at(place));

	memset(job, 0, sizeof(*job));
	if (rc == 0)
		job->place = strdup(place);
	return rc < 0 ? rc : job->place == NULL ? PROCLC_ENOMEM : 0;
}

int
pcl_os_job_enter(const struct pcl_os_job *job)
{
	return pcl_os_job_has(job, pcl_os_pid()) ? 0 : PROCLC_ESRCH;
}

bool
pcl_os_job_entry(const struct pcl_os_job *job, char *path, size_t size)
{
	return (size_t)snprintf(path, size, "%s", job->place) < size;
}

static bool
has(HANDLE job, HANDLE process)
{
	BOOL in = FALSE;

	return process != NULL && IsProcessInJob(process, job, &in) && in;
}

bool
pcl_os_job_has(const struct pcl_os_job *job, int64_t pid)
{
	HANDLE process = pcl_win_open_process(PROCESS_QUERY_INFORMATION, pid);
	bool in = has(handle_of(job), process);

	if (process != NULL)
		CloseHandle(process);
	return in;
}

/* TERM; who does not listen for that cannot be asked.  A number that is not
 * the member's any more is of nobody in the job. */
static bool
ask(HANDLE job, int64_t pid)
{
	HANDLE process = pcl_win_open_process(SYNCHRONIZE | PROCESS_TERMINATE |
	    PROCESS_QUERY_INFORMATION, pid);
	bool done = has(job, process) &&
	    WaitForSingleObject(process, 0) == WAIT_TIMEOUT;

	if (done && pcl_win_event_raise(pid, pcl_win_created(process),
	    SIGTERM) == PROCLC_ENOTSUP)
		TerminateProcess(process, pcl_win_death(KILLED));
	if (process != NULL)
		CloseHandle(process);
	return done;
}

static bool
is_among(const JOBOBJECT_BASIC_PROCESS_ID_LIST *list, ULONG_PTR pid)
{
	for (DWORD i = 0; list != NULL && i < list->NumberOfProcessIdsInList;
	    i++)
		if (list->ProcessIdList[i] == pid)
			return true;
	return false;
}

/* Each member once, also who comes meanwhile. */
int
pcl_os_job_ask(const struct pcl_os_job *job, int64_t except)
{
	JOBOBJECT_BASIC_PROCESS_ID_LIST *old = NULL, *now;
	HANDLE handle = handle_of(job);
	int total = 0, fresh = 1;

	for (int pass = 0; pass < PASSES && fresh > 0; pass++) {
		fresh = 0;
		if (pcl_win_job_list(handle, &now) < 0)
			break;
		for (DWORD i = 0; i < now->NumberOfProcessIdsInList; i++)
			if ((int64_t)now->ProcessIdList[i] != except &&
			    !is_among(old, now->ProcessIdList[i]))
				fresh += ask(handle,
				    (int64_t)now->ProcessIdList[i]);
		total += fresh;
		free(old);
		old = now;
	}
	free(old);
	return total;
}

void
pcl_os_job_kill(const struct pcl_os_job *job)
{
	TerminateJobObject(handle_of(job), pcl_win_death(KILLED));
}

bool
pcl_os_job_lives(const struct pcl_os_job *job)
{
	JOBOBJECT_BASIC_ACCOUNTING_INFORMATION info;

	return QueryInformationJobObject(handle_of(job),
	    JobObjectBasicAccountingInformation, &info, sizeof(info), NULL) &&
	    info.ActiveProcesses > 0;
}

int
pcl_os_job_remove(struct pcl_os_job *job)
{
	if (pcl_os_job_lives(job))
		return PROCLC_EBUSY;
	pcl_os_job_forget(job);
	return 0;
}

/* Who is in it lives on. */
void
pcl_os_job_forget(struct pcl_os_job *job)
{
	if (job->place != NULL)
		CloseHandle(handle_of(job));
	free(job->place);
	job->place = NULL;
}
