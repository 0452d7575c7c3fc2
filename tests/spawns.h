/*
 * Tasks and loops that a new run of the test program is told to be: its main
 * is spawn_main.  They know the test's pipes by self.
 *
 *	spawn_setup();
 *	task = spawn_make(&spawn_waits, 'a', PROCLC_TASK_WAIT_FOR_CHILD);
 *	ck_assert_int_eq(letter_get(0), 'a');
 */
#ifndef SPAWNS_H
#define SPAWNS_H

#include "tasks.h"

#include <proclc.h>

#include <fcntl.h>

struct spawn_self {
	int letters, gate;
	char letter;	/* what it says first */
	unsigned char code;
};

/* The pipes as a spawned child has them. */
static inline void
spawn_find(const struct spawn_self *self)
{
	letters[1] = self->letters;
	task_gate[0] = self->gate;
}

static inline int
spawn_run_waits(void *user)
{
	struct spawn_self *self = user;

	spawn_find(self);
	letter_put(self->letter);
	task_wait_at_gate(NULL);
	return self->code;
}

static inline int
spawn_run_exits(void *user)
{
	spawn_find(user);
	return ((struct spawn_self *)user)->code;
}

static inline int
spawn_begin(void *user)
{
	spawn_find(user);
	letter_put('b');
	return 0;
}

static inline int64_t
spawn_go_round(void *unused)
{
	(void)unused;
	return 3600000;
}

static inline void
spawn_end(void *unused)
{
	(void)unused;
	letter_put('e');
}

static const struct proclc_task_ops spawn_waits = {
	.size = sizeof(spawn_waits), .name = "spawn waits",
	.run = spawn_run_waits,
};

static const struct proclc_task_ops spawn_exits = {
	.size = sizeof(spawn_exits), .name = "spawn exits",
	.run = spawn_run_exits,
};

static const struct proclc_loop_ops spawn_loop = {
	.size = sizeof(spawn_loop), .name = "spawn loop",
	.begin = spawn_begin, .loop = spawn_go_round, .end = spawn_end,
};

/* The fixture's setup, with pipes that new runs inherit. */
static inline void
spawn_open(void)
{
	ck_assert_int_eq(fcntl(letters[1], F_SETFD, 0), 0);
	ck_assert_int_eq(fcntl(task_gate[0], F_SETFD, 0), 0);
	toolkit_mark();
}

static inline void
spawn_setup(void)
{
	task_setup();
	spawn_open();
}

/* Not started; ops: of a task or of a loop. */
static inline struct proclc_task *
spawn_new(const void *ops, const void *self, size_t size, uint32_t flags,
    uint32_t method)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;
	int rc;

	options.flags = flags | PROCLC_TASK_EXPLICIT_START;
	options.start_method = method;
	if (ops == (const void *)&spawn_loop)
		rc = proclc_loop_new(&task, ops, (void *)(uintptr_t)self,
		    size, &options);
	else
		rc = proclc_task_new(&task, ops, (void *)(uintptr_t)self,
		    size, &options);
	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return task;
}

static inline struct spawn_self
spawn_self(char letter)
{
	return (struct spawn_self){ .letters = letters[1],
	    .gate = task_gate[0], .letter = letter };
}

/* Started as a new run. */
static inline struct proclc_task *
spawn_make(const void *ops, char letter, uint32_t flags)
{
	struct spawn_self self = spawn_self(letter);
	struct proclc_task *task = spawn_new(ops, &self, sizeof(self), flags,
	    PROCLC_START_SPAWN);

	ck_assert_msg(proclc_task_start(task) == 0, "%s", proclc_errmsg());
	return task;
}

static inline int
spawn_main(int argc, char **argv, Suite *(*make)(void))
{
	if (proclc_register(&spawn_waits) < 0 ||
	    proclc_register(&spawn_exits) < 0 ||
	    proclc_register_loop(&spawn_loop) < 0 ||
	    proclc_init(&argc, &argv) < 0)
		return 1;
	return toolkit_main(make);
}

#endif
