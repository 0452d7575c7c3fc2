/* A daemon in the foreground that cannot be: nothing has changed; and one
 * that gives up its rights there. */
#define _GNU_SOURCE 1

#include "daemons.h"

#include <proclc.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No user has these. */
enum { UID = 54321, GID = 54322 };

/* All good, but what a case spoils. */
static char log_path[700];

static struct proclc_daemon_options
good(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	snprintf(log_path, sizeof(log_path), "%s", in_dir("log"));
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	o.mode = PROCLC_DAEMON_FOREGROUND;
	o.pid_file = pid_file;
	o.chdir = "/";
	o.umask = 0123 | PROCLC_UMASK_SET;
	o.stdin_path = "/dev/null";
	o.stdout_path = o.stderr_path = log_path;
	return o;
}

static void
refused(const struct proclc_daemon_options *o, int code)
{
	toolkit_mark();
	ck_assert_int_eq(proclc_daemonize(o), code);
	ck_assert_int_eq(strncmp(proclc_errmsg(), "daemonize: ", 11), 0);
	ck_assert_int_eq(proclc_daemon_fork(o), code);
	toolkit_unchanged();
	ck_assert_int_eq(proclc_daemon_is_setup(), 1);
	ck_assert_int_eq(proclc_daemon_ready(), PROCLC_EINVAL);
}

START_TEST(undone_bad_options_are_refused)
{
	struct proclc_daemon_options o[] = { good(), good(), good(), good(),
	    good(), good(), good() };
	static const int codes[] = { PROCLC_EINVAL, PROCLC_EINVAL,
	    PROCLC_ENOENT, PROCLC_ENOENT, PROCLC_ENOENT, PROCLC_EUSER,
	    PROCLC_EINVAL };

	o[0].mode = PROCLC_DAEMON_AUTO + 1;
	o[1].reserved = 1;
	o[2].chdir = "/nowhere";
	o[3].stderr_path = "/nowhere/log";
	o[4].pid_file = "/nowhere/a.pid";
	o[5].user = "no-such-user";
	o[6].mode = UINT32_MAX;
	refused(&o[_i], codes[_i]);
}
END_TEST

START_TEST(undone_held_pid_file_is_ERUNNING)
{
	struct proclc_daemon_options o = good();
	struct proclc_error_detail d = { .size = sizeof(d) };

	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "pid_file %s;daemon_mode %d", pid_file,
	    PROCLC_DAEMON_FOREGROUND);
	answers("daemonize", "daemonize 0");
	refused(&o, PROCLC_ERUNNING);
	ck_assert_int_eq(proclc_daemonize(&o), PROCLC_ERUNNING);
	ck_assert_int_eq(proclc_error_detail(&d), 0);
	ck_assert_int_eq(d.pid, s.pid);
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	toolkit_expect(TOOLKIT_FILES | TOOLKIT_FDS | TOOLKIT_CHILDREN);
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Who is not root may become nobody else, and finds that out last. */
static void
begin_without_rights(void)
{
	struct scenario_options user = { .uid = geteuid() == 0 ? UID : 0,
	    .cwd = "/" };

	good();
	/* The folder of all tests, too, has to be walked through. */
	ck_assert_int_eq(chmod(in_dir(".."), 0711), 0);
	ck_assert_int_eq(chmod(toolkit_dir(), 01777), 0);
	scenario_start_with(&s, &user, "daemon", NULL);
	scenario_send(&s, "daemon_mode %d;dir %s", PROCLC_DAEMON_FOREGROUND,
	    toolkit_dir());
	scenario_send(&s, "in /dev/null;out %s;err %s;umask 0123;user root",
	    log_path, log_path);
	scenario_send(&s, "pid_file %s", pid_file);
}

static void
look(char place[500], char fds[500], char who[500])
{
	scenario_send(&s, "place;fds;who");
	ck_assert(scenario_read_line(&s, place, 500, 0));
	ck_assert(scenario_read_line(&s, fds, 500, 0));
	ck_assert(scenario_read_line(&s, who, 500, 0));
}

/* Of 0 to 2 one is closed, one close-on-exec, one as ever. */
START_TEST(undone_last_step_undoes_all_others)
{
	char before[3][500], after[3][500];

	if (scenario_skip_user())
		return;
	begin_without_rights();
	scenario_send(&s, "shut %d", 1 << _i);
	scenario_send(&s, "close_on_exec %d", (_i + 1) % 3);
	scenario_expect(&s, "close_on_exec 0");
	look(before[0], before[1], before[2]);
	answers("daemonize", "daemonize PROCLC_EPERM");
	look(after[0], after[1], after[2]);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(before[i], after[i]);
	ck_assert(!file_exists(pid_file));
	ck_assert(!file_exists(log_path));
	answers("setup", "setup 1");
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

START_TEST(undone_call_can_be_made_again)
{
	char line[500];

	if (scenario_skip_user())
		return;
	begin_without_rights();
	answers("daemonize", "daemonize PROCLC_EPERM");
	scenario_send(&s, "user %d;group %d", geteuid() == 0 ? UID :
	    (int)geteuid(), geteuid() == 0 ? UID : (int)getegid());
	answers("daemonize", "daemonize 0");
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	scenario_send(&s, "place");
	scenario_expect(&s, "umask 123 cwd %s", toolkit_dir());
	scenario_send(&s, "fds");
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "fds null append append ", 23), 0);
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
	ck_assert(!file_exists(pid_file));
	ck_assert_int_eq(unlink(log_path), 0);
}
END_TEST

