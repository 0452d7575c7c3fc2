/*
 * Several tasks started by one call: waited for once, and all or none.
 */
#define _GNU_SOURCE 1

#include "births.h"
#include "spawns.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

enum { N = 6 };

static struct proclc_task *tasks[N];

/* Which of the births is something to happen to: 1 is the first. */
static int nth, victim;

static void
count_birth(void)
{
	nth++;
}

static void
victim_exits(void)
{
	if (nth == victim)
		_exit(33);
}

static void
victim_is_held(void)
{
	if (nth == victim)
		birth_is_held();
}

/* No process is to be had from this one on; 0: there are enough. */
static int refused_from, asked;

static bool
refuses(void)
{
	return refused_from > 0 && ++asked >= refused_from;
}

__attribute__((visibility("default")))
pid_t
fork(void)
{
	static pid_t (*next)(void);

	if (refuses()) {
		errno = EAGAIN;
		return -1;
	}
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "fork");
	return next();
}

__attribute__((visibility("default")))
int
posix_spawnp(pid_t *pid, const char *file,
    const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const argv[],
    char *const envp[])
{
	/* The library names its file by a path. */
	return refuses() ? EAGAIN :
	    posix_spawn(pid, file, actions, attributes, argv, envp);
}

static void
setup(void)
{
	birth_setup();
	spawn_open();
	nth = victim = refused_from = asked = 0;
	birth_before = count_birth;
}

/* Tasks that wait and loops, by turns; spawned ones, too, if so asked. */
static void
make_tasks(const struct spawn_self *self, bool spawned)
{
	int i;

	for (i = 0; i < N; i++)
		tasks[i] = spawn_new(i % 2 == 0 ? (const void *)&spawn_waits :
		    &spawn_loop, self, sizeof(*self),
		    i < N / 2 ? PROCLC_TASK_WAIT_FOR_CHILD :
		    PROCLC_TASK_NO_WAIT_FOR_CHILD, spawned && i % 3 == 0 ?
		    PROCLC_START_SPAWN : PROCLC_START_FORK);
}

static void
free_tasks(void)
{
	int i;

	for (i = 0; i < N; i++)
		proclc_task_free(tasks[i]);
}

struct starter {
	pthread_t thread;
	struct proclc_task **tasks;
	size_t n;
	int rc;
	atomic_bool done;
};

static void *
start_in_thread(void *user)
{
	struct starter *s = user;

	s->rc = proclc_start_all(s->tasks, s->n);
	atomic_store(&s->done, true);
	return NULL;
}

/* Each in turn is the last. */
START_TEST(start_all_waits_for_every_one)
{
	struct starter s = { .tasks = tasks, .n = N };
	int i;

	for (i = 0; i < N; i++)
		tasks[i] = task_make(&task_waits, NULL,
		    PROCLC_TASK_EXPLICIT_START | PROCLC_TASK_WAIT_FOR_CHILD);
	victim = _i;
	birth = victim_is_held;
	pthread_create(&s.thread, NULL, start_in_thread, &s);
	ck_assert_int_eq(letter_get(0), 'h');
	poll(NULL, 0, 50);
	ck_assert(!atomic_load(&s.done));
	/* Whoever takes it: the last one waits until all have gone. */
	task_let_go(N);
	pthread_join(s.thread, NULL);
	ck_assert_int_eq(s.rc, 0);
	task_let_go(1);
	ck_assert_int_eq(proclc_wait_all(tasks, N, task_bound()), 0);
	free_tasks();
}
END_TEST

/* The letters until there are no more: how many of them are this one. */
static void
count_letters(int *begun, int *ended)
{
	int letter;

	while ((letter = letter_get(30)) != 0) {
		*begun += letter == 'b';
		*ended += letter == 'e';
	}
}

