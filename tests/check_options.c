/* The rules that every options struct keeps, whichever side is the older. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <proclc.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 256 };

static int
call_pidfile(const void *options)
{
	struct proclc_pidfile *pf;

	return proclc_pidfile_open(&pf, "/nowhere/x.pid", options);
}

static int
call_stop(const void *options)
{
	return proclc_stop("/nowhere/x.pid", options);
}

/* TERM has a handler in a Check test: Check's own.  What the library made
 * before it found out may stay; check_atexit judges that. */
static int
call_install(const void *options)
{
	toolkit_expect(TOOLKIT_FDS | TOOLKIT_THREADS |
	    TOOLKIT_LIBRARY_THREADS);
	return proclc_atexit_install(options);
}

static int
call_daemonize(const void *options)
{
	return proclc_daemonize(options);
}

/* Each with options that are good, and what the call says to them: it fails
 * for another reason, so that it does nothing to the test. */
static const struct proclc_pidfile_options pidfile_options =
    PROCLC_PIDFILE_OPTIONS_INIT;
static const struct proclc_stop_options stop_options =
    PROCLC_STOP_OPTIONS_INIT;
static const struct proclc_atexit_options install_options =
    PROCLC_ATEXIT_OPTIONS_INIT;
static const struct proclc_daemon_options daemon_options = {
	.size = sizeof(daemon_options),
	.stdin_path = "/nowhere/in",
};

static const struct {
	const char *name;
	int (*call)(const void *options);
	const void *good;
	size_t size;
	size_t smaller;         /* what an older caller's covers */
	int answer;
} structs[] = {
	{ "pidfile", call_pidfile, &pidfile_options, sizeof(pidfile_options),
	    4, PROCLC_ENOENT },
	{ "stop", call_stop, &stop_options, sizeof(stop_options), 8,
	    PROCLC_ENOENT },
	{ "install", call_install, &install_options, sizeof(install_options),
	    8, PROCLC_EBUSY },
	{ "daemonize", call_daemonize, &daemon_options,
	    sizeof(daemon_options),
	    offsetof(struct proclc_daemon_options, stdout_path),
	    PROCLC_ENOENT },
};

enum { STRUCTS = sizeof(structs) / sizeof(structs[0]) };

static union {
	unsigned char bytes[ROOM];
	uint32_t size;
	uint64_t align;
} buffer;

/* The good options, followed by what only a newer caller knows. */
static void
fill(int i, size_t size, unsigned char tail)
{
	memset(buffer.bytes, tail, sizeof(buffer.bytes));
	memcpy(buffer.bytes, structs[i].good, structs[i].size);
	buffer.size = (uint32_t)size;
}

START_TEST(options_INIT_is_accepted)
{
	fill(_i, structs[_i].size, 0);
	ck_assert_int_eq(structs[_i].call(&buffer), structs[_i].answer);
}
END_TEST

/* What lies behind them is the caller's, whatever it is. */
START_TEST(options_smaller_are_accepted)
{
	fill(_i, structs[_i].smaller, 0xff);
	memset(buffer.bytes + structs[_i].smaller, 0xff,
	    sizeof(buffer.bytes) - structs[_i].smaller);
	ck_assert_int_eq(structs[_i].call(&buffer), structs[_i].answer);
}
END_TEST

START_TEST(options_larger_with_zeros_are_accepted)
{
	fill(_i, structs[_i].size + 16, 0);
	ck_assert_int_eq(structs[_i].call(&buffer), structs[_i].answer);
}
END_TEST

START_TEST(options_larger_with_more_is_E2BIG)
{
	char text[64];

	for (size_t at = 0; at < 16; at++) {
		fill(_i, structs[_i].size + 16, 0);
		buffer.bytes[structs[_i].size + at] = 1;
		toolkit_mark();
		ck_assert_int_eq(structs[_i].call(&buffer), PROCLC_E2BIG);
		toolkit_unchanged();
		snprintf(text, sizeof(text), "byte %zu",
		    structs[_i].size + at);
		ck_assert_ptr_nonnull(strstr(proclc_errmsg(), text));
	}
}
END_TEST

START_TEST(options_without_size_is_EINVAL)
{
	for (uint32_t size = 0; size < 4; size++) {
		fill(_i, size, 0);
		ck_assert_int_eq(structs[_i].call(&buffer), PROCLC_EINVAL);
	}
}
END_TEST

