/* Codes, their words, and what a failing call leaves in its thread. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <proclc.h>

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POSIX(name) { PROCLC_##name, -name, "PROCLC_" #name }
#define OWN(name, value) { PROCLC_##name, value, "PROCLC_" #name }

static const struct {
	int code;
	int value;
	const char *name;
} codes[] = {
	{ PROCLC_OK, 0, "PROCLC_OK" },
	POSIX(EPERM), POSIX(ENOENT), POSIX(ESRCH), POSIX(EINTR), POSIX(EIO),
	POSIX(E2BIG), POSIX(ENOEXEC), POSIX(EBADF), POSIX(ECHILD),
	POSIX(EAGAIN), POSIX(ENOMEM), POSIX(EACCES), POSIX(EBUSY),
	POSIX(EEXIST), POSIX(ENOTDIR), POSIX(EISDIR), POSIX(EINVAL),
	POSIX(ENFILE), POSIX(EMFILE), POSIX(EFBIG), POSIX(ENOSPC),
	POSIX(EROFS), POSIX(EPIPE), POSIX(ERANGE), POSIX(EDEADLK),
	POSIX(ENAMETOOLONG), POSIX(ENOSYS), POSIX(ELOOP), POSIX(ENOTSUP),
	POSIX(ETIMEDOUT), POSIX(EALREADY),
	OWN(EORPHANED, -20000), OWN(ERUNNING, -20001),
	OWN(ESTARTING, -20002), OWN(ENOTRUNNING, -20003),
	OWN(EUNLOCKED, -20004), OWN(EMALFORMED, -20005),
	OWN(EUNSAFE, -20006), OWN(ESTARTFAILED, -20007),
	OWN(ENOTOWNER, -20008), OWN(ESIGNAL, -20009), OWN(ETHREADS, -20010),
	OWN(ETASKS, -20011), OWN(ECALLBACK, -20012), OWN(EENDING, -20013),
	OWN(EUSER, -20014),
};

enum { CODES = sizeof(codes) / sizeof(codes[0]) };

/* Fails with PROCLC_ENOENT at PROCLC_STAGE_DIRECTORY. */
static int
fail_open(const char *path)
{
	struct proclc_pidfile *pf;

	return proclc_pidfile_open(&pf, path, NULL);
}

START_TEST(error_codes_have_their_values)
{
	ck_assert_int_eq(codes[_i].code, codes[_i].value);
}
END_TEST

START_TEST(error_name_each_code_is_its_own)
{
	ck_assert_str_eq(proclc_error_name(codes[_i].code), codes[_i].name);
}
END_TEST

START_TEST(error_name_no_code_is_null)
{
	static const int none[] = { 1, EPERM, 20001, -19999, -20015,
	    -EXDEV, INT_MAX, INT_MIN };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_ptr_null(proclc_error_name(none[i]));
}
END_TEST

START_TEST(strerror_each_code_has_words_of_its_own)
{
	const char *words = proclc_strerror(codes[_i].code);

	ck_assert_int_gt((int)strlen(words), 4);
	ck_assert_ptr_eq(proclc_strerror(-codes[_i].code), words);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(words, proclc_strerror(codes[i].code));
}
END_TEST

START_TEST(strerror_unknown_errno_is_the_systems)
{
	ck_assert_str_eq(proclc_strerror(-EXDEV), strerror(EXDEV));
	ck_assert_str_eq(proclc_strerror(EXDEV), strerror(EXDEV));
	ck_assert_str_eq(proclc_strerror(-ECANCELED), strerror(ECANCELED));
}
END_TEST

START_TEST(strerror_nonsense_has_words_too)
{
	static const int nonsense[] = { 4095, -20999, INT_MAX, -INT_MAX,
	    INT_MIN };

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		ck_assert_str_ne(proclc_strerror(nonsense[i]), "");
}
END_TEST

static void *
ask_for_other_words(void *unused)
{
	ck_assert_str_eq(proclc_strerror(-ECANCELED), strerror(ECANCELED));
	return unused;
}

START_TEST(strerror_words_are_the_threads_own)
{
	const char *words = proclc_strerror(-EXDEV);
	pthread_t thread;

	pthread_create(&thread, NULL, ask_for_other_words, NULL);
	pthread_join(thread, NULL);
	ck_assert_str_eq(words, strerror(EXDEV));
}
END_TEST

START_TEST(errmsg_before_any_failure_is_empty)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	ck_assert_str_eq(proclc_errmsg(), "");
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.code, 0);
	ck_assert_int_eq(detail.stage, PROCLC_STAGE_NONE);
}
END_TEST

START_TEST(errmsg_names_step_path_and_cause)
{
	ck_assert_int_eq(fail_open("/nowhere/x.pid"), PROCLC_ENOENT);
	ck_assert_str_eq(proclc_errmsg(), "directory of /nowhere/x.pid: "
	    "no such file or directory");
	ck_assert_int_eq(proclc_send("/nowhere/x.pid", 15), PROCLC_ENOENT);
	ck_assert_str_eq(proclc_errmsg(), "send: read /nowhere/x.pid: "
	    "no such file or directory");
}
END_TEST

START_TEST(errmsg_long_path_keeps_the_cause)
{
	char path[3000];
	const char *end;

	memset(path, 'x', sizeof(path));
	path[0] = path[2] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_lt(fail_open(path), 0);
	end = strrchr(proclc_errmsg(), ':');
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, ": no such file or directory");
	ck_assert_int_lt(proclc_ping(path), 0);
	end = strrchr(proclc_errmsg(), ':');
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, ": no such file or directory");
}
END_TEST

