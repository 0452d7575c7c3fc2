/* The parent dies at every system call of the start of its watch. */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "stranger.h"
#include "sweep.h"
#include "../backend.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ORPHANED = 5, BY_CALL = 2,     /* causes that a handler is told */
	SAMPLE = 3, NO_TRACING = 77, IDLE_MS = 100, LIMIT_MS = 30000,
};

enum fate { REAPED, ZOMBIE, RECYCLED };

static const char *const hows[] = { "arm", "new", "expected" };
static const char *const backends[] = { "pidfd", "poll" };
static const char *const fates[] = { "reaped", "zombie", "reaped" };

enum { HOWS = 3, BACKENDS = 2, FATES = 3 };

static struct scenario s;
static char inject[1024], watched[1024];
static const char *how, *backend;
static enum fate fate;
static struct stranger stranger;
static bool has_stranger;

static void
setup(void)
{
	toolkit_setup();
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(watched, sizeof(watched), "torture/watched");
}

static void
teardown(void)
{
	if (has_stranger)
		stranger_end(&stranger);
	has_stranger = false;
	toolkit_teardown();
}

static const char *
parent(void)
{
	return fate == ZOMBIE ? "0.1" : "0";
}

static const char *
child(void)
{
	return fate == ZOMBIE ? "0.1.1" : "0.1";
}

/* What follows these words in it, until it is read again; NULL: nothing. */
static const char *
reported(const char *words, const char *role)
{
	char text[64];
	const char *at;

	snprintf(text, sizeof(text), "%s%s", words, role);
	at = strstr(scenario_stderr(&s), text);
	return at == NULL ? NULL : at + strlen(text);
}

static void
wait_a_little(int64_t deadline)
{
	const struct timespec step = { 0, 200000 };

	ck_assert_msg(clock_left_ms(deadline) > 0, "too late:\n%s%s",
	    scenario_stdout(&s), scenario_stderr(&s));
	nanosleep(&step, NULL);
}

static const char *
await_report(const char *words, const char *role)
{
	int64_t deadline = clock_deadline(0);
	const char *at;

	while ((at = reported(words, role)) == NULL)
		wait_a_little(deadline);
	return at;
}

static bool
says(const char *words)
{
	return strstr(scenario_stdout(&s), words) != NULL;
}

/* The child is held before a call.  False: it is armed and idle. */
static bool
await_held(void)
{
	int64_t deadline = clock_deadline(0), armed = 0;

	while (reported("injected 1 ", "") == NULL) {
		if (armed == 0 && says("armed"))
			armed = clock_now_ms();
		if (armed != 0 && clock_now_ms() - armed >= IDLE_MS)
			return false;
		wait_a_little(deadline);
	}
	return true;
}

/* Running. */

/* Rule 0 is for arm, which cannot be asked for a backend; rule 1 delays. */
static void
start(long n, int ms, const char *measure)
{
	bool poll = strcmp(backend, "poll") == 0;
	char first[96], delay[96], limit[32], names[64];

	scenario_close_all(names, sizeof(names));
	snprintf(first, sizeof(first), "pidfd_open:%d+:ENOSYS@%s",
	    poll ? 1 : 1000000, child());
	snprintf(delay, sizeof(delay), "*:%ld:%d@%s/", n, ms, child());
	snprintf(limit, sizeof(limit), "%.0f", LIMIT_MS * clock_multiplier());
	scenario_start(&s, inject, "-m", "-t", limit, "-l", "10000", "record",
	    "fail", first, "delay", delay, "--", watched, how, backend,
	    fates[fate], measure, NULL);
}

static void
end_run(void)
{
	ck_assert_msg(!strstr(scenario_stderr(&s), "\nleft ") &&
	    !strstr(scenario_stderr(&s), "\nlate "), "%s, %s: it lives:\n%s%s",
	    how, backend, scenario_stdout(&s), scenario_stderr(&s));
}

/* Its pid is another's before anybody moves. */
static void
take_pid(pid_t pid)
{
	int tries = 0;

	if (has_stranger)
		stranger_end(&stranger);
	do
		has_stranger = stranger_start(&stranger, pid, NULL);
	while (!has_stranger && errno == EAGAIN && tries++ < 100);
}

static void
kill_parent(void)
{
	pid_t pid = atoi(await_report("process ", parent()));

	kill(pid, SIGKILL);
	await_report("end ", parent());
	if (fate == RECYCLED)
		take_pid(pid);
}

static void
await_armed(void)
{
	int64_t deadline = clock_deadline(0);

	while (!says("armed"))
		wait_a_little(deadline);
}

/* A start of which nothing is tortured. */
static void
start_in_peace(void)
{
	start(1000000, 0, "measure");
	await_armed();
	kill_parent();
	scenario_wait(&s);
	end_run();
}

static long
count_calls(void)
{
	const char *line = scenario_stderr(&s);
	long n, calls = 0;

	for (; (line = strstr(line, "\ncall ")) != NULL; line++)
		if (sscanf(line, "\ncall %*s %*s %ld", &n) == 1)
			calls += n;
	return calls;
}

/* The name of the n-th call, behind a blank. */
static const char *
call_name(long n)
{
	start(n, 0, "measure");
	await_report("injected 1 ", child());
	scenario_signal(&s, SIGKILL);
	scenario_wait(&s);
	return reported("injected 1 ", child());
}

