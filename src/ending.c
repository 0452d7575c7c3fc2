/*
 * ending.c - the one end-of-process machine.
 *
 * Promise: whoever ends the process, and however many do at once, the runner
 * is entered by one thread, and the parent sees the true status.
 *
 * An end by signal leaves through libc's exit too, so that the handlers of
 * other libraries run and stdio is written; our last destructor then dies by
 * the signal.  A forked child leaves without libc: its exit handlers there
 * belong to the parent.
 */
#include "ending.h"

#include <stdatomic.h>

#include "dispatch.h"
#include "error.h"
#include "fork.h"

/* How long to wait at the end for a stream that another thread has locked. */
enum { ENTRIES = 8, FLUSH_MS = 500, LEADER_MS = 1000 };

static struct {
	bool known;
	_Atomic bool taken;	/* somebody ends this process */
	bool ran;	/* the runner is through */
	_Atomic bool libc_waits;	/* another thread, in libc's exit */
	bool handed_over;	/* to that one */
	_Atomic bool led;	/* a thread goes on in libc's exit */
	_Atomic bool past_last;	/* and another one took libc's last entry */
	bool in_exit;	/* the last word was exit's, with this code */
	int exit_code;
	_Atomic unsigned manner;	/* of an end by signal */
	uint32_t libc_owner;	/* the process whose libc handlers they are */
	void (*run)(const struct proclc_exit_cause *cause);
	struct pcl_deadline deadline;
	struct proclc_exit_cause cause;
} e;

/* This thread is the one; and the one that goes on in libc's exit. */
static _Thread_local bool ending, leads;

/* Leave, now: by the signal, or by a code. */
static _Noreturn void
leave_by(int kind, int signum, int code)
{
	if (signum == 0)
		pcl_os_exit(code);
	if (kind == PROCLC_EXIT_SIGNAL && (e.manner & PCL_END_BY_CODE) != 0)
		pcl_os_exit(signum);
	pcl_os_die(signum);
}

static _Noreturn void
leave(void)
{
	leave_by(e.cause.kind, e.cause.signum, e.cause.code);
}

/* On the guard thread: the dispatcher may never have come to call us. */
static void
expire(struct pcl_deadline *deadline)
{
	int signum = pcl_deadline_signum(deadline);

	if (signum == 0)
		leave();
	leave_by(PROCLC_EXIT_SIGNAL, signum, 0);
}

static void
start_deadline(void)
{
	if (e.cause.signum != 0 && e.deadline.added)
		pcl_deadline_start(&e.deadline, 0);
}

/* Wait for the end, which another thread brings about.  In a callback: that
 * one must not wait for this callback to return. */
static _Noreturn void
park(void)
{
	if (pcl_dispatching())
		pcl_fork_callback_lost();
	pcl_os_thread_park();
}

/* Become the one who ends the process, or wait for the end. */
static void
claim(enum proclc_exit_kind kind, int code, int signum)
{
	pcl_enter(PCL_LOCK_ENDING);
	if (e.taken && !ending) {
		pcl_unlock(PCL_LOCK_ENDING);
		park();
	}
	e.taken = true;
	ending = true;
	e.in_exit = false;
	e.cause = (struct proclc_exit_cause){
		.size = sizeof(e.cause),
		.kind = (int32_t)kind,
		.code = code,
		.signum = signum,
	};
	pcl_unlock(PCL_LOCK_ENDING);
}

static void
run(void)
{
	struct proclc_exit_cause cause = e.cause;

	if (e.run != NULL)
		e.run(&cause);
	pcl_fork_over();
}

/* Not through libc: in a child its handlers are the parent's. */
static _Noreturn void
leave_at_once(void)
{
	pcl_os_stdio_flush();
	leave();
}

static bool
leaves_through_libc(enum proclc_exit_kind kind)
{
	if (pcl_process() != e.libc_owner)
		return false;
	return kind != PROCLC_EXIT_SIGNAL ||
	    (e.manner & PCL_END_WITHOUT_LIBC) == 0;
}

/* The runner is through: does a thread in libc's exit go on instead of us? */
static bool
hand_over(void)
{
	bool waits;

	pcl_lock(PCL_LOCK_ENDING);
	e.ran = true;
	waits = e.handed_over = e.libc_waits;
	pcl_broadcast(PCL_LOCK_ENDING);
	pcl_unlock(PCL_LOCK_ENDING);
	return waits;
}

/* A thread in libc's exit, while another one ends the process. */
static void
wait_for_runner(void)
{
	if (e.libc_waits) {
		pcl_unlock(PCL_LOCK_ENDING);
		park();
	}
	e.libc_waits = true;
	if (pcl_dispatching()) {
		pcl_unlock(PCL_LOCK_ENDING);
		pcl_fork_callback_lost();
		pcl_lock(PCL_LOCK_ENDING);
	}
	while (!e.ran)
		pcl_wait(PCL_LOCK_ENDING, PCL_NEVER);
	pcl_unlock(PCL_LOCK_ENDING);
}

static void
run_in_exit(int code)
{
	e.in_exit = true;
	e.exit_code = code;
	run();
}

/* Older libcs let several threads into exit: the first one here goes on, and
 * to the others it ends the process. */
static void
lead(void)
{
	pcl_lock(PCL_LOCK_ENDING);
	if (!e.led)
		e.led = leads = true;
	pcl_broadcast(PCL_LOCK_ENDING);
	pcl_unlock(PCL_LOCK_ENDING);
	if (!leads)
		park();
}

