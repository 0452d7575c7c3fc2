/*
 * relaunch-windows.c - a daemon: this program, run again without a console,
 * with the null device for its standard handles.
 *
 * That it is one it learns from a variable, which names the handle of the
 * channel, and us: a process that only inherits it has another parent.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/win32.h"

#define VARIABLE "PROCLC_DAEMON"

static intptr_t relaunched = PCL_NONE;

/* Our environment and one variable more. */
static wchar_t *
make_environment(intptr_t channel)
{
	wchar_t *own = GetEnvironmentStringsW(), *end = own, *made;
	size_t length;

	if (own == NULL)
		return NULL;
	while (*end != L'\0')
		end += wcslen(end) + 1;
	length = (size_t)(end - own);
	made = calloc(length + 80, sizeof(*made));
	if (made != NULL) {
		swprintf(made, 78, L"" VARIABLE "=%lld:%lu",
		    (long long)channel, GetCurrentProcessId());
		memcpy(made + wcslen(made) + 1, own, length * sizeof(*made));
	}
	FreeEnvironmentStringsW(own);
	return made;
}

/* As it was given to us, or the program's name alone. */
static wchar_t *
make_line(const wchar_t *image, bool strip)
{
	const wchar_t *own = GetCommandLineW();
	size_t room = wcslen(strip ? image : own) + 3;
	wchar_t *line = malloc(room * sizeof(*line));

	if (line != NULL)
		swprintf(line, room, strip ? L"\"%ls\"" : L"%ls",
		    strip ? image : own);
	return line;
}

static int
open_null(HANDLE std[3])
{
	SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };

	for (int i = 0; i < 3; i++) {
		std[i] = CreateFileW(L"NUL", i == 0 ? GENERIC_READ :
		    GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
		    &inherited, OPEN_EXISTING, 0, NULL);
		if (std[i] == INVALID_HANDLE_VALUE)
			return pcl_win_last_error();
	}
	return 0;
}

/* It is not in our job, where that lets it go. */
static int
create(const wchar_t *image, wchar_t *line, wchar_t *environment,
    STARTUPINFOEXW *start, PROCESS_INFORMATION *made)
{
	DWORD flags = DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP |
	    CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;

	if (pcl_win_create_process(image, line, TRUE,
	    flags | CREATE_BREAKAWAY_FROM_JOB, environment, NULL,
	    &start->StartupInfo, made) || (GetLastError() ==
	    ERROR_ACCESS_DENIED && pcl_win_create_process(image, line, TRUE,
	    flags, environment, NULL, &start->StartupInfo, made)))
		return 0;
	return pcl_win_last_error();
}

/* With these handles, and no others. */
static int
create_with(HANDLE handles[4], bool strip, PROCESS_INFORMATION *made)
{
	STARTUPINFOEXW start = { .StartupInfo = { .cb = sizeof(start),
	    .dwFlags = STARTF_USESTDHANDLES, .hStdInput = handles[0],
	    .hStdOutput = handles[1], .hStdError = handles[2] } };
	wchar_t *environment = make_environment((intptr_t)handles[3]);
	wchar_t *image = pcl_win_image();
	wchar_t *line = image == NULL ? NULL : make_line(image, strip);
	int rc = PROCLC_ENOMEM;
	SIZE_T size = 0;

	InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	start.lpAttributeList = calloc(1, size);
	if (environment != NULL && line != NULL &&
	    start.lpAttributeList != NULL &&
	    InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0,
	    &size)) {
		rc = UpdateProcThreadAttribute(start.lpAttributeList, 0,
		    PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles,
		    4 * sizeof(HANDLE), NULL, NULL) ? create(image, line,
		    environment, &start, made) : pcl_win_last_error();
		DeleteProcThreadAttributeList(start.lpAttributeList);
	}
	free(start.lpAttributeList);
	free(environment);
	free(image);
	free(line);
	return rc;
}

int
pcl_os_relaunch(intptr_t channel, bool strip, struct pcl_os_process *daemon)
{
	HANDLE handles[4] = { INVALID_HANDLE_VALUE, INVALID_HANDLE_VALUE,
	    INVALID_HANDLE_VALUE, pcl_win_handle(channel) };
	PROCESS_INFORMATION made;
	int rc = open_null(handles);

	if (rc == 0)
		rc = pcl_os_file_close_on_exec(channel, false);
	if (rc == 0)
		rc = create_with(handles, strip, &made);
	pcl_os_file_close_on_exec(channel, true);
	for (int i = 0; i < 3; i++)
		if (handles[i] != INVALID_HANDLE_VALUE)
			CloseHandle(handles[i]);
	if (rc < 0)
		return rc;
	CloseHandle(made.hThread);
	daemon->pid = made.dwProcessId;
	daemon->handle = (intptr_t)made.hProcess;
	return pcl_os_file_id(daemon->handle, &daemon->id);
}

static BOOL CALLBACK
look(INIT_ONCE *once, void *unused, void **context)
{
	const char *text = getenv(VARIABLE);
	long long channel = 0, pid = 0;

	(void)once;
	(void)unused;
	(void)context;
	if (text != NULL && sscanf(text, "%lld:%lld", &channel, &pid) == 2 &&
	    pid == pcl_os_parent_pid() && channel > 0 &&
	    pcl_os_inherited((intptr_t)channel) == 0)
		relaunched = (intptr_t)channel;
	/* It is for this process only. */
	_putenv(VARIABLE "=");
	return TRUE;
}

intptr_t
pcl_os_relaunched(void)
{
	static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

	InitOnceExecuteOnce(&once, look, NULL, NULL);
	return relaunched;
}
