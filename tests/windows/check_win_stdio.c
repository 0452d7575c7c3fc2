/* check_win_stdio.c - the handles that a program has, and what is refused. */
#include "program.h"

#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
leave(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

/* It says on the descriptor of this number, if that is open. */
static int
say_on(int argc, char **argv)
{
	int fd = argc > 0 ? atoi(argv[0]) : 1;

	return _write(fd, "hello", 5) == 5 ? 0 : 1;
}

/* Raise the event of this number, if it has it. */
static int
raise_handle(int argc, char **argv)
{
	return argc > 0 && SetEvent((HANDLE)(intptr_t)atoll(argv[0])) ? 0 : 1;
}

static void
need_end(struct proclc_task *task, int code)
{
	struct proclc_status status = { .size = sizeof(status) };

	need_equal(proclc_task_wait(task, tap_ms(TAP_PATIENCE_MS), &status),
	    0);
	need_equal(status.code, code);
	proclc_task_free(task);
}

static void
files_are_read_made_and_added_to(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	const char *from = tap_path("from"), *to = tap_path("to");
	FILE *file = fopen(from, "wb");

	need(file != NULL);
	fputs("some text", file);
	fclose(file);
	o.in = (struct proclc_stdio){ PROCLC_STDIO_FILE, 0, from };
	o.out = (struct proclc_stdio){ PROCLC_STDIO_FILE, 0, to };
	need_end(run_role(&o, "copy", NULL), 0);
	need(strcmp(tap_text(to), "some text") == 0);
	o.out.kind = PROCLC_STDIO_APPEND;
	need_end(run_role(&o, "copy", NULL), 0);
	need(strcmp(tap_text(to), "some textsome text") == 0);
	o.out.kind = PROCLC_STDIO_FILE;
	need_end(run_role(&o, "say_on", "1", NULL), 0);
	need(strcmp(tap_text(to), "hello") == 0);
	DeleteFileA(from);
	DeleteFileA(to);
}

static void
stderr_goes_where_stdout_goes(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct said said;

	o.out.kind = PROCLC_STDIO_PIPE;
	o.err.kind = PROCLC_STDIO_OUT;
	need_equal(hear_out(run_role(&o, "say_on", "2", NULL), &said), 0);
	need(strcmp(said.out, "hello") == 0);
}

static void
the_null_device_has_an_end_and_takes_all(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;

	o.in.kind = o.out.kind = PROCLC_STDIO_NULL;
	need_end(run_role(&o, "copy", NULL), 0);
	need_end(run_role(&o, "say_on", "1", NULL), 0);
}

static void
a_file_that_is_not_there_says_so(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_task *task = NULL;
	char *argv[] = { this_program(), (char *)(uintptr_t)"copy", NULL };

	o.in = (struct proclc_stdio){ PROCLC_STDIO_FILE, 0,
	    "C:\\nowhere\\x" };
	need_equal(proclc_command_new(&task, argv, &o), PROCLC_ENOENT);
	need_equal(failed_stage(), PROCLC_STAGE_REDIRECT);
	/* Nor does a handle that is none. */
	for (int32_t fd = 0; fd <= 0x7ffff0; fd += 0x7ffff0) {
		o.in = (struct proclc_stdio){ PROCLC_STDIO_FD, fd, NULL };
		need_equal(proclc_command_new(&task, argv, &o), PROCLC_EBADF);
		need_equal(failed_stage(), PROCLC_STAGE_REDIRECT);
	}
}

/* A pipe, whose reader must not be inherited; its writer. */
static HANDLE
make_pipe(HANDLE *writer)
{
	HANDLE reader;

	need(CreatePipe(&reader, writer, NULL, 0));
	return reader;
}

static void
need_hello(HANDLE reader, HANDLE writer)
{
	char data[16];
	DWORD n;

	CloseHandle(writer);
	need(ReadFile(reader, data, sizeof(data), &n, NULL));
	need(n == 5 && memcmp(data, "hello", 5) == 0);
	/* Nobody has kept it. */
	need(!ReadFile(reader, data, sizeof(data), &n, NULL));
	CloseHandle(reader);
}

static void
a_handle_of_ours_can_be_its_stdout(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	HANDLE writer, reader = make_pipe(&writer);

	o.out.kind = PROCLC_STDIO_FD;
	o.out.fd = (int32_t)(intptr_t)writer;
	need_end(run_role(&o, "say_on", "1", NULL), 0);
	need_hello(reader, writer);
}

static void
a_handle_of_ours_can_be_a_descriptor_there(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	HANDLE writer, reader = make_pipe(&writer);
	struct proclc_pass pass = { (int32_t)(intptr_t)writer, 7 };
	struct proclc_task *task = NULL;
	char *argv[] = { this_program(), (char *)(uintptr_t)"say_on",
	    (char *)(uintptr_t)"7", NULL };

	o.fds = &pass;
	o.n_fds = 1;
	need_end(run_role(&o, "say_on", "6", NULL), 1);
	need_end(run_role(&o, "say_on", "7", NULL), 0);
	pass.as = 5000;
	need_equal(proclc_command_new(&task, argv, &o), PROCLC_EBADF);
	need_equal(failed_stage(), PROCLC_STAGE_REDIRECT);
	need_hello(reader, writer);
	pass = (struct proclc_pass){ 0x7ffff0, 7 };
	need_equal(proclc_command_new(&task, argv, &o), PROCLC_EBADF);
	need_equal(failed_stage(), PROCLC_STAGE_REDIRECT);
}

/* Even one that can be inherited. */
static void
it_has_no_other_handle_of_ours(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
	HANDLE event = CreateEventA(&inherited, TRUE, FALSE, NULL);
	char number[32];
	struct said said;

	snprintf(number, sizeof(number), "%lld", (long long)(intptr_t)event);
	o.out.kind = PROCLC_STDIO_PIPE;
	hear_out(run_role(&o, "raise_handle", number, NULL), &said);
	need_equal(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
	CloseHandle(event);
}

static void
need_refused(const struct proclc_command_options *o, int stage)
{
	char *argv[] = { this_program(), (char *)(uintptr_t)"leave", NULL };
	struct proclc_task *task = NULL;

	need_equal(proclc_command_new(&task, argv, o), PROCLC_ENOTSUP);
	need_equal(failed_stage(), stage);
	need(task == NULL);
}

static void
what_has_no_meaning_is_refused(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_limit limit = { 0, 0, 1, 1 };

	o.user = "nobody";
	need_refused(&o, PROCLC_STAGE_USER);
	o.user = NULL;
	o.umask = PROCLC_UMASK_SET | 077;
	need_refused(&o, PROCLC_STAGE_ARGUMENTS);
	o.umask = 0;
	o.limits = &limit;
	o.n_limits = 1;
	need_refused(&o, PROCLC_STAGE_LIMIT);
	o.n_limits = 0;
	o.flags = PROCLC_COMMAND_KEEP_FDS;
	need_refused(&o, PROCLC_STAGE_DESCRIPTORS);
}

const struct tap_test tap_tests[] = {
	{ "files are read, made and added to",
	    files_are_read_made_and_added_to },
	{ "stderr goes where stdout goes", stderr_goes_where_stdout_goes },
	{ "the null device has an end and takes all",
	    the_null_device_has_an_end_and_takes_all },
	{ "a file that is not there says so",
	    a_file_that_is_not_there_says_so },
	{ "a handle of ours can be its stdout",
	    a_handle_of_ours_can_be_its_stdout },
	{ "a handle of ours can be a descriptor there",
	    a_handle_of_ours_can_be_a_descriptor_there },
	{ "it has no other handle of ours", it_has_no_other_handle_of_ours },
	{ "what has no meaning is refused", what_has_no_meaning_is_refused },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "copy", copy_through },
	{ "leave", leave },
	{ "say_on", say_on },
	{ "raise_handle", raise_handle },
	{ NULL, NULL }
};

void
tap_begin(void)
{
}
