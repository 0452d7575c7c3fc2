/* The steps of a world that are about tasks. */
#include "world-step.h"

#include <proclc.h>

#include <signal.h>

/* A task object, of any state but none. */
static int
any_task(void)
{
	int i = any(TASKS);

	return it.me->tasks[i].state == NO_TASK ? -1 : i;
}

static void
be_started(struct task *task)
{
	task->state = LIVE;
	task->runs = 1;
	task->batch = model_add_batch(it.me, it.self);
}

bool
make_task(void)
{
	int i = any(TASKS), child;
	struct task *task = &it.me->tasks[i];
	bool loop = one_in(3);
	unsigned flags = (loop ? WORK_LOOP : 0) |
	    (one_in(4) ? WORK_RESTARTS : 0) | (one_in(5) ? WORK_OUTLIVES : 0);

	if (task->state != NO_TASK)
		return false;
	child = model_birth(it.self, loop ? A_LOOP : A_TASK);
	if (child < 0)
		return false;
	*task = (struct task){ .child = child, .flags = flags };
	world.actors[child].index = i;
	world.actors[child].outlives = (flags & WORK_OUTLIVES) != 0;
	be_started(task);
	step_say("%d: %s %d is %d, flags %u", it.self, loop ? "loop" : "task",
	    i, child, flags);
	step_tell(TASK_NEW, i, child, 0);
	it.order.c = world.actors[child].slot;
	it.order.d = (int)flags;
	return true;
}

static int
kind_of(const struct task *task)
{
	if (task->state == FRESH)
		return PROCLC_STATUS_NEW;
	if (task->state == LIVE)
		return PROCLC_STATUS_RUNNING;
	return (task->status & 127) != 0 ? PROCLC_STATUS_KILLED :
	    PROCLC_STATUS_EXITED;
}

static void
expect_status(const struct task *task)
{
	it.result.b = kind_of(task);
	it.result.c = task->state != OVER ? 0 : (task->status & 127) != 0 ?
	    task->status & 127 : task->status >> 8;
}

/* A shutdown meets it.  Of one that has ended just before the library may
 * know that only afterwards. */
static void
be_shut_down(int i)
{
	struct task *task = &it.me->tasks[i];

	if (task->state == LIVE)
		model_end_task(it.self, i);
	else if (task->state == OVER && !world.actors[task->child].reaped)
		task->late = true;
}

/* The library has waited for it. */
static void
be_reaped(const struct task *task)
{
	if (task->state == OVER)
		world.actors[task->child].reaped = true;
}

bool
make_ask_task(void)
{
	int i = any_task(), how = any(3);
	struct task *task = &it.me->tasks[i < 0 ? 0 : i];

	if (i < 0)
		return false;
	step_say("%d: ask for task %d, %d", it.self, i, how);
	if (task->state == NOT_MINE)
		return step_tell(how == 0 ? TASK_WAIT : TASK_STATUS, i, 0,
		    PROCLC_ENOTOWNER);
	if (how == 2) {
		step_tell(TASK_STATE, i, 0, task->state == LIVE ?
		    PROCLC_TASK_RUNNING : task->stopped || task->status == 0 ?
		    PROCLC_TASK_STOPPED : PROCLC_TASK_FAILED);
		if (task->late)
			it.result.or_else = PROCLC_TASK_STOPPED;
		it.result.b = task->runs - 1;
		it.result.c = (int)world.actors[task->child].pid;
		be_reaped(task);
		return true;
	}
	step_tell(how == 0 ? TASK_WAIT : TASK_STATUS, i, 0,
	    how == 0 && task->state == LIVE ? PROCLC_ETIMEDOUT : 0);
	if (it.result.a == 0)
		expect_status(task);
	be_reaped(task);
	return true;
}

bool
make_wait_all(void)
{
	int bits = 0, live = 0, first = -1, n = 0;

	for (int i = 0; i < TASKS; i++) {
		const struct task *task = &it.me->tasks[i];

		if (task->state != LIVE && task->state != OVER)
			continue;
		bits |= 1 << i;
		live += task->state == LIVE;
		if (task->state == OVER && first < 0)
			first = n;
		n++;
	}
	if (bits == 0)
		return false;
	step_say("%d: wait for tasks %d", it.self, bits);
	if (one_in(2))
		return step_tell(WAIT_FOR_ANY, bits, 0,
		    first < 0 ? PROCLC_ETIMEDOUT : first);
	return step_tell(WAIT_FOR_ALL, bits, 0,
	    live > 0 ? PROCLC_ETIMEDOUT : 0);
}

