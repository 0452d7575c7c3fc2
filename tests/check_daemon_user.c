/* A daemon that gives up its rights: all of them, and for good. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"
#include "kernel.h"

#include <proclc.h>

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* No user has these. */
enum { UID = 54321, GID = 54322, OTHER_GID = 54323 };

/* The pid file: the user empties it, where he may not remove it. */
static char user_file[700];

/* Only root can become somebody. */
static bool
begin(void)
{
	if (scenario_skip_user())
		return false;
	ck_assert_int_eq(chmod(toolkit_dir(), 0755), 0);
	snprintf(user_file, sizeof(user_file), "%s", in_dir("a.pid"));
	scenario_start(&s, "daemon", NULL);
	answers("groups 0 777 54323", "groups 0");
	return true;
}

/* A user of the system with a home and nothing else but his own group. */
static const struct passwd *
some_user(void)
{
	const struct passwd *pw = getpwnam("nobody");

	if (pw == NULL || pw->pw_uid == 0 || pw->pw_dir[0] == '\0')
		toolkit_skip("no user nobody");
	return pw;
}

START_TEST(user_takes_ids_and_groups_along)
{
	const struct passwd *pw = some_user();
	char name[100];

	if (pw == NULL || !begin())
		return;
	/* By name, and by number. */
	snprintf(name, sizeof(name), "%d", (int)pw->pw_uid);
	scenario_send(&s, "user %s;pid_file %s", _i == 0 ? pw->pw_name : name,
	    user_file);
	started();
	scenario_send(&s, "who");
	scenario_expect(&s, "uid %d %d gid %d %d groups %d", (int)pw->pw_uid,
	    (int)pw->pw_uid, (int)pw->pw_gid, (int)pw->pw_gid,
	    (int)pw->pw_gid);
	ck_assert_int_eq(proclc_ping(user_file), 0);
	scenario_send(&s, "env HOME;env USER;env LOGNAME");
	scenario_expect(&s, "env %s", pw->pw_dir);
	scenario_expect(&s, "env %s", pw->pw_name);
	scenario_expect(&s, "env %s", pw->pw_name);
	end();
	/* He may not remove it, but he can empty it. */
	ck_assert_int_eq(proclc_pidfile_status(user_file, NULL),
	    PROCLC_ENOTRUNNING);
	ck_assert_int_eq(unlink(user_file), 0);
}
END_TEST

START_TEST(user_without_entry_needs_a_group)
{
	if (!begin())
		return;
	scenario_send(&s, "setenv HOME /root;user %d", UID);
	answers("daemonize", "daemonize PROCLC_EUSER");
	scenario_send(&s, "group %d", GID);
	started();
	answers("who", "uid 54321 54321 gid 54322 54322 groups 54322");
	answers("env HOME", "env unset");
	end();
}
END_TEST

START_TEST(group_alone_leaves_the_user)
{
	if (!begin())
		return;
	scenario_send(&s, "setenv HOME /root;group %d", GID);
	started();
	answers("who", "uid 0 0 gid 54322 54322 groups 54322");
	answers("env HOME", "env /root");
	end();
}
END_TEST

/* The ids are right already, the groups are not. */
START_TEST(group_that_is_the_callers_loses_the_others)
{
	if (!begin())
		return;
	answers("who", "uid 0 0 gid 0 0 groups 0 777 54323");
	scenario_send(&s, "group 0");
	started();
	answers("who", "uid 0 0 gid 0 0 groups 0");
	end();
}
END_TEST

START_TEST(user_unknown_is_EUSER_and_changes_nothing)
{
	static const char *const users[] = { "no-such-user", "", "-1",
	    "4294967295", "12x", "nobody\n", NULL };
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	o.stdout_path = in_dir("log");
	o.user = users[_i];
	o.group = users[_i] == NULL ? "no-such-group" : "54322";
	toolkit_mark();
	ck_assert_int_eq(proclc_daemon_fork(&o), PROCLC_EUSER);
	toolkit_unchanged();
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(),
	    "no such user or group"));
}
END_TEST

/* His own logs he can open again, and others he cannot. */
/* Nobody can be asked who that is: no descriptor is left to do it. */
START_TEST(user_that_cannot_be_looked_up_is_no_bare_number)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	struct rlimit all, none;
	int rc, free_fd = dup(0);

	close(free_fd);
	o.user = "54321";
	o.group = "54322";
	getrlimit(RLIMIT_NOFILE, &all);
	none = all;
	none.rlim_cur = (rlim_t)free_fd;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = proclc_daemon_fork(&o);
	setrlimit(RLIMIT_NOFILE, &all);
	ck_assert_int_eq(rc, PROCLC_EMFILE);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "user 54321"));
}
END_TEST

