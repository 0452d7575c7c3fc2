/* check_win_tool.c - proclc(1), with an example that makes itself a daemon. */
#include "tap.h"

#include <stdio.h>
#include <string.h>

#include <proclc.h>

void
tap_begin(void)
{
}

/* What was written by the program that ran last. */
static char said[1000];

static HANDLE
open_output(const char *path)
{
	SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
	HANDLE file = CreateFileA(path, FILE_APPEND_DATA | SYNCHRONIZE,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	    &inherited, CREATE_ALWAYS, 0, NULL);

	need(file != INVALID_HANDLE_VALUE);
	return file;
}

/* Run it to its end: its exit code. */
static DWORD
run(const char *program, const char *arguments)
{
	STARTUPINFOA start = { .cb = sizeof(start),
	    .dwFlags = STARTF_USESTDHANDLES };
	PROCESS_INFORMATION made;
	const char *out = tap_path("out");
	const char *path = tap_built(program);
	char line[1000];
	DWORD code = 999;

	snprintf(line, sizeof(line), "\"%s\" %s", path, arguments);
	start.hStdOutput = start.hStdError = open_output(out);
	need(tap_create(path, line, 0, &start, &made));
	need_equal(WaitForSingleObject(made.hProcess,
	    (DWORD)tap_ms(TAP_PATIENCE_MS)), WAIT_OBJECT_0);
	GetExitCodeProcess(made.hProcess, &code);
	CloseHandle(made.hProcess);
	CloseHandle(made.hThread);
	CloseHandle(start.hStdOutput);
	snprintf(said, sizeof(said), "%s", tap_text(out));
	DeleteFileA(out);
	return code;
}

static DWORD
proclc(const char *command, const char *path, const char *more)
{
	char arguments[MAX_PATH + 80];

	snprintf(arguments, sizeof(arguments), "%s \"%s\" %s", command, path,
	    more);
	return run("tools\\proclc.exe", arguments);
}

static bool
has_lines(const char *text, int n)
{
	for (; *text != '\0'; text++)
		n -= *text == '\n';
	return n == 0;
}

/* The daemon's folder, with its pid file in path. */
static void
make_folder(char *path, size_t size, char *arguments, size_t room)
{
	const char *dir = tap_path("folder");

	need(CreateDirectoryA(dir, NULL));
	snprintf(path, size, "%s/daemon.pid", dir);
	snprintf(arguments, room, "start \"%s\"", dir);
}

static void
remove_folder(char *path)
{
	memcpy(strrchr(path, '.'), ".log", 4);
	need(DeleteFileA(path));
	*strrchr(path, '/') = '\0';
	need(RemoveDirectoryA(path));
}

static void
it_reaches_a_daemon_by_its_pid_file(void)
{
	char path[MAX_PATH], arguments[MAX_PATH + 40], text[64];
	int64_t pid = 0;

	make_folder(path, sizeof(path), arguments, sizeof(arguments));
	need_equal(proclc("status", path, ""), 3);
	need(strncmp(said, "stopped", 7) == 0);
	need_equal(run("examples\\daemon.exe", arguments), 0);
	need_equal(proclc_pidfile_status(path, &pid), 0);
	need_equal(proclc("status", path, ""), 0);
	snprintf(text, sizeof(text), "running %lld\r\n", (long long)pid);
	need(strcmp(said, text) == 0);
	need_equal(proclc("send", path, "0"), 0);
	need_equal(proclc("send", path, "HUP"), 0);
	need_equal(proclc("stop", path, ""), 0);
	need(!tap_exists(path));
	need_equal(proclc("send", path, "TERM"), 3);
	need(has_lines(said, 1));
	need_equal(proclc("stop", path, ""), 0);
	remove_folder(path);
}

/* One that does not run its handlers leaves the file; stop removes it. */
static void
it_kills_and_removes_what_is_left(void)
{
	char path[MAX_PATH], arguments[MAX_PATH + 40];

	make_folder(path, sizeof(path), arguments, sizeof(arguments));
	need_equal(run("examples\\daemon.exe", arguments), 0);
	need_equal(proclc("stop --signal KILL", path, ""), 0);
	need(!tap_exists(path));
	need_equal(proclc("status --json", path, ""), 3);
	need(strstr(said, "\"state\": \"stopped\"") != NULL);
	remove_folder(path);
}

static void
what_it_cannot_do_it_says_in_one_line(void)
{
	need_equal(run("tools\\proclc.exe", "daemon -- other.exe"), 1);
	need(strncmp(said, "proclc daemon: not on Windows: ", 31) == 0);
	need(has_lines(said, 1));
	need_equal(run("tools\\proclc.exe", "send"), 64);
	need(has_lines(said, 1));
	need_equal(run("tools\\proclc.exe", "--version"), 0);
	need(strncmp(said, "proclc ", 7) == 0);
}

const struct tap_test tap_tests[] = {
	{ "it reaches a daemon by its pid file",
	    it_reaches_a_daemon_by_its_pid_file },
	{ "it kills, and removes what is left",
	    it_kills_and_removes_what_is_left },
	{ "what it cannot do it says in one line",
	    what_it_cannot_do_it_says_in_one_line },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ NULL, NULL }
};
