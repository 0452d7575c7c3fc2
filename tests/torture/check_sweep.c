/* Whatever fails under the calls that reach a daemon and handle signals. */
#define _GNU_SOURCE 1

#include "sweep.h"
#include "../toolkit/toolkit.h"

#include <proclc.h>

#include <check.h>
#include <errno.h>
#include <stddef.h>

/* What else than the system's errno is a true answer. */
static const struct sweep_answer reader_answers[] = {
	/* a link where the file should be */
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	/* it has ended meanwhile */
	{ "pidfd_send_signal", ESRCH, PROCLC_ENOTRUNNING },
	{ "kill", ESRCH, PROCLC_ENOTRUNNING },
	/* the lock names a process that is not there, again and again */
	{ "pidfd_open", ESRCH, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ NULL, 0, 0 }
};

static const struct sweep_answer holder_answers[] = {
	/* somebody holds it, who does not say his pid */
	{ "flock", EAGAIN, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	/* somebody removes the file again and again */
	{ "newfstatat", ENOENT, PROCLC_EAGAIN },
	{ "pidfd_open", ESRCH, PROCLC_ESTARTING },
	{ NULL, 0, 0 }
};

/* What pthread_create(3) makes of them. */
static const struct sweep_answer thread_answers[] = {
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "mprotect", 0, PROCLC_EAGAIN },
	{ "clone3", 0, PROCLC_EAGAIN },
	{ "clone", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep_answer task_answers[] = {
	/* what the child has met stands in the message */
	{ "*", 0, PROCLC_ESTARTFAILED },
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep_answer watch_answers[] = {
	{ "pidfd_open", ESRCH, PROCLC_EORPHANED },
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "mprotect", 0, PROCLC_EAGAIN },
	{ "clone3", 0, PROCLC_EAGAIN },
	{ "clone", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

/* fstat() of an open descriptor: where it fails the library takes that for a
 * descriptor that is not its own any more, and leaves it open. */
#define FSTAT "newfstatat.EMPTY_PATH", "fstat"

static const char *const known_send[] = { FSTAT, NULL };
/* open leaves the new, empty file behind when it cannot lock it. */
static const char *const known_hold[] = {
	FSTAT, "newfstatat", "fcntl.OFD_SETLK", "flock", NULL
};
/* The dispatcher runs round and round while ppoll() is interrupted without a
 * signal, or the pipe's read() fails. */
static const char *const known_handler[] = { FSTAT, "ppoll", "read", NULL };

/* Output that was buffered is lost when its flush before the fork fails. */
static const char *const known_task[] = { FSTAT, "write", NULL };

/* install leaves the guard thread when the other thread is not to be had. */
static const char *const known_atexit[] = {
	FSTAT, "ppoll", "read", "mmap", "mprotect", "clone", "clone3",
	"pipe2", "fcntl.DUPFD_CLOEXEC", "malloc", NULL
};

static const struct sweep sweeps[] = {
	{ "send", true, reader_answers, known_send, 0 },
	{ "ping", true, reader_answers, known_send, 0 },
	{ "hold", false, holder_answers, known_hold, 0 },
	{ "handler", false, thread_answers, known_handler, 1 },
	{ "stop", false, reader_answers, known_send, 0 },
	{ "task", false, task_answers, known_task, 0 },
	{ "loop", false, task_answers, known_task, 0 },
	{ "orphan", false, watch_answers, known_handler, 1 },
	{ "atexit", false, thread_answers, known_atexit, 1 },
};

/* The first ones are run by every make check. */
enum { SWEEPS = sizeof(sweeps) / sizeof(sweeps[0]), USUAL_SWEEPS = 4 };

START_TEST(failing_call_is_an_error_or_a_fallback)
{
	sweep_calls(&sweeps[_i]);
}
END_TEST

START_TEST(refused_memory_is_ENOMEM)
{
	sweep_allocations(&sweeps[_i]);
}
END_TEST

START_TEST(killed_anywhere_the_next_one_works)
{
	sweep_kills(&sweeps[_i]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("sweep");
	TCase *tc = tcase_create("sweep");
	int n = sweep_all() ? SWEEPS : USUAL_SWEEPS;

	tcase_add_checked_fixture(tc, sweep_setup, sweep_teardown);
	tcase_set_timeout(tc, sweep_timeout());
	tcase_add_loop_test(tc, failing_call_is_an_error_or_a_fallback, 0, n);
	tcase_add_loop_test(tc, refused_memory_is_ENOMEM, 0, n);
	tcase_add_loop_test(tc, killed_anywhere_the_next_one_works, 0, n);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