START_TEST(user_owns_the_logs_that_were_made_for_him)
{
	struct stat st;

	if (!begin())
		return;
	/* The folder of all tests, too, has to be walked through. */
	ck_assert_int_eq(chmod(in_dir(".."), 0711), 0);
	scenario_send(&s, "user %d;group %d", UID, GID);
	scenario_send(&s, "out %s", in_dir("log"));
	started();
	ck_assert_int_eq(stat(in_dir("log"), &st), 0);
	ck_assert_int_eq(st.st_uid, UID);
	ck_assert_int_eq(st.st_gid, GID);
	answers("reopen", "reopen 0");
	ck_assert_int_eq(chown(in_dir("log"), 0, 0), 0);
	answers("reopen", "reopen PROCLC_EACCES");
	scenario_send(&s, "print word");
	end();
	ck_assert_int_eq(stat(in_dir("log"), &st), 0);
	ck_assert_int_eq(st.st_size, 5);
	ck_assert_int_eq(unlink(in_dir("log")), 0);
}
END_TEST

/* The daemon finds out, and the launcher says so; nothing is left. */
static void
refused(void)
{
	scenario_send(&s, "daemonize");
	scenario_expect_exit(&s, 1);
	ck_assert_ptr_nonnull(strstr(scenario_stderr(&s),
	    "daemonize: become "));
	ck_assert_ptr_nonnull(strstr(scenario_stderr(&s),
	    ": operation not permitted\n"));
	scenario_expect_eof(&s);
	ck_assert(!file_exists(user_file));
}

START_TEST(user_that_may_not_change_is_told)
{
	struct scenario_options user = { .uid = UID };

	/* The end of a daemon that nobody reaps is not seen without. */
	if (scenario_skip_user() || skip_without("process", "pidfd"))
		return;
	ck_assert_int_eq(chmod(toolkit_dir(), 0777), 0);
	snprintf(user_file, sizeof(user_file), "%s", in_dir("a.pid"));
	toolkit_expect(TOOLKIT_FILES);
	scenario_start_with(&s, &user, "daemon", NULL);
	scenario_send(&s, _i == 0 ? "user root" : "group %d", OTHER_GID);
	refused();
}
END_TEST

START_TEST(user_that_is_the_caller_needs_no_right)
{
	struct scenario_options user = { .uid = UID };

	if (scenario_skip_user())
		return;
	scenario_start_with(&s, &user, "daemon", NULL);
	scenario_send(&s, "user %d;group %d", UID, UID);
	started();
	scenario_send(&s, "who");
	scenario_expect(&s, "uid %d %d gid %d %d groups %d", UID, UID, UID, UID,
	    UID);
	end();
}
END_TEST

/* Nor anybody else: what a program with the set-uid bit saved goes as well. */
START_TEST(user_that_is_the_caller_keeps_no_saved_ids)
{
	if (!begin())
		return;
	scenario_send(&s, "be %d %d;user %d;group %d", UID, GID, UID, UID);
	started();
	answers("go_back 54322", "back -1 -1");
	end();
}
END_TEST

/* Who could be root again has given up nothing. */
START_TEST(user_with_a_way_back_is_refused)
{
	if (skip_without("process", "pidfd") || !begin())
		return;
	scenario_send(&s, "keep_rights");
	if (scenario_expect_number(&s, "keep_rights ") == 0) {
		toolkit_skip("no way to keep rights");
		scenario_send(&s, "_exit 0");
		scenario_expect_exit(&s, 0);
		return;
	}
	scenario_send(&s, "user %d;group %d;pid_file %s", UID, GID, user_file);
	refused();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_user");
	TCase *tcase = tcase_create("user");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, user_takes_ids_and_groups_along, 0, 2);
	tcase_add_test(tcase, user_without_entry_needs_a_group);
	tcase_add_test(tcase, group_alone_leaves_the_user);
	tcase_add_test(tcase, group_that_is_the_callers_loses_the_others);
	tcase_add_loop_test(tcase, user_unknown_is_EUSER_and_changes_nothing,
	    0, 7);
	tcase_add_test(tcase,
	    user_that_cannot_be_looked_up_is_no_bare_number);
	tcase_add_test(tcase, user_owns_the_logs_that_were_made_for_him);
	tcase_add_loop_test(tcase, user_that_may_not_change_is_told, 0, 2);
	tcase_add_test(tcase, user_that_is_the_caller_needs_no_right);
	tcase_add_test(tcase, user_that_is_the_caller_keeps_no_saved_ids);
	tcase_add_test(tcase, user_with_a_way_back_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
