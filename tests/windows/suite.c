/*
 * suite.c - the portable suites on Windows: a frame with Check's names.
 *
 * A program with SUITE_TEST=NUMBER in its environment is that one test; without
 * it, it runs itself for each of them, and prints TAP.
 */
#include <check.h>

#include "../toolkit/main.h"

#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

enum { TESTS = 200, SECONDS = 20 };

struct check_case {
	void (*setup)(void), (*teardown)(void);
	double seconds;
};

struct check_suite {
	const char *name;
};

struct entry {
	const struct check_test *test;
	const struct check_case *tcase;
	int number;
	bool one_of_many;
};

static struct check_suite the_suite;
static struct entry entries[TESTS];
static size_t n_entries;
static char program[MAX_PATH];

Suite *
suite_create(const char *name)
{
	the_suite.name = name;
	return &the_suite;
}

TCase *
tcase_create(const char *name)
{
	struct check_case *tcase = calloc(1, sizeof(*tcase));

	(void)name;
	if (tcase == NULL)
		abort();
	tcase->seconds = SECONDS;
	return tcase;
}

/* There is one suite, and each case belongs to it. */
void
suite_add_tcase(Suite *suite, TCase *tcase)
{
	(void)suite;
	(void)tcase;
}

void
tcase_add_checked_fixture(TCase *tcase, void (*setup)(void),
    void (*teardown)(void))
{
	tcase->setup = setup;
	tcase->teardown = teardown;
}

void
tcase_set_timeout(TCase *tcase, double seconds)
{
	tcase->seconds = seconds;
}

void
check_add(TCase *tcase, const struct check_test *test, int begin, int end)
{
	for (int i = begin; i < end; i++) {
		if (n_entries == TESTS)
			abort();
		entries[n_entries++] = (struct entry){ test, tcase, i,
		    end - begin > 1 };
	}
}

_Noreturn void
check_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# %s:%d: ", file, line);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	_exit(1);
}

/* In the run that is one test. */
static int
be_test(const struct entry *e)
{
	if (e->tcase->setup != NULL)
		e->tcase->setup();
	e->test->fn(e->number);
	if (e->tcase->teardown != NULL)
		e->tcase->teardown();
	fflush(stdout);
	_exit(0);
}

static const char *
base_name(void)
{
	static char base[MAX_PATH];
	char *dot;
	const char *slash = strrchr(program, '\\');

	snprintf(base, sizeof(base), "%s", slash == NULL ? program : slash + 1);
	dot = strchr(base, '.');
	if (dot != NULL)
		*dot = '\0';
	return base;
}

/* The list has "skip SUITE:TEST REASON", or TEST:NUMBER; NULL: it runs. */
static const char *
reason_to_skip(const struct entry *e)
{
	static char line[400];
	char key[200], one[200], path[MAX_PATH + 40];
	const char *top = getenv("top_srcdir"), *reason = NULL;
	FILE *list;

	snprintf(key, sizeof(key), "skip %s:%s ", base_name(), e->test->name);
	snprintf(one, sizeof(one), "skip %s:%s:%d ", base_name(),
	    e->test->name, e->number);
	snprintf(path, sizeof(path), "%s/tests/windows/portable.txt",
	    top == NULL ? "." : top);
	list = fopen(path, "r");
	while (list != NULL && reason == NULL &&
	    fgets(line, sizeof(line), list) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			reason = line + strlen(key);
		else if (strncmp(line, one, strlen(one)) == 0)
			reason = line + strlen(one);
	if (list != NULL)
		fclose(list);
	line[strcspn(line, "\r\n")] = '\0';
	return reason;
}

/* Its exit code; -1: it takes too long, and is ended. */
static int
run_test(size_t number, double seconds)
{
	STARTUPINFOA start = { .cb = sizeof(start) };
	PROCESS_INFORMATION made;
	char text[16], line[MAX_PATH + 4];
	DWORD code = 1;

	snprintf(text, sizeof(text), "%u", (unsigned)number);
	SetEnvironmentVariableA("SUITE_TEST", text);
	snprintf(line, sizeof(line), "\"%s\"", program);
	if (!tap_create(program, line, 0, &start, &made))
		return 2;
	if (WaitForSingleObject(made.hProcess, (DWORD)tap_ms(
	    (int64_t)(seconds * 1000))) == WAIT_OBJECT_0)
		GetExitCodeProcess(made.hProcess, &code);
	else
		TerminateProcess(made.hProcess, code);
	CloseHandle(made.hThread);
	CloseHandle(made.hProcess);
	return (int)code;
}

/* One line in one write, on a line of its own: see tap.c. */
static bool
run_entry(size_t i)
{
	const struct entry *e = &entries[i];
	const char *reason = reason_to_skip(e);
	int code = reason == NULL ? run_test(i, e->tcase->seconds) : 0;
	char number[16] = "";

	if (e->one_of_many)
		snprintf(number, sizeof(number), " %d", e->number);
	printf("\n%s %u - %s: %s%s%s%s\n", code == 0 ? "ok" : "not ok",
	    (unsigned)i + 1, the_suite.name, e->test->name, number,
	    reason == NULL ? "" : " # SKIP ", reason == NULL ? "" : reason);
	if (code != 0)
		printf("# it ended with %#x\n", (unsigned)code);
	fflush(stdout);
	return code == 0;
}

int
toolkit_main(Suite *(*make)(void))
{
	const char *number = getenv("SUITE_TEST");
	bool good = true;

	GetModuleFileNameA(NULL, program, sizeof(program));
	_setmode(_fileno(stdout), _O_BINARY);
	make();
	if (number != NULL && strtoul(number, NULL, 10) < n_entries)
		return be_test(&entries[strtoul(number, NULL, 10)]);
	printf("1..%u\n", (unsigned)n_entries);
	fflush(stdout);
	for (size_t i = 0; i < n_entries; i++)
		good = run_entry(i) && good;
	return n_entries > 0 && good ? 0 : 1;
}
