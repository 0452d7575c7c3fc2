/*
 * sig-windows.c - signals, made of what there is.
 *
 * Another process sends one by an event whose name has our pid and the time
 * of our creation.  It is there from the first time that the signal is caught,
 * and a thread of the system's pool waits for it.  The console speaks by a
 * thread of its own, a broken instruction by the last filter of exceptions,
 * abort() by the C library.  All of them come to the one hook; nothing is ever
 * interrupted, so nothing is blocked.
 */
#include <config.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "os/kin.h"
#include "os/win32.h"

enum { KILLED = 9, CONTINUED = 18 };

const int pcl_os_sigcont = CONTINUED;
/* There are none. */
const int pcl_os_sigchld = 0, pcl_os_sigstop = 0;

static void (*hook)(const struct pcl_os_arrival *arrival);
static SRWLOCK lock = SRWLOCK_INIT;
static _Atomic int actions[PCL_SIGNALS];	/* enum pcl_os_action */
static HANDLE events[PCL_SIGNALS];	/* once there they stay */
static LPTOP_LEVEL_EXCEPTION_FILTER older_filter;
static bool filters, hears_console, hears_abort;

void
pcl_os_signal_hook(void (*fn)(const struct pcl_os_arrival *arrival))
{
	hook = fn;
}

bool
pcl_os_signal_valid(int signum)
{
	return signum != KILLED && pcl_os_signal_name(signum) != NULL;
}

bool
pcl_os_signal_terminates(int signum)
{
	(void)signum;
	return true;
}

bool
pcl_os_signal_faults(int signum)
{
	return signum == SIGSEGV || signum == SIGFPE || signum == SIGILL;
}

bool
pcl_os_signal_crashes(int signum)
{
	return signum == SIGABRT || pcl_os_signal_faults(signum);
}

void
pcl_os_signal_stop_self(int signum)
{
	(void)signum;
}

bool
pcl_win_tellable(int signum)
{
	return pcl_os_signal_valid(signum) && !pcl_os_signal_faults(signum);
}

void
pcl_win_event_name(wchar_t name[PCL_WIN_EVENT_NAME], int64_t pid,
    uint64_t created, int signum)
{
	/* Global: whoever sends may be in another session. */
	swprintf(name, PCL_WIN_EVENT_NAME, L"Global\\proclc-%lu-%lx%08lx-%d",
	    (unsigned long)pid, (unsigned long)(created >> 32),
	    (unsigned long)(created & 0xffffffff), signum);
}

static enum pcl_os_action
action(int signum)
{
	return (enum pcl_os_action)atomic_load(&actions[signum]);
}

/* What it does now: to the hook, to nobody, or the end. */
static void
happen(int signum)
{
	struct pcl_os_arrival arrival = { .signum = signum };

	if (action(signum) == PCL_OS_OURS)
		hook(&arrival);
	else if (action(signum) == PCL_OS_DEFAULT)
		pcl_os_die(signum);
	/* A crash hook has given it back: it is none that goes on by
	 * itself. */
	if (pcl_os_signal_crashes(signum) && action(signum) == PCL_OS_DEFAULT)
		pcl_os_die(signum);
}

int
pcl_win_event_raise(int64_t pid, uint64_t created, int signum)
{
	wchar_t name[PCL_WIN_EVENT_NAME];
	HANDLE event;
	int rc;

	if (pid == pcl_os_pid()) {
		if (events[signum] == NULL)
			return PROCLC_ENOTSUP;
		happen(signum);
		return 0;
	}
	pcl_win_event_name(name, pid, created, signum);
	event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
	if (event == NULL)
		return pcl_win_last_error_as(GetLastError() ==
		    ERROR_ACCESS_DENIED ? PROCLC_EPERM : PROCLC_ENOTSUP);
	rc = SetEvent(event) ? 0 : pcl_win_last_error();
	CloseHandle(event);
	return rc;
}

static void CALLBACK
on_event(void *number, BOOLEAN timed_out)
{
	(void)timed_out;
	happen((int)(intptr_t)number);
}

/* Be there to be told, from now on. */
static int
listen(int signum)
{
	wchar_t name[PCL_WIN_EVENT_NAME];
	HANDLE wait, event;

	if (events[signum] != NULL)
		return 0;
	pcl_win_event_name(name, pcl_os_pid(),
	    pcl_win_created(GetCurrentProcess()), signum);
	/* Our parent may have made it, and raised it already. */
	event = CreateEventW(NULL, FALSE, FALSE, name);
	if (event == NULL)
		return pcl_win_last_error();
	if (!RegisterWaitForSingleObject(&wait, event, on_event,
	    (void *)(intptr_t)signum, INFINITE, WT_EXECUTEINWAITTHREAD)) {
		CloseHandle(event);
		return pcl_win_last_error();
	}
	events[signum] = event;
	return 0;
}

int
pcl_win_console_signal(DWORD event)
{
	switch (event) {
	case CTRL_C_EVENT:
	case CTRL_BREAK_EVENT:
		return SIGINT;
	case CTRL_CLOSE_EVENT:
	case CTRL_SHUTDOWN_EVENT:
		return SIGTERM;
	default:
		/* Somebody has logged off: services alone hear of it. */
		return 0;
	}
}

static BOOL WINAPI
on_console(DWORD event)
{
	int signum = pcl_win_console_signal(event);

	if (signum == 0 || action(signum) != PCL_OS_OURS)
		return signum != 0 && action(signum) == PCL_OS_IGNORED;
	happen(signum);
	/* The process is ended when this returns: let it end by itself. */
	if (signum == SIGTERM)
		pcl_os_thread_park();
	return TRUE;
}