/* The last byte that size covers counts; the next does not. */
START_TEST(options_size_is_exact)
{
	fill(_i, structs[_i].size, 0);
	buffer.bytes[structs[_i].size] = 1;
	ck_assert_int_eq(structs[_i].call(&buffer), structs[_i].answer);
	buffer.size++;
	ck_assert_int_eq(structs[_i].call(&buffer), PROCLC_E2BIG);
}
END_TEST

START_TEST(options_unknown_flags_are_EINVAL)
{
	struct proclc_pidfile_options pidfile = pidfile_options;
	struct proclc_atexit_options install = install_options;
	struct proclc_daemon_options daemon = daemon_options;

	for (int bit = 0; bit < 32; bit++) {
		pidfile.flags = install.flags = daemon.flags = 1u << bit;
		ck_assert_int_eq(call_pidfile(&pidfile), PROCLC_EINVAL);
		if (install.flags > PROCLC_ATEXIT_NO_CRASH_HOOK)
			ck_assert_int_eq(call_install(&install),
			    PROCLC_EINVAL);
		if ((daemon.flags & (PROCLC_DAEMON_ALLOW_THREADS |
		    PROCLC_DAEMON_WAIT_READY | PROCLC_DAEMON_STRIP_CMD_ARGS |
		    PROCLC_DAEMON_KEEP_ENVIRONMENT)) == 0)
			ck_assert_int_eq(call_daemonize(&daemon),
			    PROCLC_EINVAL);
	}
}
END_TEST

START_TEST(options_daemon_nonsense_is_EINVAL)
{
	static const int fds[] = { 3 };
	struct proclc_daemon_options o[] = {
		{ .fd_fallback_limit = UINT32_MAX },
		{ .args_size = 1 },
		{ .umask = 022 },               /* without UMASK_SET */
		{ .umask = 01000 | PROCLC_UMASK_SET },
		{ .umask = PROCLC_UMASK_SET << 1 },
		{ .ready_timeout_ms = PROCLC_NOW },
		{ .ready_timeout_ms = -3 },
		{ .n_keep_fds = 1 },
		{ .n_keep_fds = SIZE_MAX, .keep_fds = fds },
	};

	for (size_t i = 0; i < sizeof(o) / sizeof(o[0]); i++) {
		o[i].size = sizeof(o[i]);
		o[i].stdin_path = "/nowhere/in";
		toolkit_mark();
		ck_assert_msg(proclc_daemonize(&o[i]) != PROCLC_ENOENT,
		    "case %zu is accepted", i);
		toolkit_unchanged();
	}
}
END_TEST

START_TEST(options_stop_nonsense_is_refused)
{
	struct proclc_stop_options grace = { .size = sizeof(grace),
	    .grace_ms = -3 };
	struct proclc_stop_options wait = { .size = sizeof(wait),
	    .kill_wait_ms = -3 };
	struct proclc_stop_options signum = { .size = sizeof(signum),
	    .signum = 1000 };

	ck_assert_int_eq(call_stop(&grace), PROCLC_EINVAL);
	ck_assert_int_eq(call_stop(&wait), PROCLC_EINVAL);
	ck_assert_int_eq(call_stop(&signum), PROCLC_ESIGNAL);
}
END_TEST

START_TEST(options_install_negative_deadline_is_EINVAL)
{
	struct proclc_atexit_options o = install_options;

	o.deadline_ms = -1;
	ck_assert_int_eq(call_install(&o), PROCLC_EINVAL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *rules = tcase_create("rules");
	TCase *values = tcase_create("values");

	tcase_add_checked_fixture(rules, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(rules, options_INIT_is_accepted, 0, STRUCTS);
	tcase_add_loop_test(rules, options_smaller_are_accepted, 0, STRUCTS);
	tcase_add_loop_test(rules, options_larger_with_zeros_are_accepted, 0,
	    STRUCTS);
	tcase_add_loop_test(rules, options_larger_with_more_is_E2BIG, 0,
	    STRUCTS);
	tcase_add_loop_test(rules, options_without_size_is_EINVAL, 0, STRUCTS);
	tcase_add_loop_test(rules, options_size_is_exact, 0, STRUCTS);
	suite_add_tcase(suite, rules);

	tcase_add_checked_fixture(values, toolkit_setup, toolkit_teardown);
	tcase_add_test(values, options_unknown_flags_are_EINVAL);
	tcase_add_test(values, options_daemon_nonsense_is_EINVAL);
	tcase_add_test(values, options_stop_nonsense_is_refused);
	tcase_add_test(values, options_install_negative_deadline_is_EINVAL);
	suite_add_tcase(suite, values);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
