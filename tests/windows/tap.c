/* tap.c - the frame of a test program for Windows. */
#include "tap.h"

#include <fcntl.h>
#include <io.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

static jmp_buf out_of_test;
static char program[1024];

void
tap_need(bool holds, const char *what, const char *file, int line)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	if (holds)
		return;
	proclc_error_detail(&detail);
	printf("# %s:%d: not so: %s\n# %s (Win32 error %d)\n", file, line,
	    what, proclc_errmsg(), (int)detail.os_error);
	longjmp(out_of_test, 1);
}

void
tap_need_equal(int64_t a, int64_t b, const char *what, const char *file,
    int line)
{
	if (a != b)
		printf("# %lld and %lld\n", (long long)a, (long long)b);
	tap_need(a == b, what, file, line);
}

bool
tap_until(bool (*true_now)(void *arg), void *arg)
{
	ULONGLONG due = GetTickCount64() + (ULONGLONG)tap_ms(TAP_PATIENCE_MS);

	while (!true_now(arg)) {
		if (GetTickCount64() > due)
			return false;
		Sleep(2);
	}
	return true;
}

static struct tap_process
begin(const char *image, char *line, DWORD flags)
{
	SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
	STARTUPINFOA start = { .cb = sizeof(start),
	    .dwFlags = STARTF_USESTDHANDLES };
	struct tap_process p = { .process = NULL };
	PROCESS_INFORMATION made;
	HANDLE end;

	need(CreatePipe(&p.out, &end, &inherited, 0));
	SetHandleInformation(p.out, HANDLE_FLAG_INHERIT, 0);
	start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
	start.hStdOutput = end;
	start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	need(tap_create(image, line, flags, &start, &made));
	CloseHandle(end);
	CloseHandle(made.hThread);
	p.process = made.hProcess;
	p.pid = made.dwProcessId;
	return p;
}

static void
add_arguments(char *line, size_t size, va_list arguments)
{
	const char *argument;

	while ((argument = va_arg(arguments, const char *)) != NULL)
		snprintf(line + strlen(line), size - strlen(line), " \"%s\"",
		    argument);
}

static struct tap_process
run(const char *role, va_list arguments, DWORD flags)
{
	char line[4096];

	snprintf(line, sizeof(line), "\"%s\" %s", program, role);
	add_arguments(line, sizeof(line), arguments);
	return begin(program, line, flags);
}

struct tap_process
tap_run_other(const char *image, ...)
{
	struct tap_process p;
	va_list arguments;
	char line[4096];

	snprintf(line, sizeof(line), "\"%s\"", image);
	va_start(arguments, image);
	add_arguments(line, sizeof(line), arguments);
	va_end(arguments);
	p = begin(image, line, 0);
	return p;
}

const char *
tap_built(const char *name)
{
	static char path[MAX_PATH + 80];
	char *end;

	snprintf(path, MAX_PATH, "%s", program);
	end = strstr(path, "tests\\windows\\");
	need(end != NULL);
	snprintf(end, sizeof(path) - (size_t)(end - path), "%s", name);
	need(tap_exists(path));
	return path;
}

struct tap_process
tap_run(const char *role, ...)
{
	struct tap_process p;
	va_list arguments;

	va_start(arguments, role);
	p = run(role, arguments, 0);
	va_end(arguments);
	return p;
}

struct tap_process
tap_run_console(const char *role, ...)
{
	struct tap_process p;
	va_list arguments;

	va_start(arguments, role);
	p = run(role, arguments, CREATE_NO_WINDOW);
	va_end(arguments);
	return p;
}

const char *
tap_line(const struct tap_process *p)
{
	static char line[512];
	size_t n = 0;
	DWORD got;

	while (n + 1 < sizeof(line) &&
	    ReadFile(p->out, line + n, 1, &got, NULL) && got == 1 &&
	    line[n] != '\n')
		if (line[n] != '\r')
			n++;
	line[n] = '\0';
	return line;
}

void
tap_say(const char *line)
{
	printf("%s\n", line);
	fflush(stdout);
}

