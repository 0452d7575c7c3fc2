/* program.c - programs to run as commands. */
#include "program.h"

#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

char *
this_program(void)
{
	static char path[4 * MAX_PATH];
	wchar_t wide[MAX_PATH];

	need(GetModuleFileNameW(NULL, wide, MAX_PATH) < MAX_PATH);
	need(WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, sizeof(path),
	    NULL, NULL) > 0);
	return path;
}

struct proclc_task *
run_role(const struct proclc_command_options *options, const char *role, ...)
{
	enum { MOST = 60 };
	struct proclc_task *task = NULL;
	char *argv[MOST + 1] = { this_program(), (char *)(uintptr_t)role };
	va_list arguments;
	int n = 2;

	va_start(arguments, role);
	while (n < MOST && (argv[n] = va_arg(arguments, char *)) != NULL)
		n++;
	va_end(arguments);
	need_equal(proclc_command_new(&task, argv, options), 0);
	return task;
}

static void
append(char **text, size_t *size, const void *data, size_t n)
{
	char *more = realloc(*text, *size + n + 1);

	if (more == NULL)
		abort();
	memcpy(more + *size, data, n);
	*text = more;
	*size += n;
	more[*size] = '\0';
}

static void
hear_stdout(const void *data, size_t n, void *user)
{
	struct said *said = user;

	append(&said->out, &said->n_out, data, n);
}

static void
hear_stderr(const void *data, size_t n, void *user)
{
	struct said *said = user;

	append(&said->err, &said->n_err, data, n);
}

int
talk_to(struct proclc_task *task, const void *in, size_t size,
    struct said *said)
{
	static char *older[2];
	struct proclc_talk talk = PROCLC_TALK_INIT;
	struct proclc_status status = { .size = sizeof(status) };

	*said = (struct said){ .n_out = 0 };
	free(older[0]);
	free(older[1]);
	append(&said->out, &said->n_out, "", 0);
	append(&said->err, &said->n_err, "", 0);
	talk.in = in;
	talk.in_size = size;
	talk.out = hear_stdout;
	talk.err = hear_stderr;
	talk.user = said;
	need_equal(proclc_command_talk(task, &talk, tap_ms(TAP_PATIENCE_MS)),
	    0);
	need_equal(proclc_task_wait(task, tap_ms(TAP_PATIENCE_MS), &status),
	    0);
	older[0] = said->out;
	older[1] = said->err;
	return status.kind == PROCLC_STATUS_EXITED ? status.code : -1;
}

int
hear_out(struct proclc_task *task, struct said *said)
{
	int code = talk_to(task, NULL, 0, said);

	proclc_task_free(task);
	return code;
}

int
failed_stage(void)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	proclc_error_detail(&detail);
	return detail.stage;
}

const char *
narrow(const wchar_t *wide)
{
	static char texts[4][4096];
	static unsigned next;
	char *text = texts[next++ % 4];

	if (WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof(texts[0]),
	    NULL, NULL) == 0)
		*text = '\0';
	return text;
}

const wchar_t *
widen(const char *text)
{
	static wchar_t wides[4][4096];
	static unsigned next;
	wchar_t *wide = wides[next++ % 4];

	if (MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, 4096) == 0)
		*wide = L'\0';
	return wide;
}

int
copy_through(int argc, char **argv)
{
	static char data[5000];
	int n;

	(void)argc;
	(void)argv;
	_setmode(0, _O_BINARY);
	_setmode(1, _O_BINARY);
	while ((n = _read(0, data, sizeof(data))) > 0)
		if (_write(1, data, (unsigned)n) != n)
			return 2;
	return n < 0;
}