/* As the launcher says it, and who has started it sees the code. */
START_TEST(foreground_failure_is_told_on_stderr)
{
	static const struct {
		const char *command, *call, *message;
		int code;
	} cases[] = {
		{ "fail 7 no such luck", "a: call 7 0", "no such luck\n", 7 },
		{ "fail 7", "a: call 7 0",
		    "daemonize: ended before it was ready\n", 7 },
		{ "nonsense;fail 3", "nonsense PROCLC_EINVAL",
		    "register an exit handler: invalid argument\n", 3 },
		{ "fail 256 words", "a: call 1 0", "words\n", 1 },
		{ "ready;fail 256 words", "ready 0", "", 0 },
	};

	good();
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "daemon_mode %d;flags %d;pid_file %s",
	    PROCLC_DAEMON_FOREGROUND, PROCLC_DAEMON_WAIT_READY, pid_file);
	answers("register a say", "register new");
	answers("daemonize", "daemonize 0");
	answers(cases[_i].command, cases[_i].call);
	if (_i == 2)
		scenario_expect(&s, "a: call 3 0");
	if (_i == 4)
		scenario_expect(&s, "a: call 0 0");
	scenario_expect_exit(&s, cases[_i].code);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), cases[_i].message);
	ck_assert(!file_exists(pid_file));
}
END_TEST

/* The ids that a thread's status tells. */
static void
thread_is(const char *path)
{
	char text[4000];
	const char *uid, *gid;
	int is[8] = { 0 };

	ck_assert_int_gt(file_read(path, text, sizeof(text)), 0);
	uid = strstr(text, "\nUid:");
	gid = strstr(text, "\nGid:");
	ck_assert(uid != NULL && gid != NULL);
	sscanf(uid + 5, "%d %d %d %d", &is[0], &is[1], &is[2], &is[3]);
	sscanf(gid + 5, "%d %d %d %d", &is[4], &is[5], &is[6], &is[7]);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(is[i], i < 4 ? UID : GID);
	ck_assert_ptr_nonnull(strstr(text, "\nGroups:\t54322 \n"));
}

START_TEST(foreground_user_is_that_of_all_threads)
{
	char path[300], task[600];
	struct dirent *entry;
	int threads = 0;
	DIR *dir;

	if (scenario_skip_user())
		return;
	good();
	ck_assert_int_eq(chmod(toolkit_dir(), 0755), 0);
	scenario_start(&s, "daemon", NULL);
	answers("groups 0 777 54323", "groups 0");
	scenario_send(&s, "setenv HOME /root;spawn;user %d;group %d", UID,
	    GID);
	scenario_send(&s, "daemon_mode %d;pid_file %s",
	    PROCLC_DAEMON_FOREGROUND, pid_file);
	answers("daemonize", "daemonize 0");
	answers("who", "uid 54321 54321 gid 54322 54322 groups 54322");
	answers("env HOME", "env /root");
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)s.pid);
	dir = opendir(path);
	for (; dir != NULL && (entry = readdir(dir)) != NULL; threads++) {
		snprintf(task, sizeof(task), "%s/%s/status", path,
		    entry->d_name);
		if (entry->d_name[0] != '.')
			thread_is(task);
	}
	if (dir != NULL)
		ck_assert_int_ge(threads, 4);
	if (dir != NULL)
		closedir(dir);
	scenario_send(&s, "unspawn;exit 0");
	scenario_expect_exit(&s, 0);
	/* He may not remove it, but he can empty it. */
	ck_assert_int_eq(proclc_pidfile_status(pid_file, NULL),
	    PROCLC_ENOTRUNNING);
	ck_assert_int_eq(unlink(pid_file), 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_undone");
	TCase *tcase = tcase_create("undone");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, undone_bad_options_are_refused, 0, 7);
	tcase_add_test(tcase, undone_held_pid_file_is_ERUNNING);
	tcase_add_loop_test(tcase, undone_last_step_undoes_all_others, 0, 3);
	tcase_add_test(tcase, undone_call_can_be_made_again);
	tcase_add_loop_test(tcase, foreground_failure_is_told_on_stderr, 0,
	    5);
	tcase_add_test(tcase, foreground_user_is_that_of_all_threads);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
