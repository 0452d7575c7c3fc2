/*
 * Tasks with a restart policy, and their states as letters (letters.h).
 *
 *	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
 *
 *	task = restart_new(&task_exits, &code, 0, &policy);
 *	ck_assert_int_eq(proclc_task_start(task), 0);
 *	restart_expect("srbsr");
 */
#ifndef RESTARTS_H
#define RESTARTS_H

#include "tasks.h"
#include "ways.h"

/* A policy whose delay does not matter to the test, and for which every end
 * is an early one, however slow things are. */
static inline struct proclc_restart
restart_policy(uint32_t when)
{
	struct proclc_restart policy = PROCLC_RESTART_INIT;

	policy.when = when;
	policy.min_uptime_ms = 3600000;
	policy.delay_ms = 1;
	policy.max_delay_ms = 1;
	return policy;
}

/* One that stays where it is once it backs off. */
static inline struct proclc_restart
restart_late(uint32_t when)
{
	struct proclc_restart policy = PROCLC_RESTART_INIT;

	policy.when = when;
	policy.delay_ms = INT64_MAX;
	return policy;
}

/* n: new, s: starting, r: running, b: backs off, f: failed, x: stopped. */
static inline char
restart_letter(int state)
{
	ck_assert_int_ge(state, PROCLC_TASK_NEW);
	ck_assert_int_le(state, PROCLC_TASK_STOPPED);
	return "?nsrbfx"[state];
}

static inline void
restart_tell(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	(void)task;
	(void)status;
	(void)user;
	letter_put(restart_letter(state));
}

/* Is there something to read on fd?  Drives the dispatcher meanwhile. */
static inline bool
restart_readable(int fd, int ms)
{
	int64_t deadline = clock_deadline(ms);

	while (manual && !fd_readable_within(fd, 1) &&
	    clock_left_ms(deadline) > 0)
		ck_assert_int_eq(proclc_dispatch(10), 0);
	return fd_readable_within(fd, clock_left_ms(deadline) + 1);
}

/* The next letters are these, whatever comes after. */
static inline void
restart_expect(const char *expected)
{
	const char *at;
	int letter;

	for (at = expected; *at != '\0'; at++) {
		letter = restart_readable(letters[0], 0) ?
		    letter_get(0) : '-';
		ck_assert_msg(letter == *at, "%c instead of letter %d of %s",
		    letter, (int)(at - expected), expected);
	}
}

/* And for a moment there are no more. */
static inline void
restart_expect_all(const char *expected)
{
	restart_expect(expected);
	if (restart_readable(letters[0], 30))
		ck_abort_msg("%c after %s", letter_get(0), expected);
}

/* Not started. */
static inline struct proclc_task *
restart_new(const struct proclc_task_ops *ops, void *self, uint32_t flags,
    const struct proclc_restart *policy)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;
	int rc;

	options.flags = flags | PROCLC_TASK_EXPLICIT_START;
	options.restart = policy;
	rc = proclc_task_new(&task, ops, self, 0, &options);
	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return task;
}

/* Started, and its states are told. */
static inline struct proclc_task *
restart_start(const struct proclc_task_ops *ops, void *self, uint32_t flags,
    const struct proclc_restart *policy)
{
	struct proclc_task *task = restart_new(ops, self, flags, policy);

	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	return task;
}

/* Ways to stop one; all but the last leave the object. */
enum { STOP_TASK, STOP_SET, STOP_ALL, STOP_FREE, STOPS };

static inline void
restart_stop(struct proclc_task *task, int how)
{
	if (how == STOP_TASK)
		ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	else if (how == STOP_SET)
		ck_assert_int_eq(proclc_shutdown_set(&task, 1, 0), 0);
	else if (how == STOP_ALL)
		ck_assert_int_eq(proclc_shutdown_all(0), 0);
	else
		proclc_task_free(task);
}

/* That it has stopped is told where the object is not freed before. */
static inline void
restart_expect_told(int how)
{
	if (how != STOP_FREE)
		restart_expect_all("x");
	else if (restart_readable(letters[0], 30))
		restart_expect_all("x");
}

/* After that nothing of it is left; it is freed. */
static inline void
restart_expect_stopped(struct proclc_task *task, int how, int64_t restarts)
{
	if (how == STOP_FREE)
		return;
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_STOPPED);
	ck_assert_int_eq(proclc_task_restarts(task), restarts);
	ck_assert_int_eq(proclc_task_wait(task, 0, NULL), 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), PROCLC_ESRCH);
	proclc_task_free(task);
}

#endif
