/*
 * Commands started beside others: by several threads, beside forks and execs
 * that the library knows nothing of, beside changes of user; and again.
 */
#define _GNU_SOURCE 1

#include "commands.h"
#include "kernel.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

enum { THREADS = 8, ROUNDS = 25 };

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

static atomic_bool enough;

/* Forks without handlers, and with, whose children stay for a moment. */
static void *
fork_foreign(void *with_handlers)
{
	pid_t pid;

	while (!atomic_load(&enough)) {
		pid = with_handlers != NULL ? fork() : kernel_raw_fork();
		if (pid == 0) {
			poll(NULL, 0, 1);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

struct starter {
	pthread_t thread;
	int wrong;	/* the first thing that was; 0: nothing */
	int i;
};

static void
keep(const void *data, size_t n, void *user)
{
	struct command_text *text = user;

	if (text->n + n < sizeof(text->bytes)) {
		memcpy(text->bytes + text->n, data, n);
		text->n += n;
		text->bytes[text->n] = '\0';
	}
}

/* One that has its three descriptors and says back what it was told. */
static int
run_once(struct command_text *text, int i)
{
	struct proclc_command_options o = plain;
	struct proclc_talk talk = PROCLC_TALK_INIT;
	char show[512], what[2][8] = { "fds", "text0" }, in[16], said[64];
	char *argv[] = { show, what[0], what[1], NULL };
	struct proclc_task *task;
	int rc;

	scenario_path(show, sizeof(show), "scn/show");
	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
	if (i % 4 == 3)
		o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	rc = proclc_command_new(&task, argv, &o);
	if (rc < 0)
		fprintf(stderr, "%s\n", proclc_errmsg());
	if (rc < 0)
		return rc;
	text->n = 0;
	text->bytes[0] = '\0';
	snprintf(in, sizeof(in), "input %d", i);
	snprintf(said, sizeof(said), "0 1 2\n%s\n", in);
	talk.in = in;
	talk.in_size = strlen(in);
	talk.out = talk.err = keep;
	talk.user = text;
	/* A pipe that somebody else kept would be told from one that ends. */
	if (proclc_command_talk(task, &talk, task_bound()) != 0)
		return 2;
	proclc_task_free(task);
	return strcmp(text->bytes, said) == 0 ? 0 : 3;
}

static void *
start_commands(void *user)
{
	struct starter *s = user;
	struct command_text *text = calloc(1, sizeof(*text));

	for (int round = 0; round < ROUNDS && s->wrong == 0; round++)
		s->wrong = run_once(text, s->i + round);
	free(text);
	return NULL;
}

static void
start_in_threads(pthread_t *foreign, int n_foreign)
{
	struct starter starters[THREADS];

	memset(starters, 0, sizeof(starters));
	for (int i = 0; i < THREADS; i++) {
		starters[i].i = i;
		pthread_create(&starters[i].thread, NULL, start_commands,
		    &starters[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(starters[i].thread, NULL);
	atomic_store(&enough, true);
	for (int i = 0; i < n_foreign; i++)
		pthread_join(foreign[i], NULL);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(starters[i].wrong, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}

/* In its own test and where the mechanism is there. */
static bool
skip_beside(void)
{
	if (skip_without("bare", "linux") || skip_crowd())
		return true;
	letters_expect_library();
	/* Where starts are slow more than one spawner stays. */
	toolkit_expect(TOOLKIT_THREADS);
	return false;
}

START_TEST(commands_start_in_8_threads)
{
	if (!skip_beside())
		start_in_threads(NULL, 0);
}
END_TEST

/* Their copies of our pipes keep nobody waiting for long. */
START_TEST(commands_start_in_8_threads_beside_foreign_forks)
{
	pthread_t foreign[2];

	if (skip_beside())
		return;
	pthread_create(&foreign[0], NULL, fork_foreign, NULL);
	pthread_create(&foreign[1], NULL, fork_foreign, foreign);
	start_in_threads(foreign, 2);
}
END_TEST

static void *
change_user(void *unused)
{
	while (!atomic_load(&enough)) {
		/* Asks all threads, those that start a program, too. */
		if (seteuid(65534) != 0 || seteuid(0) != 0)
			abort();
		poll(NULL, 0, 1);
	}
	return unused;
}

static void *
start_plain(void *user)
{
	struct starter *s = user;
	struct proclc_task *task;
	char name[] = "true", *argv[] = { name, NULL };

	for (int round = 0; round < 4 * ROUNDS && s->wrong == 0; round++) {
		s->wrong = proclc_command_new(&task, argv, &plain);
		if (s->wrong == 0)
			proclc_task_free(task);
	}
	return NULL;
}

/* libc makes every thread change its user, by a signal that we hold back. */
START_TEST(commands_start_beside_changes_of_user)
{
	struct starter starter = { .wrong = 0 };
	pthread_t changer;

	if (skip_beside())
		return;
	if (geteuid() != 0) {
		toolkit_skip("only root changes its user");
		return;
	}
	/* Who has changed its user may not be traced. */
	toolkit_expect(TOOLKIT_TRAITS);
	pthread_create(&starter.thread, NULL, start_plain, &starter);
	pthread_create(&changer, NULL, change_user, NULL);
	pthread_join(starter.thread, NULL);
	atomic_store(&enough, true);
	pthread_join(changer, NULL);
	ck_assert_int_eq(starter.wrong, 0);
}
END_TEST

/* A child may share our memory, so this counts there, too. */
static atomic_int handled, handled_in_child;
static pid_t own_pid;

static void
count_handled(int unused)
{
	(void)unused;
	atomic_fetch_add(getpid() == own_pid ? &handled : &handled_in_child,
	    1);
}

static void *
signal_all_the_time(void *unused)
{
	while (!atomic_load(&enough))
		kill(0, SIGUSR1);
	return unused;
}

/* They are for the children, too, which may die of them; but no handler of
 * ours ever runs there. */
START_TEST(commands_start_in_a_storm_of_signals)
{
	struct sigaction action = { .sa_handler = count_handled }, before;
	struct starter starter = { .wrong = 0 };
	pthread_t thread;

	toolkit_expect(TOOLKIT_SESSION);
	ck_assert_int_eq(setpgid(0, 0), 0);
	own_pid = getpid();
	sigaction(SIGUSR1, &action, &before);
	pthread_create(&thread, NULL, signal_all_the_time, NULL);
	start_plain(&starter);
	atomic_store(&enough, true);
	pthread_join(thread, NULL);
	sigaction(SIGUSR1, &before, NULL);
	ck_assert_int_eq(starter.wrong, 0);
	ck_assert_int_gt(atomic_load(&handled), 0);
	ck_assert_int_eq(atomic_load(&handled_in_child), 0);
}
END_TEST

static void
setup(void)
{
	task_setup();
	atomic_store(&enough, false);
}

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_beside");
	TCase *tc = tcase_create("command_beside");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_test(tc, commands_start_in_8_threads);
	tcase_add_test(tc, commands_start_in_8_threads_beside_foreign_forks);
	tcase_add_test(tc, commands_start_beside_changes_of_user);
	tcase_add_test(tc, commands_start_in_a_storm_of_signals);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
