/*
 * group-windows.c - a process group: a job, which holds a child and all that
 * come of it.
 */
#include <config.h>

#include <stdlib.h>

#include "os/os.h"
#include "os/win32.h"

enum { KILLED = 9 };

/* The job that a child of ours leads, or for this process its own: NULL. */
static bool
job_of(int64_t leader, HANDLE *job)
{
	*job = NULL;
	if (leader == pcl_os_pid())
		return true;
	*job = pcl_win_child_job(leader);
	return *job != NULL;
}

int
pcl_os_group_lives(int64_t leader)
{
	JOBOBJECT_BASIC_ACCOUNTING_INFORMATION info;
	HANDLE job;

	if (!job_of(leader, &job) || !QueryInformationJobObject(job,
	    JobObjectBasicAccountingInformation, &info, sizeof(info), NULL))
		return PROCLC_ENOTSUP;
	return info.ActiveProcesses > 0;
}

/* A child leads one from before its first step on. */
int
pcl_os_group_lead(void)
{
	return PROCLC_ENOTSUP;
}

bool
pcl_os_group_led(int64_t leader)
{
	HANDLE job;

	return job_of(leader, &job);
}

int
pcl_win_job_list(HANDLE job, JOBOBJECT_BASIC_PROCESS_ID_LIST **out)
{
	JOBOBJECT_BASIC_PROCESS_ID_LIST *pids = NULL;
	DWORD room = 16;
	size_t size;

	for (;;) {
		size = sizeof(*pids) + room * sizeof(pids->ProcessIdList[0]);
		free(pids);
		pids = calloc(1, size);
		if (pids == NULL)
			return PROCLC_ENOMEM;
		pids->NumberOfAssignedProcesses = room;
		if (QueryInformationJobObject(job,
		    JobObjectBasicProcessIdList, pids, (DWORD)size, NULL))
			break;
		if (GetLastError() != ERROR_MORE_DATA) {
			pcl_win_last_error_as(PROCLC_ESRCH);
			free(pids);
			return PROCLC_ESRCH;
		}
		room *= 2;
	}
	*out = pids;
	return 0;
}

static int
signal_each(HANDLE job, int signum)
{
	JOBOBJECT_BASIC_PROCESS_ID_LIST *pids;
	struct pcl_os_process process;
	int rc = pcl_win_job_list(job, &pids), sent = PROCLC_ESRCH;

	if (rc < 0)
		return rc;
	for (DWORD i = 0; i < pids->NumberOfProcessIdsInList; i++) {
		if (pcl_os_process_open(&process,
		    (int64_t)pids->ProcessIdList[i]) != 0)
			continue;
		rc = pcl_os_process_signal(&process, signum);
		pcl_os_process_close(&process);
		/* One that does not listen is no reason to say no. */
		if (sent != 0)
			sent = rc;
	}
	free(pids);
	return sent;
}

int
pcl_os_group_signal(int64_t leader, int signum)
{
	HANDLE job;

	if (!job_of(leader, &job))
		return PROCLC_ESRCH;
	if (signum == KILLED && job != NULL)
		return TerminateJobObject(job, pcl_win_death(KILLED)) ? 0 :
		    pcl_win_last_error();
	return signal_each(job, signum);
}
