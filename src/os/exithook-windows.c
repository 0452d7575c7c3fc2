/*
 * exithook-windows.c - exit, by the list of the C library that all modules of
 * the process share.
 *
 * A DLL's own atexit() is run when the DLL is taken away: then all threads but
 * one are dead, and the loader's lock is held.
 */
#include <config.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/win32.h"

/* Stored again by every thread in exit. */
static void (*_Atomic first_fn)(int code);
static void (*_Atomic last_fn)(void);
/* Of this thread: it is in ours; and one entry more than needed is there. */
static _Thread_local bool inside, surplus;

static bool
add(int(__cdecl *entry)(void));

/* In a handler that calls exit again.  Some C libraries begin that with an
 * empty list: it is to find us, and so is the next one. */
static int __cdecl
first(void)
{
	bool nested = inside, spare = nested && !surplus && add(first);

	inside = true;
	surplus = false;
	atomic_load(&first_fn)(PCL_OS_CODE_UNKNOWN);
	inside = nested;
	/* Else every entry would bring another one. */
	surplus = spare;
	return 0;
}

static int __cdecl
last(void)
{
	void (*fn)(void) = atomic_load(&last_fn);

	if (fn != NULL)
		fn();
	return 0;
}

/* Of the old C library, or of the new one. */
static bool
add(int(__cdecl *entry)(void))
{
	int(__cdecl *(__cdecl *onexit)(int(__cdecl *)(void)))(void);
	int(__cdecl *crt_atexit)(int(__cdecl *)(void));
	HMODULE old = GetModuleHandleW(L"msvcrt.dll");
	HMODULE crt = old != NULL ? old : GetModuleHandleW(L"ucrtbase.dll");
	FARPROC found = crt == NULL ? NULL :
	    GetProcAddress(crt, old != NULL ? "_onexit" : "_crt_atexit");

	if (found == NULL)
		return false;
	memcpy(&onexit, &found, sizeof(onexit));
	memcpy(&crt_atexit, &found, sizeof(crt_atexit));
	return old != NULL ? onexit(entry) != NULL : crt_atexit(entry) == 0;
}

/* Before the program's own: what was added first is run last.  The threads and
 * that list know our code, so it stays. */
static void __attribute__((constructor(101)))
begin(void)
{
	HMODULE here;

	GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN |
	    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
	    (const wchar_t *)(uintptr_t)begin, &here);
	add(last);
}

int
pcl_os_at_exit(void (*first_to_call)(int code), void (*last_to_call)(void))
{
	atomic_store(&first_fn, first_to_call);
	atomic_store(&last_fn, last_to_call);
	return add(first) ? 0 : PROCLC_ENOMEM;
}

_Noreturn void
pcl_os_libc_exit(int code)
{
	exit(code);
}