START_TEST(start_all_of_which_one_dies_starts_none)
{
	struct spawn_self self = spawn_self('w');
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	int i, begun = 0, ended = 0;

	make_tasks(&self, false);
	victim = _i;
	birth = victim_exits;
	ck_assert_int_eq(proclc_start_all(tasks, N), PROCLC_ESTARTFAILED);
	ck_assert_msg(strstr(proclc_errmsg(), "exited with 33") != NULL,
	    "%s", proclc_errmsg());
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, proclc_task_pid(tasks[victim - 1]));
	count_letters(&begun, &ended);
	ck_assert_int_eq(begun, ended);
	for (i = 0; i < N; i++) {
		if (i == victim - 1)
			task_expect(tasks[i], PROCLC_STATUS_EXITED, 33);
		else if (i % 2 == 0)
			task_expect(tasks[i], PROCLC_STATUS_KILLED, SIGTERM);
		else
			task_expect(tasks[i], PROCLC_STATUS_EXITED, 0);
		ck_assert_int_eq(proclc_task_start(tasks[i]),
		    PROCLC_EALREADY);
	}
	free_tasks();
}
END_TEST

/* The earlier ones are gone, the later ones are as before. */
START_TEST(start_all_without_process_for_one_may_go_on)
{
	struct spawn_self self = spawn_self('w');
	int i, begun = 0, ended = 0, first = _i;

	make_tasks(&self, true);
	refused_from = first + 1;
	ck_assert_int_eq(proclc_start_all(tasks, N), PROCLC_EAGAIN);
	refused_from = 0;
	for (i = 0; i < N; i++) {
		ck_assert_int_eq(task_kind(tasks[i]) == PROCLC_STATUS_NEW,
		    i >= first);
		ck_assert_int_eq(proclc_task_pid(tasks[i]) == 0, i >= first);
	}
	count_letters(&begun, &ended);
	ck_assert_int_eq(begun, ended);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(proclc_start_all(tasks + first,
	    (size_t)(N - first)), 0);
	for (i = first; i < N; i++)
		ck_assert_int_eq(task_kind(tasks[i]), PROCLC_STATUS_RUNNING);
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
	free_tasks();
}
END_TEST

