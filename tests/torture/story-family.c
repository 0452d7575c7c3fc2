/* Stories of several tasks, and of what is asked of one that lives. */
#define _GNU_SOURCE 1

#include "story.h"
#include "post.h"
#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CODE = 7, MEMBERS = 3 };

static int
return_code(void *unused)
{
	(void)unused;
	return CODE;
}

static int
wait_for_ever(void *unused)
{
	(void)unused;
	while (pause() < 0)
		continue;
	return 0;
}

static const struct proclc_task_ops quick = {
	.size = sizeof(quick), .name = "quick", .run = return_code,
};
static const struct proclc_task_ops lasting = {
	.size = sizeof(lasting), .name = "lasting", .run = wait_for_ever,
};

static struct proclc_task *
make(const struct proclc_task_ops *ops, unsigned flags)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;

	options.flags = flags;
	post_before("proclc_task_new");
	post_spare_children();
	post_after(proclc_task_new(&task, ops, NULL, 0, &options),
	    STORY_LATE);
	return task;
}

/* One that could not be made to end is no fault of the story's end. */
static void
let_go(struct proclc_task *task)
{
	proclc_task_free(task);
}

/* How often the program was told. */
static atomic_int told;

static void
on_exit_(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	(void)user;
	atomic_fetch_add(&told, 1);
}

static void
await_told(int wanted)
{
	const struct timespec step = { 0, 1000000 };
	int64_t deadline = clock_deadline(STORY_AT_ONCE);

	while (atomic_load(&told) < wanted && clock_left_ms(deadline) > 0)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
	if (atomic_load(&told) != wanted)
		post_fail("told %d times, not %d", atomic_load(&told), wanted);
}

/* That it has ended already, by what was done to it, is a true answer. */
static int
kill_member(struct proclc_task *task)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int rc = proclc_task_kill(task, SIGTERM);

	if (rc == PROCLC_ESRCH && proclc_task_status(task, &status) == 0 &&
	    status.kind != PROCLC_STATUS_RUNNING)
		return 0;
	return rc;
}

static void
live_together(struct proclc_task **members)
{
	int rc;

	atomic_store(&told, 0);
	post_before("proclc_start_all");
	post_spare_children();
	/* A task that has ended keeps its descriptor. */
	post_spare_threads();
	if (post_after(proclc_start_all(members, MEMBERS), 2 * STORY_LATE) < 0)
		return;
	/* From now on they live, and end, by what was done to them. */
	post_before("proclc_task_on_exit");
	post_spare_children();
	post_spare_threads();
	rc = post_after(proclc_task_on_exit(members[1], on_exit_, NULL),
	    STORY_AT_ONCE);
	post_before("proclc_wait_any");
	post_spare_children();
	post_spare_threads();
	post_after(proclc_wait_any(members, MEMBERS, 2000), STORY_LATE);
	post_before("proclc_task_kill");
	post_spare_children();
	post_after(kill_member(members[1]), STORY_AT_ONCE);
	post_before("proclc_shutdown_set");
	post_spare_children();
	/* Of one that has ended the descriptor is closed. */
	post_spare_threads();
	post_after(proclc_shutdown_set(members + 1, MEMBERS - 1, 1000),
	    STORY_LATE);
	post_before("proclc_wait_all");
	post_spare_children();
	if (post_after(proclc_wait_all(members, MEMBERS, 2000),
	    STORY_LATE) == 0 && rc == 0)
		await_told(1);
}

void
story_family(void)
{
	struct proclc_task *members[MEMBERS];
	bool all = true;
	int i;

	for (i = 0; i < MEMBERS; i++) {
		members[i] = make(i == 0 ? &quick : &lasting,
		    PROCLC_TASK_EXPLICIT_START);
		all = all && members[i] != NULL;
	}
	if (all)
		live_together(members);
	for (i = 0; i < MEMBERS; i++)
		let_go(members[i]);
}

/* Is it to be read within the time? */
static bool
readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t deadline = clock_deadline(STORY_AT_ONCE);
	int n;

	do
		n = poll(&p, 1, (int)clock_left_ms(deadline));
	while (n < 0 && errno == EINTR);
	return n == 1;
}

static void
begin_lasting(struct proclc_task *task)
{
	int state, fd;

	post_before("proclc_task_start");
	post_spare_children();
	post_spare_threads();
	if (post_after(proclc_task_start(task), STORY_LATE) < 0)
		return;
	state = STORY_CALL(proclc_task_state, STORY_AT_ONCE, task);
	if (state == PROCLC_TASK_RUNNING && proclc_task_pid(task) <= 1)
		post_fail("it runs, without a pid");
	post_before("proclc_task_fd");
	post_spare_children();
	post_spare_threads();
	fd = post_after(proclc_task_fd(task), STORY_AT_ONCE);
	post_before("proclc_task_shutdown");
	post_spare_children();
	if (post_after(proclc_task_shutdown(task, 1000, NULL),
	    STORY_LATE) >= 0 && fd >= 0 && !readable(fd))
		post_fail("its end is not to be read");
}

