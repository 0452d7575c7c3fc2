/* Handler objects: what they take, refuse, and put back.  Nothing is
 * delivered here; see check_signals_delivery.c. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct proclc_sighandler *h, *other;

static void
on_event(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
}

static void
on_foreign(int signum)
{
	(void)signum;
}

static void
on_foreign_info(int signum, siginfo_t *info, void *context)
{
	(void)signum;
	(void)info;
	(void)context;
}

/* With the library's thread and pipe made, any difference is the object's;
 * what that thread blocks follows a moment later (check_dispatch). */
static void
begin(void)
{
	expect_library_threads();
	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR2, on_event, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR2, NULL, NULL), 0);
	toolkit_mark();
}

static void
end(void)
{
	proclc_sighandler_free(h);
	proclc_sighandler_free(other);
	h = other = NULL;
}

static bool
caught(int signum)
{
	struct sigaction now;

	ck_assert_int_eq(sigaction(signum, NULL, &now), 0);
	return (now.sa_flags & SA_SIGINFO) != 0 &&
	    now.sa_sigaction != on_foreign_info;
}

START_TEST(sighandler_new_without_place_is_EINVAL)
{
	ck_assert_int_eq(proclc_sighandler_new(NULL, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_sighandler_set(NULL, SIGUSR1, on_event, NULL),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_sighandler_start(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_sighandler_stop(NULL), PROCLC_EINVAL);
	proclc_sighandler_free(NULL);
}
END_TEST

START_TEST(sighandler_new_changes_nothing)
{
	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_new(&other, "/any/path"), 0);
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1, on_event, NULL), 0);
	toolkit_unchanged();
	end();
}
END_TEST

START_TEST(sighandler_start_twice_is_EALREADY)
{
	begin();
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1, on_event, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert_int_eq(proclc_sighandler_start(h), PROCLC_EALREADY);
	ck_assert(caught(SIGUSR1));
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert(caught(SIGUSR1));
	end();
	toolkit_unchanged();
}
END_TEST

START_TEST(sighandler_stop_is_idempotent)
{
	begin();
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	toolkit_unchanged();
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	proclc_sighandler_start(h);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	toolkit_unchanged();
	end();
}
END_TEST

/* A second stop must not restore once more over what came between. */
START_TEST(sighandler_stop_again_leaves_foreign_handler)
{
	struct sigaction now;

	toolkit_expect_signal(SIGUSR1);
	begin();
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	proclc_sighandler_start(h);
	proclc_sighandler_stop(h);
	signal(SIGUSR1, on_foreign);
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	end();
	sigaction(SIGUSR1, NULL, &now);
	ck_assert(now.sa_handler == on_foreign);
}
END_TEST

START_TEST(sighandler_stop_leaves_newer_foreign_handler)
{
	struct sigaction now;

	toolkit_expect_signal(SIGUSR1);
	begin();
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	proclc_sighandler_start(h);
	signal(SIGUSR1, on_foreign);
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	sigaction(SIGUSR1, NULL, &now);
	ck_assert(now.sa_handler == on_foreign);
	end();
}
END_TEST

static void
install(int kind)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	if (kind == 1)
		action.sa_handler = SIG_IGN;
	if (kind == 2) {
		action.sa_handler = on_foreign;
		action.sa_flags = SA_NODEFER;
		sigaddset(&action.sa_mask, SIGHUP);
	}
	if (kind == 3) {
		action.sa_sigaction = on_foreign_info;
		action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
		sigfillset(&action.sa_mask);
	}
	ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
}

/* Default, ignored, two handlers: flags and mask, too. */
START_TEST(sighandler_stop_restores_exactly)
{
	struct sigaction before, after;

	toolkit_expect_signal(SIGUSR1);
	begin();
	install(_i);
	sigaction(SIGUSR1, NULL, &before);
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert(caught(SIGUSR1));
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	sigaction(SIGUSR1, NULL, &after);
	ck_assert(after.sa_handler == before.sa_handler);
	ck_assert(after.sa_flags == before.sa_flags);
	for (int signum = 1; signum <= 64; signum++)
		ck_assert_int_eq(sigismember(&after.sa_mask, signum),
		    sigismember(&before.sa_mask, signum));
	end();
}
END_TEST

/* The first in must not be put back while the second runs. */
START_TEST(sighandler_stop_in_any_order_restores)
{
	struct proclc_sighandler *first, *last;

	begin();
	ck_assert_int_eq(proclc_sighandler_new(&other, NULL), 0);
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	proclc_sighandler_set(other, SIGUSR1, on_event, NULL);
	proclc_sighandler_start(h);
	proclc_sighandler_start(other);
	first = _i == 0 ? h : other;
	last = _i == 0 ? other : h;
	proclc_sighandler_stop(first);
	ck_assert(caught(SIGUSR1));
	proclc_sighandler_stop(last);
	ck_assert(!caught(SIGUSR1));
	end();
	toolkit_unchanged();
}
END_TEST

START_TEST(sighandler_set_while_running_installs_and_restores)
{
	begin();
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	toolkit_unchanged();
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1, on_event, NULL), 0);
	ck_assert(caught(SIGUSR1));
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1,
	    PROCLC_SIGNAL_IGNORE, NULL), 0);
	ck_assert(caught(SIGUSR1));
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1,
	    PROCLC_SIGNAL_DEFAULT, NULL), 0);
	ck_assert(caught(SIGUSR1));
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1, NULL, NULL), 0);
	toolkit_unchanged();
	end();
}
END_TEST

