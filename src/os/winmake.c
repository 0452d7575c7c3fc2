/*
 * winmake.c - how a process is made on Windows.
 *
 * It inherits a list of handles, not whatever can be inherited.  They are
 * copies that only exist meanwhile, under a lock: another process that we make
 * at the same time has none of them.
 *
 * It is born in its jobs where the system takes a list of them, so that a
 * parent that is ended meanwhile leaves nobody behind; else it is put there
 * while it is suspended.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "os/winmake.h"

/* Windows 10; the headers for older ones do not have it. */
#ifndef PROC_THREAD_ATTRIBUTE_JOB_LIST
#define PROC_THREAD_ATTRIBUTE_JOB_LIST 0x0002000D
#endif

/* Of the C library's: a number is open; it is a pipe; a device. */
enum { OPEN = 1, PIPE = 8, DEVICE = 0x40 };
/* The highest number that every C library takes over. */
enum { NUMBERS = 2048 };

struct making {
	STARTUPINFOEXW start;
	HANDLE *handles;	/* the list */
	size_t n;
	HANDLE *copies;	/* those of them that are ours, in the same order */
	size_t n_copies;
	char *numbers, *kinds, *opened;	/* for its C library */
	bool born_in_jobs;
};

static SRWLOCK making = SRWLOCK_INIT;

static int
add_copy(struct making *m, HANDLE handle, HANDLE *made)
{
	HANDLE self = GetCurrentProcess();

	if (!DuplicateHandle(self, handle, self, made, 0, TRUE,
	    DUPLICATE_SAME_ACCESS))
		return pcl_win_last_error();
	m->copies[m->n_copies++] = *made;
	m->handles[m->n++] = *made;
	return 0;
}

static int
add_standard(struct making *m, const struct pcl_win_make *make, int *index)
{
	HANDLE *to[3] = { &m->start.StartupInfo.hStdInput,
	    &m->start.StartupInfo.hStdOutput,
	    &m->start.StartupInfo.hStdError };
	int rc = 0;

	m->start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	for (int i = 0; i < 3 && rc == 0; i++) {
		if (make->standard[i] == NULL)
			continue;
		rc = add_copy(m, make->standard[i], to[i]);
		*index = i;
	}
	return rc;
}

static int
highest(const struct pcl_win_make *make)
{
	int most = 0;

	for (size_t i = 0; i < make->n_passes; i++)
		if (make->passes[i].as > most)
			most = make->passes[i].as;
	return most;
}

/* A table of all numbers up to the highest: how many, then what each is, then
 * its handle.  The first three are left to the standard handles. */
static int
lay_out(struct making *m, int most)
{
	const HANDLE none = INVALID_HANDLE_VALUE;
	int count = most + 1;

	if (most >= NUMBERS)
		return PROCLC_EBADF;
	m->start.StartupInfo.cbReserved2 = (WORD)(sizeof(count) +
	    (size_t)count * (1 + sizeof(none)));
	m->numbers = calloc(1, m->start.StartupInfo.cbReserved2);
	if (m->numbers == NULL)
		return PROCLC_ENOMEM;
	memcpy(m->numbers, &count, sizeof(count));
	m->kinds = m->numbers + sizeof(count);
	m->opened = m->kinds + count;
	for (int i = 0; i < count; i++)
		memcpy(m->opened + (size_t)i * sizeof(none), &none,
		    sizeof(none));
	m->start.StartupInfo.lpReserved2 = (BYTE *)m->numbers;
	return 0;
}

static char
kind_of(HANDLE handle)
{
	DWORD type = GetFileType(handle);

	return (char)(type == FILE_TYPE_PIPE ? OPEN | PIPE :
	    type == FILE_TYPE_CHAR ? OPEN | DEVICE : OPEN);
}

static int
add_passes(struct making *m, const struct pcl_win_make *make, int *index)
{
	int rc = 0;
	HANDLE made;

	if (make->n_passes == 0)
		return 0;
	*index = highest(make);
	rc = lay_out(m, *index);
	for (size_t i = 0; i < make->n_passes && rc == 0; i++) {
		size_t as = (size_t)make->passes[i].as;

		*index = (int)as;
		rc = add_copy(m, pcl_win_handle(make->passes[i].fd), &made);
		if (rc < 0)
			break;
		m->kinds[as] = kind_of(made);
		memcpy(m->opened + as * sizeof(made), &made, sizeof(made));
	}
	return rc;
}

static int
set_inheritable(const struct pcl_win_make *make, bool inheritable)
{
	int rc = 0;

	for (size_t i = 0; i < make->n_same && rc == 0; i++)
		rc = pcl_os_file_close_on_exec((intptr_t)make->same[i],
		    !inheritable);
	return rc;
}

