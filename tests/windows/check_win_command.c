/* check_win_command.c - programs that are talked to. */
#include "program.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUCH = 1000000 };

/* It says much on both before it reads at all. */
static int
talk_much(int argc, char **argv)
{
	static char data[10000];

	_setmode(1, _O_BINARY);
	_setmode(2, _O_BINARY);
	memset(data, 'x', sizeof(data));
	for (int i = 0; i < 30; i++)
		if (_write(2, data, sizeof(data)) != sizeof(data) ||
		    _write(1, data, sizeof(data)) != sizeof(data))
			return 2;
	return copy_through(argc, argv);
}

static int
leave(int argc, char **argv)
{
	return argc > 0 ? atoi(argv[0]) : 0;
}

/* It closes its stdin, and says so, and ends when it is killed. */
static int
close_stdin(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	_close(0);
	CloseHandle(GetStdHandle(STD_INPUT_HANDLE));
	tap_say("closed");
	return 0;
}

static int
sleep_long(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	Sleep(INFINITE);
	return 0;
}

static struct proclc_command_options
piped(bool in, bool out, bool err)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;

	o.in.kind = in ? PROCLC_STDIO_PIPE : 0;
	o.out.kind = out ? PROCLC_STDIO_PIPE : 0;
	o.err.kind = err ? PROCLC_STDIO_PIPE : 0;
	return o;
}

static const char *
much(void)
{
	static char data[MUCH];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 251);
	return data;
}

static void
what_it_is_told_comes_back(void)
{
	struct proclc_command_options o = piped(true, true, false);
	struct proclc_task *task = run_role(&o, "copy", NULL);
	struct said said;

	need_equal(talk_to(task, much(), MUCH, &said), 0);
	need_equal((int64_t)said.n_out, MUCH);
	need(memcmp(said.out, much(), MUCH) == 0);
	proclc_task_free(task);
}

static void
neither_waits_for_the_other(void)
{
	struct proclc_command_options o = piped(true, true, true);
	struct proclc_task *task = run_role(&o, "talk_much", NULL);
	struct said said;

	need_equal(talk_to(task, much(), MUCH, &said), 0);
	need_equal((int64_t)said.n_out, MUCH + 300000);
	need_equal((int64_t)said.n_err, 300000);
	proclc_task_free(task);
}

static void
with_nothing_to_tell_it_reads_its_end(void)
{
	struct proclc_command_options o = piped(true, true, false);
	struct said said;

	need_equal(hear_out(run_role(&o, "copy", NULL), &said), 0);
	need_equal((int64_t)said.n_out, 0);
}

static void
its_exit_code_is_all_32_bits(void)
{
	struct proclc_task *task = run_role(NULL, "leave", "70000", NULL);
	struct proclc_status status = { .size = sizeof(status) };

	need_equal(proclc_task_wait(task, tap_ms(TAP_PATIENCE_MS), &status),
	    0);
	need_equal(status.kind, PROCLC_STATUS_EXITED);
	need_equal(status.code, 70000);
	proclc_task_free(task);
}

/* In time; and the next call goes on. */
static void
a_talk_that_takes_too_long_ends(void)
{
	struct proclc_command_options o = piped(true, true, false);
	struct proclc_task *task = run_role(&o, "sleep", NULL);
	struct proclc_talk talk = PROCLC_TALK_INIT;
	ULONGLONG before = GetTickCount64();

	talk.in = much();
	talk.in_size = MUCH;
	need_equal(proclc_command_talk(task, &talk, 200), PROCLC_ETIMEDOUT);
	need(GetTickCount64() - before >= 190);
	need(GetTickCount64() - before < (ULONGLONG)tap_ms(5000));
	need_equal(proclc_command_talk(task, &talk, PROCLC_NOW),
	    PROCLC_ETIMEDOUT);
	need_equal(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	need_equal(proclc_command_talk(task, &talk, tap_ms(TAP_PATIENCE_MS)),
	    0);
	proclc_task_free(task);
}

static void
one_that_closes_its_stdin_is_no_error(void)
{
	struct proclc_command_options o = piped(true, true, false);
	struct proclc_task *task = run_role(&o, "close_stdin", NULL);
	struct said said;

	need_equal(talk_to(task, much(), MUCH, &said), 0);
	need(strncmp(said.out, "closed", 6) == 0);
	proclc_task_free(task);
}

/* In an event loop: an operation, and its event. */
static void
its_pipe_can_be_read_as_the_system_reads(void)
{
	struct proclc_command_options o = piped(true, true, false);
	struct proclc_task *task = run_role(&o, "copy", NULL);
	HANDLE to = (HANDLE)proclc_command_fd(task, 0);
	HANDLE from = (HANDLE)proclc_command_fd(task, 1);
	OVERLAPPED io = { .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL) };
	char data[16] = "";
	DWORD n = 0;

	need((intptr_t)to > 0 && (intptr_t)from > 0);
	need(!ReadFile(from, data, sizeof(data), NULL, &io) &&
	    GetLastError() == ERROR_IO_PENDING);
	need_equal(WaitForSingleObject(io.hEvent, 0), WAIT_TIMEOUT);
	{
		OVERLAPPED wo = { .hEvent = CreateEventW(NULL, TRUE, FALSE,
		    NULL) };

		need(WriteFile(to, "hello", 5, NULL, &wo) ||
		    GetLastError() == ERROR_IO_PENDING);
		need(GetOverlappedResult(to, &wo, &n, TRUE) && n == 5);
		CloseHandle(wo.hEvent);
	}
	need_equal(WaitForSingleObject(io.hEvent,
	    (DWORD)tap_ms(TAP_PATIENCE_MS)), WAIT_OBJECT_0);
	need(GetOverlappedResult(from, &io, &n, TRUE));
	need(n == 5 && memcmp(data, "hello", 5) == 0);
	need_equal(proclc_command_close(task, 0), 0);
	/* One that has not begun has no result to wait for. */
	need(!ReadFile(from, data, sizeof(data), NULL, &io));
	need(GetLastError() != ERROR_IO_PENDING ||
	    !GetOverlappedResult(from, &io, &n, TRUE));
	need_equal(GetLastError(), ERROR_BROKEN_PIPE);
	CloseHandle(io.hEvent);
	need_equal(proclc_task_wait(task, tap_ms(TAP_PATIENCE_MS), NULL), 0);
	need_equal(proclc_command_fd(task, 0), PROCLC_EBADF);
	proclc_task_free(task);
}

const struct tap_test tap_tests[] = {
	{ "what it is told comes back", what_it_is_told_comes_back },
	{ "neither waits for the other", neither_waits_for_the_other },
	{ "with nothing to tell it reads its end",
	    with_nothing_to_tell_it_reads_its_end },
	{ "its exit code is all 32 bits", its_exit_code_is_all_32_bits },
	{ "a talk that takes too long ends",
	    a_talk_that_takes_too_long_ends },
	{ "one that closes its stdin is no error",
	    one_that_closes_its_stdin_is_no_error },
	{ "its pipe can be read as the system reads",
	    its_pipe_can_be_read_as_the_system_reads },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "copy", copy_through },
	{ "talk_much", talk_much },
	{ "leave", leave },
	{ "close_stdin", close_stdin },
	{ "sleep", sleep_long },
	{ NULL, NULL }
};

void
tap_begin(void)
{
}