/* No child is left: the library has reaped it. */
static void
await_none(void)
{
	const struct timespec step = { 0, 1000000 };
	int64_t deadline = clock_deadline(STORY_AT_ONCE);
	siginfo_t info;

	while (clock_left_ms(deadline) > 0) {
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
			return;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
	}
	post_fail("the detached child is left");
}

/* A detached one ends by itself, and is reaped. */
void
story_verbs(void)
{
	struct proclc_task *task = make(&lasting, PROCLC_TASK_EXPLICIT_START);

	if (task != NULL)
		begin_lasting(task);
	let_go(task);
	task = make(&quick, 0);
	if (task == NULL)
		return;
	post_before("proclc_task_detach");
	post_spare_children();
	post_spare_threads();
	if (post_after(proclc_task_detach(task), STORY_LATE) < 0)
		let_go(task);
	await_none();
	post_before("proclc_shutdown_all");
	post_spare_children();
	post_after(proclc_shutdown_all(1000), STORY_LATE);
}

/* What a task leaves for its parent. */

static char left[3000];

static int
leave_result(void *unused)
{
	(void)unused;
	memset(left, 'x', sizeof(left));
	return proclc_task_result_set(left, sizeof(left)) == 0 ? 0 : 1;
}

void
story_result(void)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "leaves", .run = leave_result,
	};
	struct proclc_task *task = make(&ops, PROCLC_TASK_RESULT);
	struct proclc_status status = PROCLC_STATUS_INIT;
	char found[sizeof(left)];
	int64_t n;

	if (task == NULL)
		return;
	post_before("proclc_task_wait");
	post_spare_children();
	post_after(proclc_task_wait(task, 2000, &status), STORY_LATE);
	n = proclc_task_result(task, found, sizeof(found));
	memset(left, 'x', sizeof(left));
	if (status.kind == PROCLC_STATUS_EXITED && status.code == 0 &&
	    (n != sizeof(left) || memcmp(found, left, sizeof(left)) != 0))
		post_fail("it left %ld bytes", (long)n);
	let_go(task);
}

/* A loop that waits for something else, and to be told to stop. */

static int64_t
wait_to_stop(void *unused)
{
	int fd = proclc_stop_fd();

	(void)unused;
	if (fd >= 0 && !proclc_stop_requested())
		readable(fd);
	return PROCLC_LOOP_STOP;
}

void
story_stopfd(void)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "waits", .loop = wait_to_stop,
	};
	struct proclc_task *task = NULL;

	post_before("proclc_loop_new");
	post_spare_children();
	if (post_after(proclc_loop_new(&task, &ops, NULL, 0, NULL),
	    STORY_LATE) < 0)
		return;
	post_before("proclc_task_shutdown");
	post_spare_children();
	post_after(proclc_task_shutdown(task, 2000, NULL), STORY_LATE);
	let_go(task);
}

/* One that runs again, and its program is told of each change. */

static void
on_change(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	(void)task;
	(void)status;
	(void)user;
	if (state == PROCLC_TASK_FAILED)
		atomic_fetch_add(&told, 1);
}

void
story_changes(void)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart restart = PROCLC_RESTART_INIT;
	struct proclc_task *task = NULL;
	int rc;

	restart.when = PROCLC_RESTART_ALWAYS;
	restart.min_uptime_ms = 3600000;
	restart.delay_ms = PROCLC_NOW;
	restart.limit = 1;
	options.restart = &restart;
	options.flags = PROCLC_TASK_EXPLICIT_START;
	atomic_store(&told, 0);
	if (STORY_CALL(proclc_task_new, STORY_LATE, &task, &quick, NULL, 0,
	    &options) < 0)
		return;
	rc = STORY_CALL(proclc_task_on_change, STORY_AT_ONCE, task, on_change,
	    NULL);
	post_before("proclc_task_start");
	post_spare_children();
	post_spare_threads();
	if (post_after(proclc_task_start(task), STORY_LATE) == 0) {
		post_before("proclc_task_wait");
		post_spare_children();
		if (post_after(proclc_task_wait(task, 2000, NULL),
		    STORY_LATE) == 0 && rc == 0)
			await_told(1);
		STORY_CALL(proclc_task_restarts, STORY_AT_ONCE, task);
	}
	let_go(task);
}
