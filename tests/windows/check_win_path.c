/* check_win_path.c - where a program is, and what is none. */
#include "program.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

enum { WHERE = 2 * MAX_PATH };

static int
say_where(int argc, char **argv)
{
	wchar_t path[MAX_PATH];

	(void)argc;
	(void)argv;
	_setmode(_fileno(stdout), _O_BINARY);
	GetCurrentDirectoryW(MAX_PATH, path);
	printf("%s", narrow(path));
	return 0;
}

static struct proclc_command_options
heard(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;

	o.out.kind = PROCLC_STDIO_PIPE;
	return o;
}

static const char *const names[] = { "here.exe", "t\xc3\xb6ol.exe" };

static const wchar_t *
in_place(const char *place, const char *name)
{
	char path[3 * MAX_PATH];

	snprintf(path, sizeof(path), "%s\\%s", place, name);
	return widen(path);
}

/* A new directory with a name that no code page has, and this program in it,
 * under two names. */
static char *
make_place(void)
{
	static char place[2 * MAX_PATH];
	wchar_t file[MAX_PATH];

	snprintf(place, sizeof(place), "%s-\xce\xb1 \xe2\x86\x92",
	    tap_path("place"));
	need(CreateDirectoryW(widen(place), NULL));
	need(GetModuleFileNameW(NULL, file, MAX_PATH) > 0);
	for (int i = 0; i < 2; i++)
		need(CopyFileW(file, in_place(place, names[i]), TRUE));
	return place;
}

static bool
is_removed(void *file)
{
	return DeleteFileW(file) || GetLastError() == ERROR_FILE_NOT_FOUND;
}

/* Files of programs that have just ended are kept for a moment. */
static void
remove_place(const char *place)
{
	for (int i = 0; i < 2; i++)
		need(tap_until(is_removed,
		    (void *)(uintptr_t)in_place(place, names[i])));
	need(RemoveDirectoryW(widen(place)));
}

static int
where_is(struct proclc_command_options *o, const char *file, char *where)
{
	char *argv[] = { (char *)(uintptr_t)"x", (char *)(uintptr_t)"where",
	    NULL };
	struct proclc_task *task = NULL;
	struct said said;
	int rc;

	o->path = file;
	rc = proclc_command_new(&task, argv, o);
	if (rc == 0) {
		need_equal(hear_out(task, &said), 0);
		snprintf(where, WHERE, "%s", said.out);
	}
	return rc;
}

static void
a_relative_path_is_from_its_directory(void)
{
	struct proclc_command_options o = heard();
	char *place = make_place(), where[WHERE], before[MAX_PATH],
	    after[MAX_PATH];

	GetCurrentDirectoryA(MAX_PATH, before);
	o.chdir = place;
	need_equal(where_is(&o, "./t\xc3\xb6ol.exe", where), 0);
	need(strcmp(where, place) == 0);
	need_equal(where_is(&o, ".\\here", where), 0);
	need_equal(where_is(&o, "./nowhere", where), PROCLC_ENOENT);
	need_equal(failed_stage(), PROCLC_STAGE_EXEC);
	GetCurrentDirectoryA(MAX_PATH, after);
	need(strcmp(before, after) == 0);
	remove_place(place);
}

static void
a_directory_that_is_none_says_so(void)
{
	struct proclc_command_options o = heard();
	char where[WHERE];

	o.chdir = "C:\\nowhere\\at all";
	need_equal(where_is(&o, this_program(), where), PROCLC_ENOENT);
	need_equal(failed_stage(), PROCLC_STAGE_CHDIR);
	o.chdir = this_program();
	need_equal(where_is(&o, this_program(), where), PROCLC_ENOTDIR);
	need_equal(failed_stage(), PROCLC_STAGE_CHDIR);
}

/* In PATH; not in the directory that we are in, nor in the program's. */
static void
a_name_is_looked_for_in_path_alone(void)
{
	static wchar_t saved[32768], path[MAX_PATH + 64];
	struct proclc_command_options o = heard();
	char *place = make_place(), where[WHERE];
	wchar_t before[MAX_PATH];

	GetEnvironmentVariableW(L"PATH", saved, 32768);
	GetCurrentDirectoryW(MAX_PATH, before);
	SetEnvironmentVariableW(L"PATH", L"C:\\nowhere;;C:\\windows");
	SetCurrentDirectoryW(widen(place));
	need_equal(where_is(&o, "here", where), PROCLC_ENOENT);
	need_equal(failed_stage(), PROCLC_STAGE_EXEC);
	need(strstr(proclc_errmsg(), "here") != NULL);
	SetCurrentDirectoryW(before);
	_snwprintf(path, MAX_PATH + 64, L"C:\\nowhere;;\"%ls\";C:\\windows",
	    widen(place));
	SetEnvironmentVariableW(L"PATH", path);
	need_equal(where_is(&o, "here", where), 0);
	need_equal(where_is(&o, "t\xc3\xb6ol.exe", where), 0);
	SetEnvironmentVariableW(L"PATH", saved);
	remove_place(place);
}

static void
put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	need(file != NULL);
	fputs(text, file);
	fclose(file);
}

static void
what_is_no_program_says_so(void)
{
	struct proclc_command_options o = heard();
	const char *text = tap_path("text.exe");
	char where[WHERE];

	put_file(text, "no program at all\n");
	need_equal(where_is(&o, text, where), PROCLC_ENOEXEC);
	need_equal(failed_stage(), PROCLC_STAGE_EXEC);
	need_equal(where_is(&o, "C:\\windows", where), PROCLC_EACCES);
	need_equal(where_is(&o, "C:/windows/", where), PROCLC_EACCES);
	need_equal(where_is(&o, "", where), PROCLC_ENOENT);
	DeleteFileA(text);
}

/* No quotes hold in the shell that would run it. */
static void
a_batch_file_is_refused(void)
{
	static const char *const ends[] = { "", ".", " .", ". . " };
	struct proclc_command_options o = heard();
	const char *batch = tap_path("x.Bat");
	char where[WHERE], path[MAX_PATH + 8];

	put_file(batch, "@echo %1\r\n");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", batch, ends[i]);
		need_equal(where_is(&o, path, where), PROCLC_ENOEXEC);
		need(strstr(proclc_errmsg(), "batch file") != NULL);
	}
	DeleteFileA(batch);
	/* A name that is taken word by word. */
	snprintf(path, sizeof(path), "\\\\?\\%s.", batch);
	need(CopyFileW(widen(this_program()), widen(path), FALSE));
	need_equal(where_is(&o, path, where), PROCLC_ENOEXEC);
	need(DeleteFileW(widen(path)));
}

const struct tap_test tap_tests[] = {
	{ "a relative path is from its directory",
	    a_relative_path_is_from_its_directory },
	{ "a directory that is none says so",
	    a_directory_that_is_none_says_so },
	{ "a name is looked for in PATH alone",
	    a_name_is_looked_for_in_path_alone },
	{ "what is no program says so", what_is_no_program_says_so },
	{ "a batch file is refused", a_batch_file_is_refused },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "where", say_where },
	{ NULL, NULL }
};

void
tap_begin(void)
{
}
