/* job-none.c - POSIX has no set of processes that nobody can leave. */
#include <config.h>

#include "os/kin.h"

int
pcl_os_job_make(struct pcl_os_job *job)
{
	job->place = NULL;
	return PROCLC_ENOTSUP;
}

int
pcl_os_job_adopt(struct pcl_os_job *job, const char *place)
{
	(void)place;
	job->place = NULL;
	return PROCLC_ENOTSUP;
}

int
pcl_os_job_enter(const struct pcl_os_job *job)
{
	(void)job;
	return PROCLC_ENOTSUP;
}

bool
pcl_os_job_entry(const struct pcl_os_job *job, char *path, size_t size)
{
	(void)job;
	(void)path;
	(void)size;
	return false;
}

bool
pcl_os_job_has(const struct pcl_os_job *job, int64_t pid)
{
	(void)job;
	(void)pid;
	return false;
}

int
pcl_os_job_ask(const struct pcl_os_job *job, int64_t except)
{
	(void)job;
	(void)except;
	return PROCLC_ENOTSUP;
}

void
pcl_os_job_kill(const struct pcl_os_job *job)
{
	(void)job;
}

bool
pcl_os_job_lives(const struct pcl_os_job *job)
{
	(void)job;
	return false;
}

int
pcl_os_job_remove(struct pcl_os_job *job)
{
	(void)job;
	return 0;
}

void
pcl_os_job_forget(struct pcl_os_job *job)
{
	(void)job;
}
