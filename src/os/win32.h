/* win32.h - what the Windows port files share. */
#ifndef PCL_OS_WIN32_H
#define PCL_OS_WIN32_H

/* Windows 7: the newest that all of them need. */
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
#define WIN32_LEAN_AND_MEAN

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

/* What a Win32 error means, as -errno: the one place that says so. */
int
pcl_win_error(DWORD error);
/* The same for the calling thread's last one. */
int
pcl_win_last_error(void);
/* And where it means something else just there: returns code. */
int
pcl_win_last_error_as(int code);

/* Text at the border: UTF-8 here, UTF-16 there; free the result, NULL: no
 * memory.  What is not UTF-8 is taken for the system's own code page. */
wchar_t *
pcl_win_wide(const char *text);
/* The file of this program; free it. */
wchar_t *
pcl_win_image(void);
/* The line from which the C library of a program makes exactly these arguments
 * again; free it. */
wchar_t *
pcl_win_command_line(char *const *argv);
/* An environment as the system has it; free it. */
wchar_t *
pcl_win_environment(char *const *env);

/*
 * CreateProcessW, tried again when the process ended before its first step:
 * nothing of the program has run then.  Wine loses one in some thousands so
 * when the machine is busy.
 */
enum { PCL_WIN_STILLBIRTHS = 4 };
BOOL
pcl_win_create_process(const wchar_t *image, wchar_t *line, BOOL inherit,
    DWORD flags, wchar_t *environment, const wchar_t *directory,
    STARTUPINFOW *start, PROCESS_INFORMATION *made);

/* A handle as os.h has it, and back. */
static inline HANDLE
pcl_win_handle(intptr_t handle)
{
	return (HANDLE)handle;
}

/* When a process was created, in the system's own unit; 0: unknown.  With the
 * pid it names a process for ever. */
uint64_t
pcl_win_created(HANDLE process);

/* From now until due, as the system's waits want it; they may end early. */
DWORD
pcl_win_left(int64_t due);

/* Open a process by its pid; NULL, and the last error. */
HANDLE
pcl_win_open_process(DWORD access, int64_t pid);

/*
 * The exit code that says "died by this signal": an error in the space of
 * customers, so nobody else's, whose low byte is what a shell shows for it.
 */
static inline DWORD
pcl_win_death(int signum)
{
	return 0xE050C080u + (DWORD)signum;
}

/* The signal by which a process with this exit code has died; 0: none. */
int
pcl_win_signal_of(DWORD code);
#define PCL_WIN_FAST_FAIL ((DWORD)0xC0000409)

/* The signal that an event of the console stands for; 0: none. */
int
pcl_win_console_signal(DWORD event);

/* The event by which a process hears of a signal. */
enum { PCL_WIN_EVENT_NAME = 64 };
void
pcl_win_event_name(wchar_t name[PCL_WIN_EVENT_NAME], int64_t pid,
    uint64_t created, int signum);
/* Raise it: PROCLC_ENOTSUP, the process does not listen for that signal. */
int
pcl_win_event_raise(int64_t pid, uint64_t created, int signum);
/* Signals that a process can be told by an event. */
bool
pcl_win_tellable(int signum);

/* A handle on our unreaped child of this pid; NULL: none of ours. */
HANDLE
pcl_win_child(int64_t pid);
/* The same for the job that it leads. */
HANDLE
pcl_win_child_job(int64_t pid);
/* Who is in a job; free the list. */
int
pcl_win_job_list(HANDLE job, JOBOBJECT_BASIC_PROCESS_ID_LIST **out);

#endif
