/* winmake.h - how a process is made on Windows: with these handles and no
 * others, and in its jobs before its first instruction. */
#ifndef PCL_OS_WINMAKE_H
#define PCL_OS_WINMAKE_H

#include "os/program.h"
#include "os/win32.h"

enum { PCL_WIN_SAME = PCL_OS_SPAWN_INHERITS + 1, PCL_WIN_JOBS = 3 };

struct pcl_win_make {
	const wchar_t *image;
	wchar_t *line;
	wchar_t *environment;	/* NULL: ours */
	const wchar_t *directory;	/* NULL: ours */
	/* What it is given copies of: its standard handles (NULL: it has not
	 * this one), and what its C library opens under these numbers. */
	HANDLE standard[3];
	const struct pcl_os_pass *passes;
	size_t n_passes;
	/* Handles that it has under the same number. */
	HANDLE same[PCL_WIN_SAME];
	size_t n_same;
	/* It is in all of these; each is inside of the one before. */
	HANDLE jobs[PCL_WIN_JOBS];
	size_t n_jobs;
	DWORD flags;	/* more for CreateProcess */
};

/* What went wrong: with a standard handle or one that is passed (its number
 * there), a job (its index), or the file. */
struct pcl_win_fault {
	enum { PCL_WIN_HANDLE, PCL_WIN_JOB, PCL_WIN_FILE } what;
	int index;
};

/* Make it, suspended.  fault: NULL, or receives what has failed. */
int
pcl_win_make(const struct pcl_win_make *make, PROCESS_INFORMATION *made,
    struct pcl_win_fault *fault);

/*
 * It is our child, and runs.  job: that which it leads; leash: kept open as
 * long as it is our child; both are taken over, and may be NULL.  hears: TERM
 * is kept for it until it listens.
 * Returns its pid; when that fails it is gone, and the jobs are closed.
 */
struct pcl_win_born {
	HANDLE job, leash;
	bool hears;
};
int64_t
pcl_win_release(PROCESS_INFORMATION *made, const struct pcl_win_born *born);

/* A new job.  leash: who is in it is killed when it is closed, but not what
 * he makes. */
int
pcl_win_job_new(bool leash, HANDLE *job);
/* The one that a struct pcl_os_job's place names; NULL: none. */
HANDLE
pcl_win_job_at(const char *place);

/* A standard handle of ours; NULL: there is none. */
HANDLE
pcl_win_standard(int number);

/* Where a program is: the file itself; or, with search, in PATH.  A relative
 * path is one from dir (NULL: where we are).  *path, to be freed, is from the
 * root; with an error what was tried, or NULL. */
int
pcl_win_find(const char *file, bool search, const wchar_t *dir,
    wchar_t **path);
/* Is it one that only a shell runs, and CreateProcess by a shell? */
bool
pcl_win_is_batch(const wchar_t *path);

#endif
