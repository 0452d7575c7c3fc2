/*
 * The start of a child: when it counts as ready, and when it dies before.
 */
#define _GNU_SOURCE 1

#include "births.h"
#include "kernel.h"

#include <proclc/atexit.h>

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Ready. */

struct starter {
	pthread_t thread;
	struct proclc_task *task;
	int rc;
	atomic_bool done;
};

static void *
start_in_thread(void *user)
{
	struct starter *s = user;

	s->rc = proclc_task_start(s->task);
	atomic_store(&s->done, true);
	return NULL;
}

/* The child is held at its birth: only who waits for it is held, too. */
START_TEST(start_waits_for_the_child_if_it_is_to)
{
	bool waits = _i == 1;
	struct starter s = { .task = task_make(&task_exits, NULL,
	    PROCLC_TASK_EXPLICIT_START | (waits ?
	    PROCLC_TASK_WAIT_FOR_CHILD : PROCLC_TASK_NO_WAIT_FOR_CHILD)) };

	birth = birth_is_held;
	pthread_create(&s.thread, NULL, start_in_thread, &s);
	ck_assert_int_eq(letter_get(0), 'h');
	if (waits) {
		poll(NULL, 0, 50);
		ck_assert(!atomic_load(&s.done));
		task_let_go(1);
	}
	pthread_join(s.thread, NULL);
	ck_assert_int_eq(s.rc, 0);
	if (!waits)
		task_let_go(1);
	task_expect(s.task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(s.task);
}
END_TEST

static void
at_exit(void *letter, const struct proclc_exit_cause *cause)
{
	(void)cause;
	letter_put(*(char *)letter);
}

/* Whatever it has come to since. */
START_TEST(started_child_hears_TERM_at_once)
{
	struct proclc_task *task;
	int i;

	ck_assert_int_gt(proclc_atexit_register(at_exit, letter_name('s'),
	    PROCLC_ATEXIT_SHARED), 0);
	for (i = 0; i < 100; i++) {
		task = task_start(&task_waits, NULL);
		ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
		task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
		ck_assert_int_eq(letter_get(0), 's');
		proclc_task_free(task);
	}
	letters_expect("");
	ck_assert_int_eq(proclc_atexit_unregister(at_exit, letter_name('s')),
	    1);
}
END_TEST

/* The parent's thread that has started it ends: it does not. */
START_TEST(child_lives_on_when_the_starting_thread_ends)
{
	struct starter s = { .task = task_make(&task_waits, NULL,
	    PROCLC_TASK_EXPLICIT_START | PROCLC_TASK_WAIT_FOR_CHILD) };

	pthread_create(&s.thread, NULL, start_in_thread, &s);
	pthread_join(s.thread, NULL);
	ck_assert_int_eq(proclc_task_wait(s.task, 100, NULL),
	    PROCLC_ETIMEDOUT);
	task_let_go(1);
	task_expect(s.task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(s.task);
}
END_TEST

/* Death before that. */

static const struct {
	void (*birth)(void);
	int kind;
	int number;
	const char *words;
} deaths[] = {
	{ birth_exits, PROCLC_STATUS_EXITED, 33, "exited with 33" },
	{ birth_is_killed, PROCLC_STATUS_KILLED, SIGKILL,
	  "killed by signal 9" },
	{ birth_without_threads, PROCLC_STATUS_EXITED, 125,
	  "exited with 125" },
};

enum { DEATHS = sizeof(deaths) / sizeof(deaths[0]) };

START_TEST(death_before_ready_is_ESTARTFAILED_with_its_status)
{
	struct proclc_task *task = task_make(&task_exits, NULL,
	    PROCLC_TASK_EXPLICIT_START | PROCLC_TASK_WAIT_FOR_CHILD);

	birth = deaths[_i].birth;
	ck_assert_int_eq(proclc_task_start(task), PROCLC_ESTARTFAILED);
	ck_assert_msg(strstr(proclc_errmsg(), deaths[_i].words) != NULL,
	    "%s", proclc_errmsg());
	task_expect(task, deaths[_i].kind, deaths[_i].number);
	ck_assert_int_eq(proclc_task_start(task), PROCLC_EALREADY);
	proclc_task_free(task);
}
END_TEST

START_TEST(death_before_ready_of_a_loop_is_ESTARTFAILED)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops),
		.name = "loop",
		.loop = (int64_t (*)(void *))(uintptr_t)task_exit,
	};
	struct proclc_task *task = (void *)&birth;

	birth = deaths[_i].birth;
	ck_assert_int_eq(proclc_loop_new(&task, &ops, NULL, 0, NULL),
	    PROCLC_ESTARTFAILED);
	ck_assert_msg(strstr(proclc_errmsg(), deaths[_i].words) != NULL,
	    "%s", proclc_errmsg());
	ck_assert_ptr_eq((void *)task, (void *)&birth);
	toolkit_unchanged();
}
END_TEST

/* Nobody waits for it: it has just ended. */
START_TEST(death_at_birth_of_one_not_waited_for_is_its_status)
{
	struct proclc_task *task;

	birth = deaths[_i].birth;
	task = task_make(&task_exits, NULL, PROCLC_TASK_NO_WAIT_FOR_CHILD);
	task_expect(task, deaths[_i].kind, deaths[_i].number);
	proclc_task_free(task);
}
END_TEST

static pid_t sibling;

/* Another child of ours, made at the wrong moment: it holds both ends of what
 * the next one is to say its word through. */
