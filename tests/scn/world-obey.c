/* What a process of a world does with the objects of the library. */
#define _GNU_SOURCE 1

#include "world-actor.h"
#include "../settle.h"

#include <proclc.h>

#include <signal.h>
#include <unistd.h>

enum { GRACE_MS = 60000, SHORT_MS = 30 };

const int world_signals[SIGNALS] = { SIGUSR1, SIGUSR2, SIGTERM };
const char *const world_files[FILES] = { "a.pid", "b.pid" };

/* Copies of these are in each child, too, where they are not its own. */
static struct proclc_task *tasks[TASKS];
static struct work works[TASKS];
static struct proclc_sighandler *objects[OBJECTS];
static struct proclc_pidfile *files[FILES];
static struct proclc_orphan *watch;

/* Tasks. */

static int
task_run(void *self)
{
	const struct work *work = self;

	actor_born(work->id, work->slot, false);
	return actor_live();
}

static int
loop_begin(void *self)
{
	const struct work *work = self;

	actor_born(work->id, work->slot, true);
	actor_tell('B', 0, 0, 0, 0);
	return 0;
}

static int64_t
loop_body(void *self)
{
	(void)self;
	return actor_live() >= 0 ? PROCLC_LOOP_STOP : PROCLC_LOOP_AGAIN;
}

static void
loop_end(void *self)
{
	(void)self;
	actor_tell('E', 0, 0, 0, 0);
}

static void
work_fini(void *self)
{
	actor_tell('f', ((struct work *)self)->index, 0, 0, 0);
}

static const struct proclc_task_ops task_ops = {
	.size = sizeof(task_ops), .name = "actor", .run = task_run,
	.fini = work_fini,
};
static const struct proclc_loop_ops loop_ops = {
	.size = sizeof(loop_ops), .name = "looper", .begin = loop_begin,
	.loop = loop_body, .end = loop_end, .fini = work_fini,
};

/* a: which; b: the child's id, c: its slot; d: flags. */
static int
task_new(const struct order *o)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart restart = PROCLC_RESTART_INIT;

	/* As for a fork in world-actor.c. */
	if (settle_under_asan())
		settle();
	works[o->a] = (struct work){ o->b, o->c, o->a };
	options.flags = PROCLC_TASK_RESULT |
	    ((o->d & WORK_OUTLIVES) ? PROCLC_TASK_OUTLIVE_PARENT : 0) |
	    ((o->d & WORK_LATER) ? PROCLC_TASK_EXPLICIT_START : 0);
	restart.when = PROCLC_RESTART_ALWAYS;
	restart.min_uptime_ms = restart.delay_ms = PROCLC_NOW;
	if ((o->d & WORK_RESTARTS) != 0)
		options.restart = &restart;
	if ((o->d & WORK_LOOP) != 0)
		return proclc_loop_new(&tasks[o->a], &loop_ops, &works[o->a],
		    0, &options);
	return proclc_task_new(&tasks[o->a], &task_ops, &works[o->a], 0,
	    &options);
}

static void
answer_status(int rc, const struct proclc_status *status)
{
	actor_answer(rc, rc < 0 ? 0 : status->kind, rc < 0 ? 0 :
	    status->kind == PROCLC_STATUS_KILLED ? status->signum :
	    status->code);
}

/* Those of the bits. */
static size_t
choose(int bits, struct proclc_task **chosen)
{
	size_t n = 0;

	for (int i = 0; i < TASKS; i++)
		if ((bits >> i & 1) != 0)
			chosen[n++] = tasks[i];
	return n;
}

static void
obey_tasks(const struct order *o)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *chosen[TASKS];
	size_t n;
	int rc;

	switch (o->verb) {
	case START_ALL:
		n = choose(o->a, chosen);
		actor_answer(proclc_start_all(chosen, n), 0, 0);
		break;
	case WAIT_FOR_ANY:
		n = choose(o->a, chosen);
		actor_answer(proclc_wait_any(chosen, n, 0), 0, 0);
		break;
	case WAIT_FOR_ALL:
		n = choose(o->a, chosen);
		actor_answer(proclc_wait_all(chosen, n, 0), 0, 0);
		break;
	case TASK_WAIT:
		rc = proclc_task_wait(tasks[o->a], 0, &status);
		answer_status(rc, &status);
		break;
	case TASK_STATUS:
		rc = proclc_task_status(tasks[o->a], &status);
		answer_status(rc, &status);
		break;
	default:
		rc = proclc_task_shutdown(tasks[o->a], GRACE_MS, &status);
		answer_status(rc, &status);
	}
}