START_TEST(errmsg_success_leaves_it)
{
	fail_open("/nowhere/x.pid");
	ck_assert_int_eq(proclc_signal_number("TERM"), PROCLC_SIGTERM);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "/nowhere/x.pid"));
}
END_TEST

START_TEST(error_detail_is_filled)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	fail_open("/nowhere/x.pid");
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_uint_eq(detail.size, sizeof(detail));
	ck_assert_int_eq(detail.code, PROCLC_ENOENT);
	ck_assert_int_eq(detail.os_error, ENOENT);
	ck_assert_int_eq(detail.stage, PROCLC_STAGE_DIRECTORY);
	ck_assert_int_eq(detail.pid, 0);
}
END_TEST

START_TEST(error_detail_own_code_has_no_system_number)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	ck_assert_int_eq(proclc_send("x", 1000), PROCLC_ESIGNAL);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.code, PROCLC_ESIGNAL);
	ck_assert_int_eq(detail.os_error, 0);
	ck_assert_int_eq(detail.stage, PROCLC_STAGE_ARGUMENTS);
}
END_TEST

/* What an older caller's struct covers is written, and not a byte more. */
START_TEST(error_detail_smaller_struct_keeps_its_tail)
{
	unsigned char bytes[sizeof(struct proclc_error_detail) + 8];
	uint32_t size = (uint32_t)_i, told;
	int32_t code;

	memset(bytes, 0xa5, sizeof(bytes));
	memcpy(bytes, &size, sizeof(size));
	fail_open("/nowhere/x.pid");
	ck_assert_int_eq(proclc_error_detail(
	    (struct proclc_error_detail *)(void *)bytes), 0);
	memcpy(&told, bytes, sizeof(told));
	ck_assert_uint_le(told, size);
	if (size >= 8) {
		memcpy(&code, bytes + 4, sizeof(code));
		ck_assert_int_eq(code, PROCLC_ENOENT);
	}
	for (size_t i = size; i < sizeof(bytes); i++)
		ck_assert_uint_eq(bytes[i], 0xa5);
}
END_TEST

START_TEST(error_detail_larger_struct_keeps_its_tail)
{
	struct {
		struct proclc_error_detail known;
		int32_t newer;
	} detail = { .known = { .size = sizeof(detail) }, .newer = 4711 };

	fail_open("/nowhere/x.pid");
	ck_assert_int_eq(proclc_error_detail(&detail.known), 0);
	ck_assert_uint_eq(detail.known.size, sizeof(detail.known));
	ck_assert_int_eq(detail.known.code, PROCLC_ENOENT);
	ck_assert_int_eq(detail.newer, 4711);
}
END_TEST

START_TEST(error_detail_without_size_is_EINVAL)
{
	struct proclc_error_detail detail = { .size = 0, .code = 4711 };

	ck_assert_int_eq(proclc_error_detail(NULL), PROCLC_EINVAL);
	for (detail.size = 0; detail.size < 4; detail.size++)
		ck_assert_int_eq(proclc_error_detail(&detail), PROCLC_EINVAL);
	ck_assert_int_eq(detail.code, 4711);
}
END_TEST

static void *
fail_otherwise(void *unused)
{
	ck_assert_str_eq(proclc_errmsg(), "");
	ck_assert_int_eq(fail_open("/dev/null/x.pid"), PROCLC_ENOTDIR);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "/dev/null/x.pid"));
	return unused;
}

START_TEST(errmsg_is_the_threads_own)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	pthread_t thread;

	fail_open("/nowhere/x.pid");
	pthread_create(&thread, NULL, fail_otherwise, NULL);
	pthread_join(thread, NULL);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "/nowhere/x.pid"));
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.code, PROCLC_ENOENT);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *words = tcase_create("words");
	TCase *last = tcase_create("last failure");

	tcase_add_checked_fixture(words, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(words, error_codes_have_their_values, 0, CODES);
	tcase_add_loop_test(words, error_name_each_code_is_its_own, 0, CODES);
	tcase_add_test(words, error_name_no_code_is_null);
	tcase_add_loop_test(words, strerror_each_code_has_words_of_its_own, 0,
	    CODES);
	tcase_add_test(words, strerror_unknown_errno_is_the_systems);
	tcase_add_test(words, strerror_nonsense_has_words_too);
	tcase_add_test(words, strerror_words_are_the_threads_own);
	suite_add_tcase(suite, words);

	tcase_add_checked_fixture(last, toolkit_setup, toolkit_teardown);
	tcase_add_test(last, errmsg_before_any_failure_is_empty);
	tcase_add_test(last, errmsg_names_step_path_and_cause);
	tcase_add_test(last, errmsg_long_path_keeps_the_cause);
	tcase_add_test(last, errmsg_success_leaves_it);
	tcase_add_test(last, error_detail_is_filled);
	tcase_add_test(last, error_detail_own_code_has_no_system_number);
	tcase_add_loop_test(last, error_detail_smaller_struct_keeps_its_tail,
	    4, (int)sizeof(struct proclc_error_detail) + 1);
	tcase_add_test(last, error_detail_larger_struct_keeps_its_tail);
	tcase_add_test(last, error_detail_without_size_is_EINVAL);
	tcase_add_test(last, errmsg_is_the_threads_own);
	suite_add_tcase(suite, last);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
