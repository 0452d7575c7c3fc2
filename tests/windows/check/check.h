/*
 * check.h - what the portable suites use of Check, for Windows: where a test is
 * not a forked child but another run of the program (suite.c).
 *
 * The suites are the same files as elsewhere.  Which of them run, and what is
 * left out and why, stands in ../portable.
 */
#ifndef PCL_TESTS_CHECK_H
#define PCL_TESTS_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/* Of the toolkit's headers; there are no users by number. */
typedef int uid_t;

typedef void (*check_fn)(int number);
typedef struct check_suite Suite;
typedef struct check_case TCase;

struct check_test {
	const char *name;
	check_fn fn;
};

#define START_TEST(name) \
	static void name##_fn(int _i); \
	static const struct check_test name = { #name, name##_fn }; \
	static void name##_fn(int _i) \
	{ \
		(void)_i;
#define END_TEST }

Suite *
suite_create(const char *name);
TCase *
tcase_create(const char *name);
void
suite_add_tcase(Suite *suite, TCase *tcase);
void
tcase_add_checked_fixture(TCase *tcase, void (*setup)(void),
    void (*teardown)(void));
void
tcase_set_timeout(TCase *tcase, double seconds);
/* One test for each number from begin to before end. */
void
check_add(TCase *tcase, const struct check_test *test, int begin, int end);
#define tcase_add_test(tcase, test) check_add((tcase), &(test), 0, 1)
#define tcase_add_loop_test(tcase, test, begin, end) \
	check_add((tcase), &(test), (begin), (end))

/* End the test, and tell why. */
_Noreturn void
check_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(gnu_printf, 3, 4)));

#define ck_abort_msg(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)
#define ck_assert_msg(holds, ...) \
	((holds) ? (void)0 : check_fail(__FILE__, __LINE__, __VA_ARGS__))
#define ck_assert(holds) ck_assert_msg((holds), "not so: %s", #holds)

#define CHECK_COMPARE(type, a, op, b, show) do { \
		type check_a = (a); \
		type check_b = (b); \
		\
		ck_assert_msg(check_a op check_b, "not so: %s %s %s: " show \
		    " and " show, #a, #op, #b, check_a, check_b); \
	} while (0)
#define CHECK_INT(a, op, b) CHECK_COMPARE(intmax_t, a, op, b, "%jd")
#define CHECK_UINT(a, op, b) CHECK_COMPARE(uintmax_t, a, op, b, "%ju")
#define CHECK_PTR(a, op, b) CHECK_COMPARE(const void *, a, op, b, "%p")
#define CHECK_STR(a, op, b) do { \
		const char *check_a = (a), *check_b = (b); \
		\
		ck_assert_msg(check_a != NULL && check_b != NULL && \
		    strcmp(check_a, check_b) op 0, "not so: %s %s %s: " \
		    "\"%s\" and \"%s\"", #a, #op, #b, check_a == NULL ? \
		    "(null)" : check_a, check_b == NULL ? "(null)" : \
		    check_b); \
	} while (0)

#define ck_assert_int_eq(a, b) CHECK_INT(a, ==, b)
#define ck_assert_int_ne(a, b) CHECK_INT(a, !=, b)
#define ck_assert_int_lt(a, b) CHECK_INT(a, <, b)
#define ck_assert_int_le(a, b) CHECK_INT(a, <=, b)
#define ck_assert_int_gt(a, b) CHECK_INT(a, >, b)
#define ck_assert_int_ge(a, b) CHECK_INT(a, >=, b)
#define ck_assert_uint_eq(a, b) CHECK_UINT(a, ==, b)
#define ck_assert_uint_ne(a, b) CHECK_UINT(a, !=, b)
#define ck_assert_uint_lt(a, b) CHECK_UINT(a, <, b)
#define ck_assert_uint_le(a, b) CHECK_UINT(a, <=, b)
#define ck_assert_uint_gt(a, b) CHECK_UINT(a, >, b)
#define ck_assert_uint_ge(a, b) CHECK_UINT(a, >=, b)
#define ck_assert_ptr_eq(a, b) CHECK_PTR(a, ==, b)
#define ck_assert_ptr_ne(a, b) CHECK_PTR(a, !=, b)
#define ck_assert_ptr_null(a) CHECK_PTR(a, ==, NULL)
#define ck_assert_ptr_nonnull(a) CHECK_PTR(a, !=, NULL)
#define ck_assert_str_eq(a, b) CHECK_STR(a, ==, b)
#define ck_assert_str_ne(a, b) CHECK_STR(a, !=, b)

#endif