DWORD
tap_end(struct tap_process *p)
{
	DWORD code;

	need(WaitForSingleObject(p->process,
	    (DWORD)tap_ms(TAP_PATIENCE_MS)) == WAIT_OBJECT_0);
	need(GetExitCodeProcess(p->process, &code));
	CloseHandle(p->process);
	CloseHandle(p->out);
	p->process = NULL;
	return code;
}

void
tap_kill(struct tap_process *p)
{
	TerminateProcess(p->process, 1);
	tap_end(p);
}

static LONG WINAPI
end_by_it(EXCEPTION_POINTERS *info)
{
	(void)info;
	return EXCEPTION_EXECUTE_HANDLER;
}

void
tap_crash_quietly(void)
{
	SetUnhandledExceptionFilter(end_by_it);
}

const char *
tap_path(const char *name)
{
	static char paths[8][MAX_PATH + 64];
	static unsigned next;
	char *path = paths[next++ % 8], dir[MAX_PATH];

	GetTempPathA(sizeof(dir), dir);
	snprintf(path, sizeof(paths[0]), "%sproclc-%lu-%s", dir,
	    GetCurrentProcessId(), name);
	DeleteFileA(path);
	return path;
}

const char *
tap_beside(const char *path, const char *what)
{
	static char names[8][MAX_PATH + 80];
	static unsigned next;
	char *name = names[next++ % 8];

	snprintf(name, sizeof(names[0]), "%s.%s", path, what);
	return name;
}

void
tap_append(const char *path, const char *text)
{
	FILE *file = fopen(path, "ab");

	if (file == NULL)
		return;
	fputs(text, file);
	fclose(file);
}

const char *
tap_text(const char *path)
{
	static char text[512];
	FILE *file = fopen(path, "rb");
	size_t n = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);

	text[n] = '\0';
	if (file != NULL)
		fclose(file);
	return text;
}

bool
tap_until_text(const char *path, const char *text)
{
	ULONGLONG due = GetTickCount64() + (ULONGLONG)tap_ms(TAP_PATIENCE_MS);

	while (strcmp(tap_text(path), text) != 0) {
		if (GetTickCount64() > due)
			return false;
		Sleep(2);
	}
	return true;
}

bool
tap_exists(const char *path)
{
	return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

/* One line, in one write, on a line of its own: wine may have written to stderr
 * that a thread of a process that was killed has lost its server. */
static void
result(const char *word, int number, const char *name, const char *end)
{
	printf("\n%s %d - %s%s\n", word, number, name, end);
	fflush(stdout);
}

static void
run_test(const struct tap_test *test, int number)
{
	if (setjmp(out_of_test) == 0) {
		test->fn();
		result("ok", number, test->name, "");
	} else {
		result("not ok", number, test->name, "");
	}
}

static int
run_role(const char *role, int argc, char **argv)
{
	for (const struct tap_role *r = tap_roles; r->name != NULL; r++)
		if (strcmp(r->name, role) == 0)
			return r->fn(argc, argv);
	return 99;
}

/* What a test that fails leaves behind ends with this program. */
static void
take_along(void)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
	    .BasicLimitInformation.LimitFlags =
	    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
	HANDLE job = CreateJobObjectA(NULL, NULL);

	SetInformationJobObject(job, JobObjectExtendedLimitInformation,
	    &limits, sizeof(limits));
	AssignProcessToJobObject(job, GetCurrentProcess());
}

int
main(int argc, char **argv)
{
	const char *only = getenv("TAP_ONLY");
	int n = 0;

	tap_begin();
	if (proclc_init(&argc, &argv) < 0)
		return 98;
	GetModuleFileNameA(NULL, program, sizeof(program));
	/* The driver does not take a carriage return for the end of a line. */
	_setmode(_fileno(stdout), _O_BINARY);
	if (argc > 1)
		return run_role(argv[1], argc - 2, argv + 2);
	if (getenv("TAP_ROLE") != NULL)
		return run_role(getenv("TAP_ROLE"), 0, NULL);
	take_along();
	while (tap_tests[n].name != NULL)
		n++;
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		if (only != NULL && strcmp(only, tap_tests[i].name) != 0)
			result("ok", i + 1, tap_tests[i].name, " # SKIP");
		else
			run_test(&tap_tests[i], i + 1);
	}
	return 0;
}
