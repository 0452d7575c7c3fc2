/* check_win_arguments.c - a program's arguments and environment. */
#include "program.h"

#include <fcntl.h>
#include <io.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The C library's own reading of the command line. */
int __wgetmainargs(int *, wchar_t ***, wchar_t ***, int, int *);

static int
say_all(int argc, wchar_t **argv)
{
	_setmode(_fileno(stdout), _O_BINARY);
	for (int i = 0; i < argc; i++) {
		const char *text = narrow(argv[i]);

		fwrite(text, strlen(text) + 1, 1, stdout);
	}
	return argc;
}

/* What it was called with, as the system and as the C library sees it: each
 * with a 0 behind. */
static int
say_arguments(int unused, char **unused_too)
{
	int argc, none = 0;
	wchar_t **argv, **env;

	(void)unused;
	(void)unused_too;
	argv = CommandLineToArgvW(GetCommandLineW(), &argc);
	if (argv == NULL || say_all(argc, argv) < 1)
		return 1;
	if (__wgetmainargs(&argc, &argv, &env, 0, &none) < 0)
		return 2;
	return say_all(argc, argv) < 1;
}

static int
say_environment(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	_setmode(_fileno(stdout), _O_BINARY);
	for (wchar_t *e = GetEnvironmentStringsW(); *e != L'\0';
	    e += wcslen(e) + 1)
		printf("%s\n", narrow(e));
	return 0;
}

static struct proclc_command_options
heard(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;

	o.out.kind = PROCLC_STDIO_PIPE;
	return o;
}

/* All of argv came, twice over. */
static void
need_arguments(char *const argv[])
{
	struct proclc_command_options o = heard();
	struct proclc_task *task = NULL;
	struct said said;
	const char *at;

	need_equal(proclc_command_new(&task, argv, &o), 0);
	need_equal(hear_out(task, &said), 0);
	at = said.out;
	for (int twice = 0; twice < 2; twice++)
		for (char *const *a = argv; *a != NULL; a++) {
			if (strcmp(at, *a) != 0)
				printf("# <%s> came as <%s>\n", *a, at);
			need(strcmp(at, *a) == 0);
			at += strlen(at) + 1;
		}
	need_equal((int64_t)(at - said.out), (int64_t)said.n_out);
}

static void
nasty_arguments_arrive_as_they_are(void)
{
	static const char *const nasty[] = { "", "", "a b", "\t", "\"", "\\",
	    "\\\\", "a\\", "a b\\", "a b\\\\", "a\"b", "a\\\"b", "a\\\\\"b",
	    "\"a b\"", "\\\"", "\\\\\"\\", "\" \"", "\"\"", "a\"\"b", "%PATH%",
	    "%", "^", "&", "|", "<>", "a&b", "*", "*.c", "?", "$(x)", "`x`",
	    "'a b'", "!x!", "(", ";", ",", "=", "a\nb", "\v", "\r",
	    "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x90\xa7",
	    "\xc2\xa0", "--", "-x=y z", "/c", "C:\\Program Files\\x\\",
	    "@file", "~", "#", "[a]", "{b}", " ", "" };
	char *argv[80] = { this_program(), (char *)(uintptr_t)"arguments" };
	size_t n = sizeof(nasty) / sizeof(nasty[0]);

	for (size_t i = 0; i < n; i++)
		argv[2 + i] = (char *)(uintptr_t)nasty[i];
	argv[2 + n] = NULL;
	need_arguments(argv);
}

/* Pieces of what is special, and of what is not. */
static void
make_up(char *text, size_t size, size_t pieces)
{
	static const char *const all[] = { "\"", "\\", " ", "\t", "a", "%",
	    "\xc3\xa4", "\\\"", "\"\"", "^", "*", "\\\\", "b c" };

	size_t n = 0;

	*text = '\0';
	while (pieces-- > 0)
		n += (size_t)snprintf(text + n, size - n, "%s",
		    all[(unsigned)rand() % (sizeof(all) / sizeof(all[0]))]);
}