/* Nor shall it overtake who has run ours and is now in older libcs' exit, too,
 * perhaps in another library's handler.  Newer ones keep that one out. */
static void
follow(void)
{
	int64_t due = pcl_os_now() + LEADER_MS;

	wait_for_runner();
	pcl_lock(PCL_LOCK_ENDING);
	while (!e.led && !e.handed_over && pcl_os_now() < due)
		pcl_wait(PCL_LOCK_ENDING, due);
	pcl_unlock(PCL_LOCK_ENDING);
	lead();
}

/* After all other handlers: the status is ours to say.  Libc would wait for
 * ever for a stream that another thread has locked. */
static void
say_last_word(void)
{
	bool written;

	if (e.cause.kind == PROCLC_EXIT_NORMAL)
		return;
	written = pcl_os_stdio_flush_all(FLUSH_MS);
	if (e.cause.signum != 0 || e.libc_waits || !written)
		leave();
}

static void
libc_last(void);

/* libc's exit comes here before it calls older handlers. */
static void
libc_first(int code)
{
	if (ending) {
		lead();
		if (e.past_last)
			say_last_word();
		/* A handler called exit: the others run all the same. */
		run_in_exit(code);
		return;
	}
	/* Older libcs let a second thread into exit: it shall meet us, too,
	 * and wait. */
	pcl_os_at_exit(libc_first, libc_last);
	pcl_enter(PCL_LOCK_ENDING);
	if (e.taken) {
		ending = true;
		follow();
		return;
	}
	pcl_unlock(PCL_LOCK_ENDING);
	claim(PROCLC_EXIT_NORMAL, code, 0);
	lead();
	run_in_exit(code);
}

/* And here after all others, unless one of those is still running: then a
 * late thread found nothing but us on libc's list. */
static void
libc_last(void)
{
	if (!e.taken)
		return;
	/* Who comes late is to meet us, and not an empty list. */
	if (e.cause.kind != PROCLC_EXIT_NORMAL)
		pcl_os_at_exit(libc_first, libc_last);
	if (e.led && !leads)
		e.past_last = true;
	lead();
	say_last_word();
}

static void
in_child(void)
{
	e.taken = false;
	e.ran = e.handed_over = false;
	e.libc_waits = false;
	e.led = false;
	e.past_last = false;
	e.deadline.added = false;
	ending = leads = false;
}

static const struct pcl_fork_unit unit = {
	.name = "ending",
	.child = in_child,
};

static void
leave_stray(void)
{
	pcl_end(PROCLC_EXIT_CALL, 0, 0);
}

int
pcl_ending_start(void)
{
	int rc = pcl_fork_init();
	uint32_t process;

	if (rc < 0)
		return rc;
	process = pcl_enter(PCL_LOCK_ENDING);
	if (!e.known) {
		e.libc_owner = process;
		/* Older libcs take an entry off before they call it: each of
		 * several threads in exit shall find one. */
		for (int i = 0; i < ENTRIES && rc == 0; i++)
			rc = pcl_os_at_exit(libc_first, libc_last);
		if (rc < 0) {
			pcl_unlock(PCL_LOCK_ENDING);
			return pcl_fail(rc, PROCLC_STAGE_MEMORY,
			    "register with exit");
		}
		e.known = true;
		pcl_fork_add_unit(&unit);
		pcl_on_stray_return(leave_stray);
	}
	pcl_unlock(PCL_LOCK_ENDING);
	return 0;
}

void
pcl_ending_runner(void (*fn)(const struct proclc_exit_cause *cause))
{
	pcl_enter(PCL_LOCK_ENDING);
	e.run = fn;
	pcl_unlock(PCL_LOCK_ENDING);
}

/* Run what is to run, and leave. */
static _Noreturn void
finish(void)
{
	int signum = e.cause.signum, code = e.cause.code;

	run();
	if (!leaves_through_libc((enum proclc_exit_kind)e.cause.kind))
		leave_at_once();
	/* Newer libcs lock exit: who is in it must be the one to go on. */
	if (hand_over())
		pcl_os_thread_park();
	pcl_os_libc_exit(signum != 0 ? 128 + signum : code);
}

_Noreturn void
pcl_end(enum proclc_exit_kind kind, int code, int signum)
{
	/* Without memory for libc's hook the handlers run all the same. */
	pcl_ending_start();
	claim(kind, code, signum);
	start_deadline();
	finish();
}

_Noreturn void
pcl_end_go_on(void)
{
	if (!e.in_exit)
		finish();
	/* Back into exit, which has been left.  A code that libc did not tell
	 * is lost: it shall not look like success. */
	run();
	pcl_os_libc_exit(e.exit_code == PROCLC_CODE_UNKNOWN ? 1 :
	    e.exit_code);
}

int
pcl_ending_bound(int64_t ms, unsigned manner, struct pcl_deadline **deadline)
{
	e.manner = manner;
	e.deadline.ms = ms;
	e.deadline.impatient = (manner & PCL_END_AT_SECOND) != 0;
	e.deadline.expire = expire;
	e.deadline.handle = PCL_NONE;
	e.deadline.look_ms = 0;
	*deadline = &e.deadline;
	return pcl_deadline_add(&e.deadline);
}

void
pcl_ending_unbound(bool failed)
{
	if (failed)
		pcl_deadline_undo(&e.deadline);
	else
		pcl_deadline_remove(&e.deadline);
}

bool
pcl_is_ending(void)
{
	return e.taken;
}