/* These handles, and no others that happen to be inheritable. */
static int
add_lists(struct making *m, const struct pcl_win_make *make, bool jobs)
{
	STARTUPINFOEXW *start = &m->start;
	SIZE_T size = 0;

	InitializeProcThreadAttributeList(NULL, 2, 0, &size);
	start->lpAttributeList = malloc(size);
	if (start->lpAttributeList == NULL)
		return PROCLC_ENOMEM;
	if (!InitializeProcThreadAttributeList(start->lpAttributeList, 2, 0,
	    &size)) {
		free(start->lpAttributeList);
		start->lpAttributeList = NULL;
		return pcl_win_last_error();
	}
	if (m->n > 0 && !UpdateProcThreadAttribute(start->lpAttributeList, 0,
	    PROC_THREAD_ATTRIBUTE_HANDLE_LIST, m->handles,
	    m->n * sizeof(HANDLE), NULL, NULL))
		return pcl_win_last_error();
	m->born_in_jobs = jobs && make->n_jobs > 0 &&
	    UpdateProcThreadAttribute(start->lpAttributeList, 0,
	    PROC_THREAD_ATTRIBUTE_JOB_LIST, (void *)(uintptr_t)make->jobs,
	    make->n_jobs * sizeof(HANDLE), NULL, NULL);
	return 0;
}

static void
drop_lists(struct making *m)
{
	if (m->start.lpAttributeList != NULL)
		DeleteProcThreadAttributeList(m->start.lpAttributeList);
	free(m->start.lpAttributeList);
	m->start.lpAttributeList = NULL;
}

static int
prepare(struct making *m, const struct pcl_win_make *make,
    struct pcl_win_fault *fault)
{
	size_t room = 3 + make->n_passes + make->n_same;
	int rc;

	fault->what = PCL_WIN_FILE;
	m->start.StartupInfo.cb = sizeof(m->start);
	m->handles = calloc(room, sizeof(*m->handles));
	m->copies = calloc(room, sizeof(*m->copies));
	if (m->handles == NULL || m->copies == NULL)
		return PROCLC_ENOMEM;
	fault->what = PCL_WIN_HANDLE;
	rc = add_standard(m, make, &fault->index);
	if (rc == 0)
		rc = add_passes(m, make, &fault->index);
	if (rc < 0)
		return rc;
	fault->what = PCL_WIN_FILE;
	for (size_t i = 0; i < make->n_same; i++)
		m->handles[m->n++] = make->same[i];
	return set_inheritable(make, true);
}

static void
clean_up(struct making *m)
{
	drop_lists(m);
	for (size_t i = 0; i < m->n_copies; i++)
		CloseHandle(m->copies[i]);
	free(m->handles);
	free(m->copies);
	free(m->numbers);
}

static int
create(struct making *m, const struct pcl_win_make *make, bool jobs,
    PROCESS_INFORMATION *made)
{
	const DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT |
	    EXTENDED_STARTUPINFO_PRESENT | make->flags;
	int rc = add_lists(m, make, jobs);

	if (rc == 0 && !pcl_win_create_process(make->image, make->line,
	    m->n > 0, flags, make->environment, make->directory,
	    &m->start.StartupInfo, made))
		rc = pcl_win_last_error();
	drop_lists(m);
	return rc;
}

/* What the list did not do; none of it has run. */
static int
put_into_jobs(const struct pcl_win_make *make, PROCESS_INFORMATION *made,
    struct pcl_win_fault *fault)
{
	int rc = 0;

	for (size_t i = 0; i < make->n_jobs && rc == 0; i++)
		if (!AssignProcessToJobObject(make->jobs[i], made->hProcess)) {
			rc = pcl_win_last_error();
			*fault = (struct pcl_win_fault){ PCL_WIN_JOB,
			    (int)i };
		}
	if (rc < 0) {
		TerminateProcess(made->hProcess, pcl_win_death(9));
		CloseHandle(made->hThread);
		CloseHandle(made->hProcess);
	}
	return rc;
}

HANDLE
pcl_win_standard(int number)
{
	static const DWORD names[3] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
	    STD_ERROR_HANDLE };
	HANDLE handle = GetStdHandle(names[number]);
	DWORD flags;

	return handle != INVALID_HANDLE_VALUE && handle != NULL &&
	    GetHandleInformation(handle, &flags) ? handle : NULL;
}

int
pcl_win_make(const struct pcl_win_make *make, PROCESS_INFORMATION *made,
    struct pcl_win_fault *fault)
{
	struct pcl_win_fault unread;
	struct making m = { .n = 0 };
	int rc;

	if (fault == NULL)
		fault = &unread;
	AcquireSRWLockExclusive(&making);
	rc = prepare(&m, make, fault);
	if (rc == 0) {
		rc = create(&m, make, true, made);
		/* Once more: was it one of the jobs? */
		if (rc < 0 && m.born_in_jobs)
			rc = create(&m, make, false, made);
	}
	set_inheritable(make, false);
	ReleaseSRWLockExclusive(&making);
	clean_up(&m);
	return rc < 0 || m.born_in_jobs ? rc : put_into_jobs(make, made,
	    fault);
}