static void
any_arguments_arrive_as_they_are(void)
{
	enum { RUNS = 12, MOST = 40 };
	static char texts[MOST][64];
	const char *given = getenv("PROCLC_TEST_SEED");
	unsigned seed = given == NULL ? GetTickCount() :
	    (unsigned)strtoul(given, NULL, 10);
	char *argv[MOST + 3] = { this_program(),
	    (char *)(uintptr_t)"arguments" };

	printf("# PROCLC_TEST_SEED=%u\n", seed);
	srand(seed);
	for (int run = 0; run < RUNS; run++) {
		for (int i = 0; i < MOST; i++) {
			make_up(texts[i], sizeof(texts[i]),
			    (size_t)rand() % 9);
			argv[2 + i] = texts[i];
		}
		argv[2 + MOST] = NULL;
		need_arguments(argv);
	}
}

/* Its name can be any but one with a quote in it, or a backslash at its
 * end. */
static void
its_name_is_as_it_is_given(void)
{
	static const char *const names[] = { "a b", "a\\b", "", "gr\xc3\xbcn",
	    "%x y\\\\z" };
	static const char *const wrong[] = { "a\"b", "a\\", "\"" };
	char *argv[] = { NULL, (char *)(uintptr_t)"arguments", NULL };
	struct proclc_command_options o = heard();
	struct proclc_task *task = NULL;
	struct said said;

	o.path = this_program();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		argv[0] = (char *)(uintptr_t)names[i];
		need_equal(proclc_command_new(&task, argv, &o), 0);
		need_equal(hear_out(task, &said), 0);
		need(strcmp(said.out, names[i]) == 0);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		argv[0] = (char *)(uintptr_t)wrong[i];
		need_equal(proclc_command_new(&task, argv, &o), PROCLC_EINVAL);
		need_equal(failed_stage(), PROCLC_STAGE_EXEC);
	}
}

static void
a_line_that_is_too_long_is_refused(void)
{
	static char longest[32768];
	char *argv[] = { this_program(), (char *)(uintptr_t)"arguments",
	    longest, NULL };
	struct proclc_task *task = NULL;

	memset(longest, 'x', sizeof(longest) - 1);
	need_equal(proclc_command_new(&task, argv, NULL), PROCLC_E2BIG);
	need_equal(failed_stage(), PROCLC_STAGE_EXEC);
}

static void
it_has_the_environment_that_it_is_given(void)
{
	char root[MAX_PATH + 16] = "SystemRoot=";
	char *env[] = { (char *)(uintptr_t)"ZZ=last one",
	    (char *)(uintptr_t)"N\xc3\xa4me=gr\xc3\xbc\xc3\x9f", root,
	    (char *)(uintptr_t)"empty=", NULL };
	struct proclc_command_options o = heard();
	struct said said;

	GetEnvironmentVariableA("SystemRoot", root + strlen(root), MAX_PATH);
	need(SetEnvironmentVariableW(L"PROCLC_OURS", L"yes"));
	o.env = env;
	need_equal(hear_out(run_role(&o, "environment", NULL), &said), 0);
	need(strstr(said.out, "ZZ=last one\n") != NULL);
	need(strstr(said.out, "N\xc3\xa4me=gr\xc3\xbc\xc3\x9f\n") != NULL);
	need(strstr(said.out, "empty=\n") != NULL);
	need(strstr(said.out, "PROCLC_OURS") == NULL);
	o.env = NULL;
	need_equal(hear_out(run_role(&o, "environment", NULL), &said), 0);
	need(strstr(said.out, "PROCLC_OURS=yes\n") != NULL);
}

const struct tap_test tap_tests[] = {
	{ "nasty arguments arrive as they are",
	    nasty_arguments_arrive_as_they_are },
	{ "any arguments arrive as they are",
	    any_arguments_arrive_as_they_are },
	{ "its name is as it is given", its_name_is_as_it_is_given },
	{ "a line that is too long is refused",
	    a_line_that_is_too_long_is_refused },
	{ "it has the environment that it is given",
	    it_has_the_environment_that_it_is_given },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "arguments", say_arguments },
	{ "environment", say_environment },
	{ NULL, NULL }
};

void
tap_begin(void)
{
}