/* The call that pins the parent; *unknown: up to this one, and with it, the
 * library does not know who that is. */
static long
find_pin(long *unknown)
{
	bool told = strcmp(how, "expected") == 0;
	const char *name;
	long n;

	*unknown = 0;
	for (n = 1;; n++) {
		name = call_name(n);
		if (*unknown == 0 && !told && strncmp(name, " getppid\n", 9) ==
		    0)
			*unknown = n;
		if (strncmp(name, " pidfd_open\n", 12) == 0 ||
		    strncmp(name, " kill\n", 6) == 0)
			return n;
	}
}

/* Judging. */

static void
expect(long n, bool so, const char *what)
{
	ck_assert_msg(so, "%s, %s, %s, parent dead at call %ld: %s\n%s\n%s",
	    how, backend, fates[fate], n, what, scenario_stdout(&s),
	    scenario_stderr(&s));
}

/* The process ends with a cause that is told once; or was refused, truly. */
static void
judge(long n)
{
	char text[32], heard[1024];
	const char *at;
	bool refused = says("refused");

	expect(n, reported("\nend ", child()) != NULL, "it has not ended");
	snprintf(text, sizeof(text), "handler %d\n",
	    refused ? BY_CALL : ORPHANED);
	at = strstr(scenario_stdout(&s), "handler ");
	expect(n, at != NULL && strncmp(at, text, strlen(text)) == 0,
	    "the exit handler");
	expect(n, strstr(at + 1, "handler ") == NULL, "another handler");
	expect(n, !refused || says("refused PROCLC_EORPHANED\n"), "refused");
	expect(n, strncmp(reported("\nend ", child()), refused ?
	    " exited 3\n" : " killed 15\n", 10) == 0, "its end");
	if (has_stranger)
		expect(n, stranger_heard(&stranger, heard, sizeof(heard)) == 0,
		    "the stranger was signalled");
}

/* It cannot know that this is not the parent it had: it watches that one. */
static void
judge_adopted(long n)
{
	pid_t pid = atoi(await_report("process ", child()));

	await_armed();
	kill(pid, SIGKILL);
	await_report("end ", child());
	expect(n, !says("handler"), "its parent looked dead");
}

/* The parent is dead, and the child goes on; perhaps it meets the call only
 * now, on its way out. */
static void
release(bool held)
{
	int64_t deadline = clock_deadline(0);

	while (!held && reported("\nend ", child()) == NULL) {
		held = reported("injected 1 ", "") != NULL;
		wait_a_little(deadline);
	}
	if (held)
		scenario_signal(&s, SIGUSR1);
}

/* True: the start has such a call. */
static bool
run(long n, bool adopted)
{
	bool held;

	start(n, 600000, NULL);
	held = await_held();
	/* All this time it has lived. */
	expect(n, !says("handler") && !says("refused"), "it looked dead");
	kill_parent();
	release(held);
	if (adopted)
		judge_adopted(n);
	scenario_wait(&s);
	if (!adopted)
		judge(n);
	end_run();
	return held;
}

static bool
skip(void)
{
	int status;

	if (toolkit_skip_tsan(TSAN_DELAY))
		return true;
	if (strcmp(backend, "pidfd") == 0 && skip_without("process", "pidfd"))
		return true;
	scenario_start(&s, inject, "--", "/bin/true", NULL);
	status = scenario_wait(&s);
	if (status == NO_TRACING << 8)
		toolkit_skip("ptrace: %s", scenario_stderr(&s));
	return status != 0;
}

static void
sweep(int i)
{
	long calls, unknown, pin, n, k;

	how = hows[i % HOWS];
	backend = backends[i / HOWS % BACKENDS];
	fate = (enum fate)(i / HOWS / BACKENDS);
	if (skip())
		return;
	start_in_peace();
	calls = count_calls();
	pin = find_pin(&unknown);
	ck_assert_int_gt(calls, pin);
	if (fate == RECYCLED && !has_stranger) {
		toolkit_skip("%s", stranger_why());
		return;
	}
	/* The last ones are behind the start. */
	for (k = 0; k < (sweep_all() ? calls + 40 : SAMPLE); k++) {
		n = sweep_all() ? k + 1 : k < 2 ? pin + k :
		    1 + (k * 7919 + i) % (calls + 5);
		if (!run(n, n <= unknown) && sweep_all())
			break;
	}
	dprintf(1, "# start %s %s, %s: %ld of %ld calls, %ld before it knows"
	    " its parent\n", how, backend, fates[fate], k, calls, unknown);
}

START_TEST(parent_dies_at_any_call_of_the_start_and_the_child_ends)
{
	sweep(_i);
}
END_TEST

START_TEST(parent_dies_and_its_pid_is_another_processs_and_the_child_ends)
{
	sweep(RECYCLED * HOWS * BACKENDS + _i);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("start path");
	TCase *tc = tcase_create("start path");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, sweep_timeout());
	tcase_add_loop_test(tc,
	    parent_dies_at_any_call_of_the_start_and_the_child_ends, 0,
	    RECYCLED * HOWS * BACKENDS);
	tcase_add_loop_test(tc,
	    parent_dies_and_its_pid_is_another_processs_and_the_child_ends, 0,
	    HOWS * BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