void
obey_task(const struct order *o)
{
	int value = 0;
	int64_t rc;

	switch (o->verb) {
	case TASK_NEW:
		actor_answer(task_new(o), 0, 0);
		break;
	case TASK_START:
		actor_answer(proclc_task_start(tasks[o->a]), 0, 0);
		break;
	case SHUTDOWN_ALL:
		actor_answer(proclc_shutdown_all(GRACE_MS), 0, 0);
		break;
	case TASK_KILL:
		actor_answer(proclc_task_kill(tasks[o->a], o->b), 0, 0);
		break;
	case TASK_STATE:
		actor_answer(proclc_task_state(tasks[o->a]),
		    (int)proclc_task_restarts(tasks[o->a]),
		    (int)proclc_task_pid(tasks[o->a]));
		break;
	case TASK_FREE:
		proclc_task_free(tasks[o->a]);
		actor_answer(0, 0, 0);
		break;
	case TASK_DETACH:
		actor_answer(proclc_task_detach(tasks[o->a]), 0, 0);
		break;
	case RESULT_SET:
		actor_answer(proclc_task_result_set(&o->a, sizeof(o->a)), 0, 0);
		break;
	case RESULT:
		rc = proclc_task_result(tasks[o->a], &value, sizeof(value));
		actor_answer((int)rc, value, 0);
		break;
	default:
		obey_tasks(o);
	}
}

/* Pid files. */

static int
hold(int i)
{
	int rc = proclc_pidfile_open(&files[i], world_files[i], NULL);

	return rc < 0 ? rc : proclc_pidfile_write(files[i]);
}

void
obey_file(const struct order *o)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	struct proclc_stop_options stop = PROCLC_STOP_OPTIONS_INIT;
	int64_t pid = 0;
	int rc;

	switch (o->verb) {
	case HOLD:
		rc = hold(o->a);
		proclc_error_detail(&detail);
		actor_answer(rc, rc < 0 ? (int)detail.pid : 0, 0);
		break;
	case LET_GO:
		proclc_pidfile_close(files[o->a]);
		actor_answer(0, 0, 0);
		break;
	case REMOVE:
		actor_answer(proclc_pidfile_remove(files[o->a]), 0, 0);
		break;
	case ASK:
		rc = proclc_pidfile_status(world_files[o->a], &pid);
		actor_answer(rc, (int)pid, 0);
		break;
	case ASK_PING:
		actor_answer(proclc_ping(world_files[o->a]), 0, 0);
		break;
	case SEND:
		actor_answer(proclc_send(world_files[o->a], o->b), 0, 0);
		break;
	default:
		/* Who is known not to hear it is not waited for. */
		stop.grace_ms = o->b != 0 ? SHORT_MS : GRACE_MS;
		actor_answer(proclc_stop(world_files[o->a], &stop), 0, 0);
	}
}

/* Handler objects and watches. */

static void
on_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	actor_tell('g', (int)((struct proclc_sighandler **)user - objects),
	    event->signum, 0, 0);
}

static void
on_gone(struct proclc_orphan *unused, void *user)
{
	(void)unused;
	(void)user;
	actor_tell('w', 0, 0, 0, 0);
}

void
obey_object(const struct order *o)
{
	struct proclc_sighandler **object = &objects[o->a];

	switch (o->verb) {
	case OBJECT_NEW:
		actor_answer(proclc_sighandler_new(object, NULL), 0, 0);
		break;
	case OBJECT_SET:
		actor_answer(proclc_sighandler_set(*object, world_signals[o->b],
		    o->c == NOTE ? on_signal : o->c == IGNORE ?
		    PROCLC_SIGNAL_IGNORE : NULL, object), 0, 0);
		break;
	case OBJECT_START:
		actor_answer(proclc_sighandler_start(*object), 0, 0);
		break;
	case OBJECT_STOP:
		actor_answer(proclc_sighandler_stop(*object), 0, 0);
		break;
	default:
		proclc_sighandler_free(*object);
		actor_answer(0, 0, 0);
	}
}

static int
watch_start(pid_t pid)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	int rc;

	o.pid = pid;
	o.poll_interval_ms = 5;
	rc = proclc_orphan_new(&watch, &o);
	if (rc == 0)
		rc = proclc_orphan_add_callback(watch, on_gone, NULL);
	return rc < 0 ? rc : proclc_orphan_start(watch);
}

void
obey_watch(const struct order *o)
{
	if (o->verb == ARM)
		actor_answer(proclc_exit_when_orphaned(), 0, 0);
	else if (o->verb == WATCH)
		actor_answer(watch_start(o->a), 0, 0);
	else if (o->verb == WATCH_STATE)
		actor_answer(proclc_orphan_status(watch), 0, 0);
	else {
		proclc_orphan_free(watch);
		actor_answer(0, 0, 0);
	}
}