bool
make_shutdown(void)
{
	int i = any_task();
	struct task *task = &it.me->tasks[i < 0 ? 0 : i];

	if (i < 0)
		return false;
	step_say("%d: shut down task %d", it.self, i);
	if (task->state == NOT_MINE)
		return step_tell(TASK_SHUTDOWN, i, 0, PROCLC_ENOTOWNER);
	step_tell(TASK_SHUTDOWN, i, 0, 0);
	be_shut_down(i);
	expect_status(task);
	be_reaped(task);
	return true;
}

bool
make_shutdown_all(void)
{
	step_say("%d: shut all down", it.self);
	for (int i = 0; i < TASKS; i++)
		be_shut_down(i);
	return step_tell(SHUTDOWN_ALL, 0, 0, 0);
}

bool
make_kill(void)
{
	static const int often[] = { SIGTERM, SIGKILL, SIGUSR1 };
	int i = any_task(), signum = often[any(3)];
	struct task *task = &it.me->tasks[i < 0 ? 0 : i];

	if (i < 0)
		return false;
	step_say("%d: kill task %d by %d", it.self, i, signum);
	step_tell(TASK_KILL, i, signum, task->state == NOT_MINE ?
	    PROCLC_ENOTOWNER : task->state == LIVE ? 0 : PROCLC_ESRCH);
	if (task->state == LIVE)
		model_signal(task->child, signum);
	return true;
}

/* What is in a child's memory only is freed, and nothing else. */
bool
free_task(int i)
{
	struct task *task = &it.me->tasks[i];

	step_say("%d: free task %d", it.self, i);
	if (task->state == LIVE)
		model_end_task(it.self, i);
	be_reaped(task);
	if (task->state != NOT_MINE)
		model_expect(it.self, (struct record){ .what = 'f', .a = i });
	task->state = NO_TASK;
	return step_tell(TASK_FREE, i, 0, 0);
}

bool
make_free(void)
{
	int i = any_task();

	return i >= 0 && free_task(i);
}

bool
make_detach(void)
{
	int i = any_task();
	struct task *task = &it.me->tasks[i < 0 ? 0 : i];
	bool keeps = i >= 0 && (task->flags & WORK_RESTARTS) != 0;

	if (i < 0 || task->state == NOT_MINE || (keeps && task->stopped))
		return false;
	step_say("%d: detach task %d", it.self, i);
	if (keeps)
		return step_tell(TASK_DETACH, i, 0, PROCLC_EINVAL);
	be_reaped(task);
	world.actors[task->child].detached = true;
	task->state = NO_TASK;
	model_expect(it.self, (struct record){ .what = 'f', .a = i });
	return step_tell(TASK_DETACH, i, 0, 0);
}

bool
make_result(void)
{
	int i = any_task(), value = any(1000000);
	struct task *task = &it.me->tasks[i < 0 ? 0 : i];

	if (one_in(2)) {
		step_say("%d: leave the result %d", it.self, value);
		if (it.me->kind == PLAIN)
			return step_tell(RESULT_SET, value, 0, it.me->of_task ?
			    PROCLC_ENOTOWNER : PROCLC_EINVAL);
		if (it.me->parent != DRIVER && !it.me->detached) {
			task = &world.actors[it.me->parent].tasks[it.me->index];
			task->has_result = true;
			task->result = value;
		}
		return step_tell(RESULT_SET, value, 0, 0);
	}
	if (i < 0)
		return false;
	step_say("%d: fetch the result of task %d", it.self, i);
	step_tell(RESULT, i, 0, task->state == NOT_MINE ? PROCLC_ENOTOWNER :
	    task->has_result ? (int)sizeof(value) : PROCLC_ENOENT);
	if (it.result.a > 0)
		it.result.b = task->result;
	return true;
}