START_TEST(start_all_of_one_twice_is_EALREADY_and_starts_none)
{
	struct spawn_self self = spawn_self('w');
	struct proclc_task *twice[N + 1];
	struct proclc_task *other = task_start(&task_waits, NULL);
	int i;

	make_tasks(&self, true);
	memcpy(twice, tasks, sizeof(tasks));
	twice[N] = _i == 0 ? tasks[2] : other;
	ck_assert_int_eq(proclc_start_all(twice, N + 1), PROCLC_EALREADY);
	ck_assert_int_eq(nth, 1);
	for (i = 0; i < N; i++)
		ck_assert_int_eq(task_kind(tasks[i]), PROCLC_STATUS_NEW);
	ck_assert_int_eq(task_kind(other), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	task_expect(other, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(other);
	free_tasks();
}
END_TEST

START_TEST(start_all_of_none_is_0_and_without_set_EINVAL)
{
	struct proclc_task *none[2] = { NULL, NULL };

	ck_assert_int_eq(proclc_start_all(NULL, 0), 0);
	ck_assert_int_eq(proclc_start_all(none, 0), 0);
	ck_assert_int_eq(proclc_start_all(NULL, 1), PROCLC_EINVAL);
	none[0] = task_make(&task_exits, NULL, PROCLC_TASK_EXPLICIT_START);
	ck_assert_int_eq(proclc_start_all(none, 2), PROCLC_EINVAL);
	ck_assert_int_eq(task_kind(none[0]), PROCLC_STATUS_NEW);
	proclc_task_free(none[0]);
}
END_TEST

START_TEST(start_all_takes_every_kind)
{
	struct spawn_self self = spawn_self('w');
	int i;

	make_tasks(&self, true);
	ck_assert_int_eq(proclc_start_all(tasks, N), 0);
	for (i = 0; i < N; i++) {
		ck_assert_int_ne(letter_get(0), 0);
		ck_assert_int_gt(proclc_task_pid(tasks[i]), 0);
	}
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
	for (i = 0; i < N; i++)
		ck_assert_int_ne(task_kind(tasks[i]), PROCLC_STATUS_RUNNING);
	free_tasks();
}
END_TEST

static void
free_it(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)status;
	(void)user;
	letter_put('a');
	proclc_task_free(task);
	letter_put('f');
}

/* It is over at once, and its callback frees it; the call goes on. */
START_TEST(start_all_keeps_one_that_its_callback_frees)
{
	struct starter s = { .tasks = tasks, .n = 2 };

	letters_expect_library();
	tasks[0] = task_make(&task_exits, NULL, PROCLC_TASK_EXPLICIT_START |
	    PROCLC_TASK_WAIT_FOR_CHILD);
	ck_assert_int_eq(proclc_task_on_exit(tasks[0], free_it, NULL), 0);
	tasks[1] = task_make(&task_waits, NULL, PROCLC_TASK_EXPLICIT_START |
	    PROCLC_TASK_WAIT_FOR_CHILD);
	victim = 2;
	birth = victim_is_held;
	pthread_create(&s.thread, NULL, start_in_thread, &s);
	/* The callback's two, and the held child's. */
	ck_assert_int_ne(letter_get(0), 0);
	ck_assert_int_ne(letter_get(0), 0);
	ck_assert_int_ne(letter_get(0), 0);
	ck_assert_int_eq(letter_get(50), 0);
	ck_assert(!atomic_load(&s.done));
	task_let_go(1);
	pthread_join(s.thread, NULL);
	ck_assert_int_eq(s.rc, 0);
	proclc_task_free(tasks[1]);
}
END_TEST

/* In the parent: nobody knows the child yet. */
static void
parent_is_held(void)
{
	letter_put('h');
	task_wait_at_gate(NULL);
}

static void *
shut_down_now(void *task)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int rc = proclc_task_shutdown(task, PROCLC_NOW, &status);

	return rc == 1 && status.forced == 1 ? task : NULL;
}

/* It does not hear TERM. */
START_TEST(one_that_is_made_while_it_is_shut_down_at_once_is_killed)
{
	struct starter s = { .tasks = tasks, .n = 1 };
	pthread_t thread;
	void *killed;

	/* It holds all others in its calls while somebody forks. */
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	tasks[0] = task_make(&task_stubborn, NULL, PROCLC_TASK_EXPLICIT_START |
	    (_i == 1 ? PROCLC_TASK_GROUP : 0));
	birth_parent = parent_is_held;
	pthread_create(&s.thread, NULL, start_in_thread, &s);
	while (letter_get(0) != 'h')
		continue;
	pthread_create(&thread, NULL, shut_down_now, tasks[0]);
	settle();
	task_let_go(1);
	pthread_join(s.thread, NULL);
	pthread_join(thread, &killed);
	ck_assert_ptr_eq(killed, tasks[0]);
	proclc_task_free(tasks[0]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("start_all");
	TCase *tcase = tcase_create("start_all");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_loop_test(tcase, start_all_waits_for_every_one, 1, N + 1);
	tcase_add_loop_test(tcase, start_all_of_which_one_dies_starts_none,
	    1, N / 2 + 1);
	tcase_add_loop_test(tcase,
	    start_all_without_process_for_one_may_go_on, 0, N);
	tcase_add_loop_test(tcase,
	    start_all_of_one_twice_is_EALREADY_and_starts_none, 0, 2);
	tcase_add_test(tcase,
	    start_all_of_none_is_0_and_without_set_EINVAL);
	tcase_add_test(tcase, start_all_takes_every_kind);
	tcase_add_test(tcase, start_all_keeps_one_that_its_callback_frees);
	tcase_add_loop_test(tcase,
	    one_that_is_made_while_it_is_shut_down_at_once_is_killed, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
