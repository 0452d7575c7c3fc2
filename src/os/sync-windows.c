/* sync-windows.c - locks and threads. */
#include <config.h>

#include <process.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/win32.h"

_Static_assert(sizeof(SRWLOCK) <= sizeof(struct pcl_os_mutex),
    "pcl_os_mutex is too small");
_Static_assert(sizeof(CONDITION_VARIABLE) <= sizeof(struct pcl_os_cond),
    "pcl_os_cond is too small");

static BOOL CALLBACK
call_it(INIT_ONCE *once, void *fn, void **unused)
{
	(void)once;
	(void)unused;
	(*(void (**)(void))fn)();
	return TRUE;
}

void
pcl_os_call_once(void (*fn)(void))
{
	static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

	InitOnceExecuteOnce(&once, call_it, &fn, NULL);
}

void
pcl_os_mutex_init(struct pcl_os_mutex *mutex)
{
	InitializeSRWLock((SRWLOCK *)mutex);
}

void
pcl_os_mutex_lock(struct pcl_os_mutex *mutex)
{
	AcquireSRWLockExclusive((SRWLOCK *)mutex);
}

void
pcl_os_mutex_unlock(struct pcl_os_mutex *mutex)
{
	ReleaseSRWLockExclusive((SRWLOCK *)mutex);
}

void
pcl_os_cond_init(struct pcl_os_cond *cond)
{
	InitializeConditionVariable((CONDITION_VARIABLE *)cond);
}

void
pcl_os_cond_broadcast(struct pcl_os_cond *cond)
{
	WakeAllConditionVariable((CONDITION_VARIABLE *)cond);
}

void
pcl_os_cond_wait(struct pcl_os_cond *cond, struct pcl_os_mutex *mutex,
    int64_t due)
{
	SleepConditionVariableSRW((CONDITION_VARIABLE *)cond,
	    (SRWLOCK *)mutex, pcl_win_left(due), 0);
}

/* There is no fork here. */
int
pcl_os_atfork(void (*prepare)(void), void (*parent)(void),
    void (*child)(void))
{
	(void)prepare;
	(void)parent;
	(void)child;
	return 0;
}

/*
 * What is to be called when a thread ends from inside a call of ours, newest
 * first; and, below all of them, what at_end has asked for.  The slot's
 * callback comes for ExitThread and for the return of a thread's function; and
 * for ExitProcess, when all other threads are dead with whatever locks they
 * had: to that nothing is lost.
 */
struct frame {
	void (*lost)(void *arg);
	void *arg;
	struct frame *outer;
};

static struct {
	INIT_ONCE once;
	DWORD frames, ends;
} slots = { .once = INIT_ONCE_STATIC_INIT };
static void (*_Atomic end_fn)(void);
static atomic_int own;

static bool
process_ends(void)
{
	HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
	FARPROC found = GetProcAddress(ntdll, "RtlDllShutdownInProgress");
	BOOLEAN(NTAPI *in_progress)(void);

	memcpy(&in_progress, &found, sizeof(in_progress));
	return found != NULL && in_progress();
}

static void WINAPI
frames_lost(void *first)
{
	if (process_ends())
		return;
	for (struct frame *f = first; f != NULL; f = f->outer)
		f->lost(f->arg);
}

static void WINAPI
thread_ended(void *asked)
{
	if (asked != NULL && !process_ends())
		atomic_load(&end_fn)();
}

static BOOL CALLBACK
make_slots(INIT_ONCE *once, void *unused, void **context)
{
	(void)once;
	(void)unused;
	(void)context;
	slots.frames = FlsAlloc(frames_lost);
	slots.ends = FlsAlloc(thread_ended);
	return TRUE;
}

void
pcl_os_call(void (*fn)(void *arg), void *arg, void (*lost)(void *arg))
{
	struct frame frame = { .lost = lost, .arg = arg };

	InitOnceExecuteOnce(&slots.once, make_slots, NULL, NULL);
	frame.outer = FlsGetValue(slots.frames);
	FlsSetValue(slots.frames, &frame);
	fn(arg);
	FlsSetValue(slots.frames, frame.outer);
}

void
pcl_os_thread_at_end(void (*fn)(void))
{
	InitOnceExecuteOnce(&slots.once, make_slots, NULL, NULL);
	atomic_store(&end_fn, fn);
	FlsSetValue(slots.ends, &end_fn);
}

int
pcl_os_threads_own(void)
{
	return atomic_load(&own);
}

void
pcl_os_threads_forget(void)
{
	atomic_store(&own, 0);
}

static void
run(void *arg)
{
	((struct pcl_os_thread *)arg)->fn();
}

static void
ended(void *arg)
{
	struct pcl_os_thread *thread = arg;

	atomic_fetch_sub(&own, 1);
	/* Nobody joins it. */
	CloseHandle(thread->id[0]);
	if (thread->lost != NULL)
		thread->lost();
}

static unsigned __stdcall
thread_main(void *arg)
{
	struct pcl_os_thread *thread = arg;

	pcl_os_thread_name(thread->name);
	pcl_os_call(run, thread, ended);
	atomic_fetch_sub(&own, 1);
	return 0;
}

int
pcl_os_thread_start(struct pcl_os_thread *thread)
{
	size_t stack = thread->stack == 0 ? PCL_OS_STACK_SIZE : thread->stack;
	HANDLE id;

	/* Suspended: it shall not end before its handle is where it looks. */
	id = (HANDLE)_beginthreadex(NULL, (unsigned)stack, thread_main, thread,
	    CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
	if (id == NULL)
		return PROCLC_EAGAIN;
	thread->id[0] = id;
	atomic_fetch_add(&own, 1);
	ResumeThread(id);
	return 0;
}

void
pcl_os_thread_join(struct pcl_os_thread *thread)
{
	WaitForSingleObject(thread->id[0], INFINITE);
	CloseHandle(thread->id[0]);
}

/* No thread is ever cancelled here. */
int
pcl_os_cancel_disable(void)
{
	return 0;
}

void
pcl_os_cancel_restore(int before)
{
	(void)before;
}

uintptr_t
pcl_os_thread_self(void)
{
	return GetCurrentThreadId();
}

_Noreturn void
pcl_os_thread_park(void)
{
	for (;;)
		Sleep(INFINITE);
}