static void
make_sibling(void)
{
	birth_before = NULL;
	sibling = kernel_raw_fork();
	if (sibling == 0)
		_exit(task_wait_at_gate(NULL));
}

START_TEST(death_before_ready_is_seen_beside_a_sibling)
{
	struct proclc_task *task = task_make(&task_exits, NULL,
	    PROCLC_TASK_EXPLICIT_START | PROCLC_TASK_WAIT_FOR_CHILD);
	int64_t before = clock_now_ms();

	birth_before = make_sibling;
	birth = birth_exits;
	ck_assert_int_eq(proclc_task_start(task), PROCLC_ESTARTFAILED);
	ck_assert(clock_now_ms() - before <
	    (int64_t)(1000 * clock_multiplier()));
	task_expect(task, PROCLC_STATUS_EXITED, 33);
	proclc_task_free(task);
	ck_assert_int_gt(sibling, 0);
	ck_assert(process_alive(sibling));
	task_let_go(1);
	ck_assert_int_eq(waitpid(sibling, NULL, 0), sibling);
}
END_TEST

/*
 * Ready, and dead at once, just when the parent has waited so long that it
 * looks whether the child is dead: it was ready all the same.
 */
static bool racing;
static pid_t held;

__attribute__((visibility("default")))
int
waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	if (racing && (pid_t)id != getpid()) {
		racing = false;
		held = (pid_t)id;
		task_let_go(1);
		while (syscall(SYS_waitid, type, id, info, WEXITED | WNOWAIT,
		    NULL) < 0 && errno == EINTR)
			continue;
	}
	return (int)syscall(SYS_waitid, type, id, info, options, NULL);
}

START_TEST(ready_and_dead_at_once_is_started)
{
	struct proclc_task *task;

	birth = birth_is_held;
	racing = true;
	task = task_start(&task_exits, NULL);
	ck_assert_int_eq(held, proclc_task_pid(task));
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* No child to be had. */

static struct rlimit processes;

static void
allow_no_process(void)
{
	struct rlimit none;

	getrlimit(RLIMIT_NPROC, &processes);
	none = processes;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(setresuid(65534, 65534, 0), 0);
}

static void
allow_processes(void)
{
	uid_t real, effective, saved;

	getresuid(&real, &effective, &saved);
	if (saved == 0)
		ck_assert_int_eq(setresuid(0, 0, 0), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &processes), 0);
}

START_TEST(start_without_process_is_EAGAIN_and_leaves_nothing)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = (void *)&birth;
	int rc;

	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	allow_no_process();
	toolkit_mark();
	rc = proclc_task_new(&task, &task_exits, NULL, 0, &options);
	toolkit_unchanged();
	allow_processes();
	toolkit_mark();
	ck_assert_int_eq(rc, PROCLC_EAGAIN);
	ck_assert_ptr_eq((void *)task, (void *)&birth);
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
}
END_TEST

START_TEST(start_failed_may_be_tried_again)
{
	struct proclc_task *task = task_make(&task_exits, NULL,
	    PROCLC_TASK_EXPLICIT_START);
	int rc;

	allow_no_process();
	rc = proclc_task_start(task);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_NEW);
	ck_assert_int_eq((int)proclc_task_pid(task), 0);
	allow_processes();
	toolkit_mark();
	ck_assert_int_eq(rc, PROCLC_EAGAIN);
	ck_assert_int_eq(proclc_task_start(task), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* As many descriptors as there are, and 0, 1, ... more. */
START_TEST(start_without_descriptors_is_EMFILE_and_leaves_nothing)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct rlimit before, few;
	struct proclc_task *task;
	int rc, first;

	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	first = dup(0);
	close(first);
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = (rlim_t)(first + _i);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	rc = proclc_task_new(&task, &task_exits, NULL, 0, &options);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	if (rc == 0) {
		task_expect(task, PROCLC_STATUS_EXITED, 0);
		proclc_task_free(task);
	} else {
		ck_assert(rc == PROCLC_EMFILE || rc == PROCLC_ESTARTFAILED);
	}
	ck_assert(_i > 0 || rc == PROCLC_EMFILE);
	toolkit_unchanged();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("start");
	TCase *tcase = tcase_create("start");

	tcase_add_checked_fixture(tcase, birth_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, start_waits_for_the_child_if_it_is_to, 0,
	    2);
	tcase_add_test(tcase, started_child_hears_TERM_at_once);
	tcase_add_test(tcase, child_lives_on_when_the_starting_thread_ends);
	tcase_add_loop_test(tcase,
	    death_before_ready_is_ESTARTFAILED_with_its_status, 0, DEATHS);
	tcase_add_loop_test(tcase,
	    death_before_ready_of_a_loop_is_ESTARTFAILED, 0, DEATHS);
	tcase_add_loop_test(tcase,
	    death_at_birth_of_one_not_waited_for_is_its_status, 0, DEATHS);
	tcase_add_test(tcase, death_before_ready_is_seen_beside_a_sibling);
	tcase_add_test(tcase, ready_and_dead_at_once_is_started);
	tcase_add_test(tcase,
	    start_without_process_is_EAGAIN_and_leaves_nothing);
	tcase_add_test(tcase, start_failed_may_be_tried_again);
	tcase_add_loop_test(tcase,
	    start_without_descriptors_is_EMFILE_and_leaves_nothing, 0, 6);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
