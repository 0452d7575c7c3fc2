/*
 * identity-windows.c - who we are, and who has started us.
 *
 * A process is not given another parent when its own has died, and the dead
 * one's pid may name another process by then.  That one is younger than we.
 */
#include <config.h>

#include <string.h>

#include "os/os.h"
#include "os/win32.h"

_Atomic uint32_t *
pcl_os_wiped_word(void)
{
	return NULL;
}

int64_t
pcl_os_pid(void)
{
	return GetCurrentProcessId();
}

/* PROCESS_BASIC_INFORMATION, whose members the headers do not agree about. */
struct basic {
	LONG_PTR status;
	void *peb;
	ULONG_PTR affinity;
	LONG_PTR priority;
	ULONG_PTR pid, parent;
};

static int64_t
ask_parent(void)
{
	LONG(WINAPI * query)(HANDLE, ULONG, void *, ULONG, ULONG *);
	HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
	struct basic basic = { .parent = 0 };
	FARPROC found = ntdll == NULL ? NULL :
	    GetProcAddress(ntdll, "NtQueryInformationProcess");

	memcpy(&query, &found, sizeof(query));
	if (found == NULL || query(GetCurrentProcess(), 0, &basic,
	    sizeof(basic), NULL) < 0)
		return 0;
	return (int64_t)basic.parent;
}

int64_t
pcl_os_parent_pid(void)
{
	int64_t pid = ask_parent();
	HANDLE parent = pid == 0 ? NULL :
	    pcl_win_open_process(PROCESS_QUERY_LIMITED_INFORMATION, pid);
	uint64_t created;

	if (parent == NULL)
		return pid;
	created = pcl_win_created(parent);
	CloseHandle(parent);
	return created > pcl_win_created(GetCurrentProcess()) ? -1 : pid;
}
