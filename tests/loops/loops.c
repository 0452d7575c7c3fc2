/* A loop that somebody else made, with the library in it; see loops.h. */
#define _GNU_SOURCE 1

#include "loops.h"

#include "../tasks.h"


#include <string.h>

static char heard[4096];     /* letters, and room for a NUL */
static size_t n_heard, awaited;
static bool inside;
static int calls;

/* What every program of this mode does: nothing else runs a callback. */
static void
on_readable(void)
{
	calls++;
	inside = true;
	ck_assert_int_eq(proclc_dispatch(0), 0);
	inside = false;
}

int
calls_of_dispatch(void)
{
	int n = calls;

	calls = 0;
	return n;
}

void
watch_library(void)
{
	int fd = proclc_dispatch_fd();

	ck_assert_msg(fd >= 0, "%s", proclc_errmsg());
	loop_watch(fd, on_readable);
}

void
note(char letter)
{
	ck_assert_msg(inside, "a callback outside proclc_dispatch()");
	ck_assert_uint_lt(n_heard, sizeof(heard) - 1);
	heard[n_heard++] = letter;
	if (n_heard == awaited)
		loop_stop();
}

static void
compare(const char *expected)
{
	heard[n_heard] = '\0';
	n_heard = awaited = 0;
	ck_assert_str_eq(heard, expected);
}

void
expect_heard(const char *expected)
{
	awaited = strlen(expected);
	if (n_heard < awaited)
		loop_run();
	compare(expected);
}

void
expect_nothing_heard(void)
{
	loop_every(30, loop_stop);
	loop_run();
	loop_no_timer();
	compare("");
}

void
note_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	note(*(char *)user);
}

void
note_end(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	note(*(char *)user);
}

void
note_gone(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	note(*(char *)user);
}

void
add_signal(struct proclc_sighandler *handler, int signum, char letter)
{
	int rc = proclc_sighandler_set(handler, signum, note_signal,
	    letter_name(letter));

	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
}

struct proclc_sighandler *
handle(int signum, char letter)
{
	struct proclc_sighandler *handler;

	ck_assert_int_eq(proclc_sighandler_new(&handler, NULL), 0);
	add_signal(handler, signum, letter);
	ck_assert_int_eq(proclc_sighandler_start(handler), 0);
	return handler;
}

struct proclc_task *
start_waiter(void)
{
	return task_start(&task_waits, NULL);
}

void
let_waiters_go(int n)
{
	task_let_go(n);
}

static void
say_warm(struct proclc_orphan *watch, void *warm)
{
	(void)watch;
	*(bool *)warm = true;
}

/* The library makes its descriptors at first need and keeps them: the last
 * of them is for the time at which a callback is due. */
static void
warm_up_library(void)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_task *task = task_start(&task_waits, NULL);
	struct proclc_orphan *watch;
	bool warm = false;

	o.pid = proclc_task_pid(task);
	ck_assert_int_eq(proclc_orphan_new(&watch, &o), 0);
	ck_assert_int_eq(proclc_orphan_add_callback(watch, say_warm, &warm),
	    0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	task_let_go(1);
	while (!warm)
		ck_assert_int_eq(proclc_dispatch(1000), 0);
	proclc_orphan_free(watch);
	proclc_task_free(task);
}

static void
setup(void)
{
	int rc;

	task_setup();
	loop_warm_up();
	rc = proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL);
	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	warm_up_library();
	settle();
	toolkit_mark();
	loop_open();
	watch_library();
}

static void
teardown(void)
{
	loop_unwatch();
	loop_close();
	toolkit_teardown();
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create(loop_name);
	TCase *tcase = tcase_create(loop_name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	add_events(tcase);
	add_beside(tcase);
	add_company(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
loops_main(void)
{
	if (backend_is("ready", "epoll"))
		return toolkit_main(make_suite);
	printf("1..0 # SKIP it needs the backend ready-epoll\n");
	return 0;
}
