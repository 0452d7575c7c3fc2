/* order.c - the tasks that tests make. */
#include "order.h"

#include <stdio.h>

static void
raise_event(const char *name)
{
	HANDLE event = OpenEventA(EVENT_MODIFY_STATE, FALSE, name);

	if (event != NULL)
		SetEvent(event);
}

static int
run_answer(void *self)
{
	return ((struct order *)self)->code;
}

/* While it lives there is an event whose name ends in "-lives". */
static int
run_sleep(void *self)
{
	struct order *o = self;
	char name[80];

	snprintf(name, sizeof(name), "%s-lives", o->event);
	CreateEventA(NULL, TRUE, FALSE, name);
	raise_event(o->event);
	Sleep(INFINITE);
	return 0;
}

static void
note(void *event, const struct proclc_exit_cause *cause)
{
	(void)cause;
	raise_event(event);
}

/* Its exit handler raises another event, once it has one. */
static int
run_tidy(void *self)
{
	struct order *o = self;
	char name[80];

	snprintf(name, sizeof(name), "%s-end", o->event);
	if (proclc_atexit_register(note, name, 0) < 0)
		return 9;
	raise_event(o->event);
	Sleep(INFINITE);
	return 0;
}

static int
run_fault(void *self)
{
	tap_crash_quietly();
	*(volatile int *)(intptr_t)((struct order *)self)->code = 1;
	return 0;
}

static int
begin_loop(void *self)
{
	raise_event(((struct order *)self)->event);
	return 0;
}

/* It waits until it is told to stop. */
static int64_t
loop(void *self)
{
	(void)self;
	return 60000;
}

static void
end_loop(void *self)
{
	struct order *o = self;
	char name[80];

	snprintf(name, sizeof(name), "%s-end", o->event);
	raise_event(name);
}

static int64_t
heed(void *self)
{
	HANDLE stop = (HANDLE)proclc_stop_fd();

	if (proclc_stop_requested() == 0 &&
	    WaitForSingleObject(stop, INFINITE) == WAIT_OBJECT_0 &&
	    proclc_stop_requested() == 1)
		end_loop(self);
	return PROCLC_LOOP_STOP;
}

static int
run_know(void *self)
{
	(void)self;
	return proclc_task_self() != NULL && proclc_task_pid(
	    proclc_task_self()) == (int64_t)GetCurrentProcessId() ? 5 : 6;
}

static int
run_leave(void *self)
{
	return proclc_task_result_set("done", 5) < 0 ? 9 :
	    ((struct order *)self)->code;
}

/* It makes a task that does not end with it, and waits for that. */
static int
run_family(void *self);

const struct proclc_task_ops answer = { .size = sizeof(answer),
    .name = "answer", .run = run_answer };
const struct proclc_task_ops sleep_long = { .size = sizeof(answer),
    .name = "sleep long", .run = run_sleep };
const struct proclc_task_ops tidy = { .size = sizeof(answer),
    .name = "tidy", .run = run_tidy };
const struct proclc_task_ops fault = { .size = sizeof(answer),
    .name = "fault", .run = run_fault };
const struct proclc_task_ops family = { .size = sizeof(answer),
    .name = "family", .run = run_family };
const struct proclc_task_ops leaves = { .size = sizeof(answer),
    .name = "leaves", .run = run_leave };
const struct proclc_task_ops knows_itself = { .size = sizeof(answer),
    .name = "knows itself", .run = run_know };
const struct proclc_task_ops stranger = { .size = sizeof(answer),
    .name = "stranger", .run = run_answer };
const struct proclc_loop_ops looper = { .size = sizeof(looper),
    .name = "looper", .begin = begin_loop, .loop = loop, .end = end_loop };
const struct proclc_loop_ops heeds = { .size = sizeof(heeds),
    .name = "heeds", .begin = begin_loop, .loop = heed };

void
tap_begin(void)
{
	proclc_register(&answer);
	proclc_register(&sleep_long);
	proclc_register(&tidy);
	proclc_register(&fault);
	proclc_register(&family);
	proclc_register(&leaves);
	proclc_register(&knows_itself);
	proclc_register_loop(&looper);
	proclc_register_loop(&heeds);
}

static int
run_family(void *self)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;

	options.flags = PROCLC_TASK_OUTLIVE_PARENT;
	if (proclc_task_new(&task, &sleep_long, self, sizeof(struct order),
	    &options) < 0)
		return 9;
	proclc_task_wait(task, PROCLC_FOREVER, NULL);
	return 0;
}

/* The one that is raised at the end. */
HANDLE
end_event(const struct order *o)
{
	HANDLE event;
	char name[80];

	snprintf(name, sizeof(name), "%s-end", o->event);
	event = CreateEventA(NULL, TRUE, FALSE, name);
	need(event != NULL);
	return event;
}

HANDLE
new_event(struct order *o, const char *what)
{
	static unsigned serial;
	HANDLE event;

	snprintf(o->event, sizeof(o->event), "proclc-test-%lu-%u-%s",
	    GetCurrentProcessId(), serial++, what);
	event = CreateEventA(NULL, TRUE, FALSE, o->event);
	need(event != NULL);
	return event;
}

void
need_event(HANDLE event)
{
	need_equal(WaitForSingleObject(event,
	    (DWORD)tap_ms(TAP_PATIENCE_MS)), WAIT_OBJECT_0);
}

struct proclc_task *
new_task(const struct proclc_task_ops *ops, struct order *o, uint32_t flags)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;

	options.flags = flags;
	need_equal(proclc_task_new(&task, ops, o, sizeof(*o), &options), 0);
	return task;
}

struct proclc_status
end_of(struct proclc_task *task)
{
	struct proclc_status status = { .size = sizeof(status) };

	need_equal(proclc_task_wait(task, tap_ms(TAP_PATIENCE_MS), &status),
	    0);
	return status;
}
