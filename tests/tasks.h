/*
 * Tasks in the process of a test: bodies that exit, wait to be let go, or say
 * a letter (letters.h), and what became of them.
 *
 *	struct proclc_task *task = task_start(&task_waits, NULL);
 *
 *	task_let_go(1);
 *	task_expect(task, PROCLC_STATUS_EXITED, 0);
 *	proclc_task_free(task);
 */
#ifndef TASKS_H
#define TASKS_H

#include "letters.h"
#include "settle.h"
#include "toolkit/await.h"
#include "toolkit/clock.h"
#include "toolkit/fds.h"

#include <proclc/error.h>
#include <proclc/signals.h>
#include <proclc/subprocess.h>

#include <signal.h>

static int task_gate[2] = { -1, -1 };

/* The fixture's setup, with the pipes open. */
static inline void
task_setup(void)
{
	toolkit_setup();
	letters_open();
	ck_assert_int_eq(os_pipe(task_gate), 0);
	toolkit_mark();
}

/* Let so many of those go that wait at the gate. */
static inline void
task_let_go(int n)
{
	while (n-- > 0)
		ck_assert_int_eq(write(task_gate[1], "x", 1), 1);
}

/* A body: waits at the gate; a handled signal does not let it go. */
static inline int
task_wait_at_gate(void *unused)
{
	char byte;

	(void)unused;
	do
		await_input(task_gate[0]);
	while (read(task_gate[0], &byte, 1) != 1);
	return 0;
}

/* A body: the exit code is what self points at; 0 without one. */
static inline int
task_exit(void *self)
{
	return self == NULL ? 0 : *(const int *)self;
}

/* A body: how many descriptors it has, but for those of the library's own
 * threads, which are from 64 up. */
static inline int
task_count_fds(void *unused)
{
	int *list, i, few = 0, n = fds_list(&list);

	(void)unused;
	for (i = 0; i < n; i++)
		few += list[i] < 64;
	free(list);
	return few;
}

static const struct proclc_task_ops task_waits = {
	.size = sizeof(task_waits),
	.name = "waits",
	.run = task_wait_at_gate,
};

static const struct proclc_task_ops task_exits = {
	.size = sizeof(task_exits),
	.name = "exits",
	.run = task_exit,
};

/* flags: of enum proclc_task_flags. */
static inline struct proclc_task *
task_make(const struct proclc_task_ops *ops, void *self, uint32_t flags)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;
	int rc;

	options.flags = flags;
	rc = proclc_task_new(&task, ops, self, 0, &options);
	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return task;
}

static inline struct proclc_task *
task_start(const struct proclc_task_ops *ops, void *self)
{
	return task_make(ops, self, PROCLC_TASK_WAIT_FOR_CHILD);
}

/* A body: hears nothing but KILL, and says 'r' when that is so. */
static inline int
task_ignore_term(void *unused)
{
	signal(SIGTERM, SIG_IGN);
	letter_put('r');
	return task_wait_at_gate(unused);
}

static const struct proclc_task_ops task_stubborn = {
	.size = sizeof(task_stubborn),
	.name = "stubborn",
	.run = task_ignore_term,
};

static inline struct proclc_task *
task_start_stubborn(void)
{
	struct proclc_task *task = task_start(&task_stubborn, NULL);

	ck_assert_int_eq(letter_get(0), 'r');
	return task;
}

/* A bound for what must not hang. */
static inline int64_t
task_bound(void)
{
	return (int64_t)(10000 * clock_multiplier());
}

/* It has ended, or ends soon: kind, and by which code or signal. */
static inline void
task_expect(struct proclc_task *task, int kind, int number)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	ck_assert_int_eq(proclc_task_wait(task, task_bound(), &status), 0);
	ck_assert_int_eq(status.kind, kind);
	ck_assert_int_eq(kind == PROCLC_STATUS_KILLED ? status.signum :
	    status.code, number);
	ck_assert_int_eq(kind == PROCLC_STATUS_KILLED ? status.code :
	    status.signum, 0);
}

/* Runs body in a child; what it returns. */
static inline int
task_code_of(int (*body)(void *), uint32_t flags)
{
	struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "body", .run = body,
	};
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task = task_make(&ops, NULL, flags);

	ck_assert_int_eq(proclc_task_wait(task, task_bound(), &status), 0);
	ck_assert_int_eq(status.kind, PROCLC_STATUS_EXITED);
	proclc_task_free(task);
	return status.code;
}

/* How it is now. */
static inline int
task_kind(struct proclc_task *task)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	ck_assert_int_eq(proclc_task_status(task, &status), 0);
	return status.kind;
}

#endif