START_TEST(sighandler_free_while_running_restores)
{
	begin();
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	proclc_sighandler_start(h);
	end();
	toolkit_unchanged();
}
END_TEST

static const int bad_signals[] = { SIGKILL, SIGSTOP, 0, -1, 65, 1000, 32, 33,
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, -2147483647 - 1,
    2147483647 };

enum { BAD_SIGNALS = sizeof(bad_signals) / sizeof(bad_signals[0]) };

START_TEST(sighandler_set_bad_signal_is_ESIGNAL)
{
	begin();
	if (bad_signals[_i] == 32 && SIGRTMIN <= 32)
		toolkit_skip("signal 32 is free here");
	else
		for (int running = 0; running < 2; running++) {
			ck_assert_int_eq(proclc_sighandler_set(h,
			    bad_signals[_i], on_event, NULL), PROCLC_ESIGNAL);
			toolkit_unchanged();
			if (running == 0)
				ck_assert_int_eq(proclc_sighandler_start(h), 0);
		}
	end();
}
END_TEST

/* All the others, all at once. */
START_TEST(sighandler_set_every_good_signal_is_caught)
{
	int n = 0;

	begin();
	for (int signum = 1; signum <= 64; signum++)
		if (proclc_sighandler_set(h, signum, on_event, NULL) == 0)
			n++;
	ck_assert_int_ge(n, 31 - 8 + SIGRTMAX - SIGRTMIN + 1);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	for (int signum = SIGRTMIN; signum <= SIGRTMAX; signum++)
		ck_assert(caught(signum));
	ck_assert(caught(SIGHUP) && caught(SIGTERM) && caught(SIGCHLD) &&
	    caught(SIGTSTP) && caught(SIGABRT) && caught(SIGPIPE));
	end();
	toolkit_unchanged();
}
END_TEST

/* A system call that is interrupted goes on; an alternate stack is used. */
START_TEST(sighandler_start_installs_with_flags)
{
	struct sigaction now;

	begin();
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	proclc_sighandler_start(h);
	sigaction(SIGUSR1, NULL, &now);
	ck_assert((now.sa_flags & SA_RESTART) != 0);
	ck_assert((now.sa_flags & SA_ONSTACK) != 0);
	end();
}
END_TEST

/* No descriptor is left for its pipe: nothing is handled, nothing remains. */
START_TEST(sighandler_start_without_descriptors_is_EMFILE)
{
	struct rlimit limit, none;

	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	ck_assert_int_eq(proclc_sighandler_start(h), PROCLC_EMFILE);
	setrlimit(RLIMIT_NOFILE, &limit);
	toolkit_unchanged();
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert(caught(SIGUSR1));
	toolkit_expect(TOOLKIT_FDS);
	expect_library_threads();
	end();
}
END_TEST

/* No address space is left for its thread. */
START_TEST(sighandler_start_without_thread_is_EAGAIN)
{
	struct rlimit limit, none;

	if (getenv("ASAN_OPTIONS") != NULL) {
		toolkit_skip("a sanitizer needs memory of its own");
		return;
	}
	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	proclc_sighandler_set(h, SIGUSR1, on_event, NULL);
	getrlimit(RLIMIT_AS, &limit);
	none = limit;
	none.rlim_cur = 4096;
	setrlimit(RLIMIT_AS, &none);
	ck_assert_int_eq(proclc_sighandler_start(h), PROCLC_EAGAIN);
	setrlimit(RLIMIT_AS, &limit);
	toolkit_unchanged();
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "thread"));
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("signals");
	TCase *object = tcase_create("object");
	TCase *failure = tcase_create("failure");

	tcase_add_checked_fixture(object, toolkit_setup, toolkit_teardown);
	tcase_add_test(object, sighandler_new_without_place_is_EINVAL);
	tcase_add_test(object, sighandler_new_changes_nothing);
	tcase_add_test(object, sighandler_start_twice_is_EALREADY);
	tcase_add_test(object, sighandler_start_installs_with_flags);
	tcase_add_test(object, sighandler_stop_is_idempotent);
	tcase_add_test(object, sighandler_stop_again_leaves_foreign_handler);
	tcase_add_test(object, sighandler_stop_leaves_newer_foreign_handler);
	tcase_add_loop_test(object, sighandler_stop_restores_exactly, 0, 4);
	tcase_add_loop_test(object, sighandler_stop_in_any_order_restores, 0,
	    2);
	tcase_add_test(object,
	    sighandler_set_while_running_installs_and_restores);
	tcase_add_test(object, sighandler_free_while_running_restores);
	tcase_add_test(object, sighandler_set_every_good_signal_is_caught);
	suite_add_tcase(suite, object);

	tcase_add_checked_fixture(failure, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(failure, sighandler_set_bad_signal_is_ESIGNAL, 0,
	    BAD_SIGNALS);
	tcase_add_test(failure,
	    sighandler_start_without_descriptors_is_EMFILE);
	tcase_add_test(failure, sighandler_start_without_thread_is_EAGAIN);
	suite_add_tcase(suite, failure);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
