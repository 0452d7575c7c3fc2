/*
 * Under fire: other processes send one signal as fast as they can, while
 * handler objects come and go.  Before and between them a handler of the
 * program's has the signal.  See objects.h, and
 *
 *	cycles SIG N          start and stop, N times
 *	lives SIG N           from new to free, N times
 *	inside SIG N HOW      the callback stops, frees, replaces itself
 *	switch SIG N          N signals, while the callback is switched
 *	storm SIG N SENDERS   N signals of others, N of its own, and a last one,
 *	                      to object a's "count"
 * Each tells what went wrong, as a number.
 */
#define _GNU_SOURCE 1

#include "shots.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static void
do_cycles(char **words)
{
	int signum = script_number(words[0]), n = script_number(words[1]);
	struct proclc_sighandler *h;

	shots_begin(signum);
	shots_check(proclc_sighandler_new(&h, NULL));
	shots_check(proclc_sighandler_set(h, signum, shots_count, NULL));
	shots_start(signum, SENDERS, 0);
	for (int i = 0; i < n; i++) {
		shots_object_start(h);
		if (i % 3 == 0)
			shots_check(proclc_sighandler_set(h, signum,
			    shots_count, h));
		if (i % 50 == 0)
			shots_await_more(&shots_delivered);
		shots_check(proclc_sighandler_stop(h));
		shots_object_stopped(signum);
		if (i % 50 == 25)
			shots_await_more(&shots_foreign);
	}
	shots_end(SENDERS);
	proclc_sighandler_free(h);
	tell("wrong %d", atomic_load(&shots_wrong));
}

static void
do_lives(char **words)
{
	int signum = script_number(words[0]), n = script_number(words[1]);
	struct proclc_sighandler *h;

	shots_begin(signum);
	shots_start(signum, SENDERS, 0);
	for (int i = 0; i < n; i++) {
		shots_check(proclc_sighandler_new(&h, NULL));
		shots_object_start(h);
		shots_check(proclc_sighandler_set(h, signum, shots_count,
		    NULL));
		if (i % 50 == 0)
			shots_await_more(&shots_delivered);
		if (i % 2 == 0)
			shots_check(proclc_sighandler_set(h, signum, NULL,
			    NULL));
		proclc_sighandler_free(h);
		shots_object_stopped(signum);
	}
	shots_end(SENDERS);
	tell("wrong %d", atomic_load(&shots_wrong));
}

/* Inside the callback. */

static atomic_int calls, successors;
static atomic_bool started;

static void
on_successor(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	atomic_fetch_add(&successors, 1);
}

/* Not while the main thread is still in start: it uses the object. */
static void
free_started(struct proclc_sighandler *handler)
{
	while (!atomic_load(&started))
		sched_yield();
	proclc_sighandler_free(handler);
}

static void
on_once(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	const char *how = user;

	if (strcmp(how, "stop") == 0)
		shots_check(proclc_sighandler_stop(handler));
	else if (strcmp(how, "free") == 0)
		free_started(handler);
	else
		shots_check(proclc_sighandler_set(handler, event->signum,
		    on_successor, user));
	atomic_fetch_add(&calls, 1);
}

/* It was called once, and not again while many more signals came. */
static void
judge_inside(bool replaced)
{
	if (replaced)
		shots_await_more(&successors);
	else
		for (int i = 0; i < 3; i++)
			shots_await_more(&shots_foreign);
	if (atomic_load(&calls) != 1)
		shots_fault("called again");
}

static void
do_inside(char **words)
{
	int signum = script_number(words[0]), n = script_number(words[1]);
	bool replace = strcmp(words[2], "replace") == 0;
	struct proclc_sighandler *h;

	shots_begin(signum);
	shots_start(signum, SENDERS, 0);
	for (int i = 0; i < n; i++) {
		atomic_store(&calls, 0);
		atomic_store(&started, false);
		shots_check(proclc_sighandler_new(&h, NULL));
		shots_check(proclc_sighandler_set(h, signum, on_once,
		    words[2]));
		shots_check(proclc_sighandler_start(h));
		atomic_store(&started, true);
		while (atomic_load(&calls) == 0)
			sched_yield();
		judge_inside(replace);
		if (strcmp(words[2], "free") != 0)
			proclc_sighandler_free(h);
		if (!shots_foreign_is_back(signum))
			shots_fault("not restored at last");
	}
	shots_end(SENDERS);
	tell("wrong %d", atomic_load(&shots_wrong));
}

/* Three callbacks, each with a user of its own. */

static char users[3];

static void
judge_user(int i, const void *user, const struct proclc_signal_event *event)
{
	if (user != &users[i] || event->size != sizeof(*event))
		shots_fault("torn");
	atomic_fetch_add(&shots_delivered, 1);
}

static void
on_first(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	judge_user(0, user, event);
}

static void
on_second(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	judge_user(1, user, event);
}

static void
on_third(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	judge_user(2, user, event);
}

static void
do_switch(char **words)
{
	static void (*const fns[3])(struct proclc_sighandler *,
	    const struct proclc_signal_event *, void *) = { on_first,
	    on_second, on_third };
	int signum = script_number(words[0]), n = script_number(words[1]);
	struct proclc_sighandler *h;
	int before, ended = 0;

	shots_begin(signum);
	shots_check(proclc_sighandler_new(&h, NULL));
	shots_check(proclc_sighandler_set(h, signum, fns[0], &users[0]));
	shots_check(proclc_sighandler_start(h));
	shots_start(signum, SENDERS, n / SENDERS);
	for (int i = 0; ended < SENDERS; i++) {
		shots_check(proclc_sighandler_set(h, signum, fns[i % 3],
		    &users[i % 3]));
		if (waitpid(shots_senders[ended], NULL, WNOHANG) > 0)
			ended++;
	}
	before = atomic_load(&shots_delivered);
	kill(getpid(), signum);
	while (atomic_load(&shots_delivered) == before)
		sched_yield();
	proclc_sighandler_free(h);
	tell("wrong %d", atomic_load(&shots_wrong));
}

/* A storm, and the last signal after it.  Of the others' signals many become
 * one; each of its own it handles before the next. */
static void
do_storm(char **words)
{
	int signum = script_number(words[0]);
	int n = script_number(words[1]), count = script_number(words[2]);

	shots_start(signum, count, n / count);
	for (int i = 0; i < n; i++)
		kill(getpid(), signum);
	shots_await(count);
	atomic_store(&objects_last_is_sent, true);
	kill(getpid(), signum);
}

static const struct command commands[] = {
	{ "cycles", do_cycles }, { "lives", do_lives },
	{ "inside", do_inside }, { "switch", do_switch },
	{ "storm", do_storm },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