/* The signal that stands for an exception; 0: none. */
static int
of_exception(DWORD code)
{
	switch (code) {
	case EXCEPTION_ACCESS_VIOLATION:
	case EXCEPTION_ARRAY_BOUNDS_EXCEEDED:
	case EXCEPTION_DATATYPE_MISALIGNMENT:
	case EXCEPTION_IN_PAGE_ERROR:
	case EXCEPTION_STACK_OVERFLOW:
		return SIGSEGV;
	case EXCEPTION_ILLEGAL_INSTRUCTION:
	case EXCEPTION_PRIV_INSTRUCTION:
		return SIGILL;
	case EXCEPTION_FLT_DENORMAL_OPERAND:
	case EXCEPTION_FLT_DIVIDE_BY_ZERO:
	case EXCEPTION_FLT_INEXACT_RESULT:
	case EXCEPTION_FLT_INVALID_OPERATION:
	case EXCEPTION_FLT_OVERFLOW:
	case EXCEPTION_FLT_STACK_CHECK:
	case EXCEPTION_FLT_UNDERFLOW:
	case EXCEPTION_INT_DIVIDE_BY_ZERO:
	case EXCEPTION_INT_OVERFLOW:
		return SIGFPE;
	default:
		return 0;
	}
}

int
pcl_win_signal_of(DWORD code)
{
	DWORD death = code - pcl_win_death(0);

	if (death > 0 && death < PCL_SIGNALS)
		return (int)death;
	if (code == STATUS_CONTROL_C_EXIT)
		return SIGINT;
	if (code == PCL_WIN_FAST_FAIL)
		return SIGABRT;
	return of_exception(code);
}

static LONG WINAPI
filter(EXCEPTION_POINTERS *info)
{
	struct pcl_os_arrival arrival = { .signum =
	    of_exception(info->ExceptionRecord->ExceptionCode) };

	if (arrival.signum != 0 && action(arrival.signum) == PCL_OS_OURS)
		hook(&arrival);
	return older_filter == NULL ? EXCEPTION_CONTINUE_SEARCH :
	    older_filter(info);
}

static void
on_abort(int signum)
{
	happen(signum);
}

/* The lock is held: hear of a signal by every way that there is. */
static int
hear(int signum)
{
	int rc = pcl_win_tellable(signum) ? listen(signum) : 0;

	if (rc == 0 && pcl_os_signal_faults(signum) && !filters) {
		older_filter = SetUnhandledExceptionFilter(filter);
		filters = true;
	}
	if (rc == 0 && signum == SIGABRT && !hears_abort)
		hears_abort = (signal)(SIGABRT, on_abort) != SIG_ERR;
	if (rc == 0 && (signum == SIGINT || signum == SIGTERM) &&
	    !hears_console)
		hears_console = SetConsoleCtrlHandler(on_console, TRUE) != 0;
	return rc;
}

int
pcl_os_signal_catch(int signum, struct pcl_os_disposition *previous)
{
	int rc;

	AcquireSRWLockExclusive(&lock);
	rc = hear(signum);
	if (rc == 0)
		previous->space[0] = (void *)(intptr_t)atomic_exchange(
		    &actions[signum], PCL_OS_OURS);
	ReleaseSRWLockExclusive(&lock);
	return rc;
}

enum pcl_os_action
pcl_os_action_of(const struct pcl_os_disposition *disposition)
{
	return (enum pcl_os_action)(intptr_t)disposition->space[0];
}

int
pcl_os_signal_restore(int signum, const struct pcl_os_disposition *previous)
{
	atomic_store(&actions[signum], (int)pcl_os_action_of(previous));
	return 0;
}

enum pcl_os_action
pcl_os_signal_query(int signum)
{
	return action(signum);
}

/* For a fault that has used up its thread's stack. */
int
pcl_os_signal_stack(void)
{
	ULONG size = 64 * 1024;

	return SetThreadStackGuarantee(&size) ? 0 : PROCLC_ENOMEM;
}

/* Here and now: what is sent to oneself has come when the call returns. */
void
pcl_os_signal_again(int signum)
{
	happen(signum);
}

void
pcl_os_signal_yield(int signum, const struct pcl_os_disposition *previous)
{
	pcl_os_signal_restore(signum, previous);
	happen(signum);
}

void
pcl_os_signal_chain(const struct pcl_os_arrival *arrival,
    const struct pcl_os_disposition *previous)
{
	(void)arrival;
	(void)previous;
}

void
pcl_os_signals_block(struct pcl_os_sigmask *saved)
{
	memset(saved, 0, sizeof(*saved));
}

void
pcl_os_signals_unblock(const struct pcl_os_sigmask *saved)
{
	(void)saved;
}

void
pcl_os_signals_open(void)
{
}

void
pcl_os_signals_forget(void)
{
	for (int signum = 1; signum < PCL_SIGNALS; signum++)
		if (action(signum) == PCL_OS_OURS)
			atomic_store(&actions[signum], PCL_OS_DEFAULT);
}

/* Nothing is inherited ignored. */
void
pcl_os_signals_heed(void)
{
}

void
pcl_os_disposition_heed(int signum, struct pcl_os_disposition *disposition)
{
	(void)signum;
	(void)disposition;
}

_Noreturn void
pcl_os_die(int signum)
{
	for (;;)
		TerminateProcess(GetCurrentProcess(), pcl_win_death(signum));
}
