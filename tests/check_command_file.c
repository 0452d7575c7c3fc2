/*
 * The file that a command runs, and why it is not run.
 */
#define _GNU_SOURCE 1

#include "commands.h"

#include <limits.h>
#include <string.h>

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

START_TEST(command_missing_is_enoent)
{
	char path[512];

	/* Without a directory that this user may not search. */
	setenv("PATH", "/usr/bin:/bin", 1);
	command_fails(&plain, PROCLC_ENOENT, PROCLC_STAGE_EXEC,
	    "no-such-program", NULL);
	ck_assert_str_eq(proclc_errmsg(), "command no-such-program: run "
	    "no-such-program: no such file or directory");
	snprintf(path, sizeof(path), "%s/none", toolkit_dir());
	command_fails(&plain, PROCLC_ENOENT, PROCLC_STAGE_EXEC, path, NULL);
	command_fails(&plain, PROCLC_ENOENT, PROCLC_STAGE_EXEC, "", NULL);
}
END_TEST

START_TEST(command_without_permission_is_eacces)
{
	command_fails(&plain, PROCLC_EACCES, PROCLC_STAGE_EXEC,
	    command_file("text", "text", 0644), NULL);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "/text: permission"));
	command_fails(&plain, PROCLC_EACCES, PROCLC_STAGE_EXEC, toolkit_dir(),
	    NULL);
}
END_TEST

START_TEST(command_that_is_no_program_is_enoexec)
{
	command_fails(&plain, PROCLC_ENOEXEC, PROCLC_STAGE_EXEC,
	    command_file("text", "echo from a shell\n", 0755), NULL);
	command_fails(&plain, PROCLC_ENOEXEC, PROCLC_STAGE_EXEC,
	    command_file("empty", "", 0755), NULL);
}
END_TEST

START_TEST(command_with_a_dangling_interpreter_is_enoent)
{
	command_fails(&plain, PROCLC_ENOENT, PROCLC_STAGE_EXEC,
	    command_file("script", "#!/none/interpreter\n", 0755), NULL);
}
END_TEST

START_TEST(command_script_is_run_by_its_interpreter)
{
	ck_assert_str_eq(command_says(&plain, command_file("script",
	    "#!/bin/sh\necho $1\n", 0755), "word", NULL), "word");
}
END_TEST

START_TEST(command_with_too_much_is_e2big)
{
	const size_t size = 64u << 20;
	char *much = malloc(size);

	ck_assert_ptr_nonnull(much);
	memset(much, 'x', size - 1);
	much[size - 1] = '\0';
	command_fails(&plain, PROCLC_E2BIG, PROCLC_STAGE_EXEC, "true", much,
	    NULL);
	free(much);
}
END_TEST

START_TEST(command_with_too_long_a_name_is_enametoolong)
{
	char name[NAME_MAX + 2];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	command_fails(&plain, PROCLC_ENAMETOOLONG, PROCLC_STAGE_EXEC, name,
	    NULL);
}
END_TEST

/* A directory of the test's in PATH. */
static void
set_path(const char *format)
{
	char path[4096] = "";
	const char *at;
	size_t used = 0;

	for (at = format; *at != '\0'; at++)
		used += (size_t)snprintf(path + used, sizeof(path) - used,
		    *at == '%' ? "%s" : "%.1s", *at == '%' ? toolkit_dir() :
		    at);
	setenv("PATH", path, 1);
}

START_TEST(command_path_search_goes_on_where_execvp_does)
{
	/* A missing folder, a file, one without it, then the right one. */
	command_file("file", "", 0644);
	command_file("prog", "#!/bin/sh\necho found\n", 0755);
	set_path("/none:%/file:/etc:%:/bin");
	ck_assert_str_eq(command_says(&plain, "prog", NULL), "found");
}
END_TEST

START_TEST(command_path_search_remembers_eacces)
{
	command_file("prog", "#!/bin/sh\n", 0644);
	set_path("%:/none:/");
	command_fails(&plain, PROCLC_EACCES, PROCLC_STAGE_EXEC, "prog", NULL);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), toolkit_dir()));
}
END_TEST

START_TEST(command_path_search_ends_at_what_is_no_program)
{
	command_file("true", "no program", 0755);
	set_path("%:/bin:/usr/bin");
	command_fails(&plain, PROCLC_ENOEXEC, PROCLC_STAGE_EXEC, "true", NULL);
}
END_TEST

START_TEST(command_empty_path_element_is_the_directory)
{
	struct proclc_command_options o = plain;

	command_file("prog", "#!/bin/sh\necho found\n", 0755);
	o.chdir = toolkit_dir();
	set_path("/none:");
	ck_assert_str_eq(command_says(&o, "prog", NULL), "found");
	set_path("");
	ck_assert_str_eq(command_says(&o, "prog", NULL), "found");
}
END_TEST

START_TEST(command_without_path_uses_the_usual_one)
{
	unsetenv("PATH");
	ck_assert_str_eq(command_says(&plain, "echo", "a", NULL), "a");
}
END_TEST

START_TEST(command_path_option_is_run_under_another_name)
{
	struct proclc_command_options o = plain;

	o.path = "sh";
	o.name = "shell";
	ck_assert_str_eq(command_says(&o, "other", "-c", "echo $0", NULL),
	    "other");
	o.path = "/none";
	command_fails(&o, PROCLC_ENOENT, PROCLC_STAGE_EXEC, "sh", NULL);
	ck_assert_str_eq(proclc_errmsg(), "command shell: run /none: "
	    "no such file or directory");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_file");
	TCase *tc = tcase_create("command_file");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_test(tc, command_missing_is_enoent);
	tcase_add_test(tc, command_without_permission_is_eacces);
	tcase_add_test(tc, command_that_is_no_program_is_enoexec);
	tcase_add_test(tc, command_with_a_dangling_interpreter_is_enoent);
	tcase_add_test(tc, command_script_is_run_by_its_interpreter);
	tcase_add_test(tc, command_with_too_much_is_e2big);
	tcase_add_test(tc, command_with_too_long_a_name_is_enametoolong);
	tcase_add_test(tc, command_path_search_goes_on_where_execvp_does);
	tcase_add_test(tc, command_path_search_remembers_eacces);
	tcase_add_test(tc, command_path_search_ends_at_what_is_no_program);
	tcase_add_test(tc, command_empty_path_element_is_the_directory);
	tcase_add_test(tc, command_without_path_uses_the_usual_one);
	tcase_add_test(tc, command_path_option_is_run_under_another_name);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
