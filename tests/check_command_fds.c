/*
 * Which descriptors a program has, and where they lead.
 */
#define _GNU_SOURCE 1

#include "commands.h"

#include <string.h>
#include <sys/stat.h>

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

START_TEST(command_has_0_to_2_and_no_others)
{
	int fd = dup(0);

	ck_assert_int_ge(fd, 3);
	ck_assert_str_eq(command_says(&plain, "%show", "fds", NULL), "0 1 2");
	close(fd);
}
END_TEST

START_TEST(command_keep_fds_has_what_exec_does_not_close)
{
	struct proclc_command_options o = plain;
	int fd = fcntl(0, F_DUPFD, 20), other = fcntl(0, F_DUPFD_CLOEXEC, 30);

	o.flags = PROCLC_COMMAND_KEEP_FDS;
	o.err.kind = PROCLC_STDIO_PIPE;
	ck_assert_str_eq(command_says(&o, "%show", "fds", NULL), "0 1 2 20");
	close(fd);
	close(other);
}
END_TEST

/* A file that says its number, at a number of our choice. */
static void
place_file(int at)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%d", at);
	fd = open(command_file(name, name, 0600), O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(dup3(fd, at, O_CLOEXEC), at);
	if (fd != at)
		close(fd);
}

struct passes {
	struct proclc_pass fds[5];
	size_t n;
	const char *fds_said;
	const char *texts[3];	/* of the first ones */
};

/* Numbers that are free here, and what is to become of them. */
static const struct passes passes[] = {
	{ { { 20, 21 } }, 1, "0 1 2 21", { "20" } },
	{ { { 20, 20 } }, 1, "0 1 2 20", { "20" } },
	{ { { 20, 21 }, { 21, 20 } }, 2, "0 1 2 20 21", { "20", "21" } },
	{ { { 20, 21 }, { 21, 22 }, { 22, 20 } }, 3, "0 1 2 20 21 22",
	    { "20", "21", "22" } },
	{ { { 20, 21 }, { 21, 22 }, { 22, 23 } }, 3, "0 1 2 21 22 23",
	    { "20", "21", "22" } },
	{ { { 22, 23 }, { 21, 22 }, { 20, 21 } }, 3, "0 1 2 21 22 23",
	    { "22", "21", "20" } },
	{ { { 20, 3 }, { 21, 4 }, { 22, 20 } }, 3, "0 1 2 3 4 20",
	    { "20", "21", "22" } },
	{ { { 21, 20 }, { 20, 900 }, { 22, 22 } }, 3, "0 1 2 20 22 900",
	    { "21", "20", "22" } },
};

START_TEST(command_passes_swap_and_cycle)
{
	const struct passes *p = &passes[_i];
	struct proclc_command_options o = plain;
	char what[3][16], said[128];
	int i;

	for (i = 20; i < 23; i++)
		place_file(i);
	o.fds = p->fds;
	o.n_fds = p->n;
	for (i = 0; i < 3; i++)
		snprintf(what[i], sizeof(what[i]), "text%d",
		    (int)p->fds[i].as);
	snprintf(said, sizeof(said), "%s\n%s\n%s\n%s", p->fds_said,
	    p->texts[0], p->texts[1] == NULL ? "." : p->texts[1],
	    p->texts[2] == NULL ? "." : p->texts[2]);
	ck_assert_str_eq(command_says(&o, "%show", "fds", what[0],
	    p->texts[1] == NULL ? "." : what[1],
	    p->texts[2] == NULL ? "." : what[2], NULL), said);
	for (i = 20; i < 23; i++)
		close(i);
}
END_TEST

/* The same source twice, and one that a pipe of ours is next to. */
START_TEST(command_passes_one_descriptor_twice_and_to_stdin)
{
	const struct proclc_pass fds[2] = { { 20, 5 }, { 20, 6 } };
	struct proclc_command_options o = plain;

	place_file(20);
	o.fds = fds;
	o.n_fds = 2;
	o.in.kind = PROCLC_STDIO_FD;
	o.in.fd = 20;
	ck_assert_str_eq(command_says(&o, "%show", "fds", "text0", NULL),
	    "0 1 2 5 6\n20");
	close(20);
}
END_TEST

START_TEST(command_has_pipes_whatever_is_closed_here)
{
	struct proclc_command_options o = plain;
	int kept[3], closed = _i;

	for (int i = 0; i < 3; i++) {
		kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 50);
		if ((closed >> i & 1) != 0)
			close(i);
	}
	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
	command_says(&o, "%show", "fds", NULL);
	o.in.kind = PROCLC_STDIO_NULL;
	o.err.kind = PROCLC_STDIO_OUT;
	/* The files that it opens must not get into their own way. */
	command_add(&command_err, command_out.bytes, command_out.n);
	command_says(&o, "%show", "fds", NULL);
	for (int i = 0; i < 3; i++) {
		dup2(kept[i], i);
		close(kept[i]);
	}
	ck_assert_str_eq(command_out.bytes, "0 1 2");
}
END_TEST

START_TEST(command_inherits_what_is_closed_as_closed)
{
	int kept = fcntl(0, F_DUPFD_CLOEXEC, 50);
	const char *said;

	close(0);
	said = command_says(&plain, "%show", "fds", NULL);
	dup2(kept, 0);
	close(kept);
	ck_assert_str_eq(said, "1 2");
}
END_TEST

START_TEST(command_files_are_read_emptied_and_appended)
{
	struct proclc_command_options o = plain;
	char text[64], in[512], out[512];

	snprintf(in, sizeof(in), "%s", command_file("in", "input\n", 0600));
	snprintf(out, sizeof(out), "%s", command_file("out", "before", 0600));
	o.in.kind = o.out.kind = PROCLC_STDIO_FILE;
	o.in.path = in;
	o.out.path = out;
	command_finish(command_start(&o, "cat", NULL), NULL, 0);
	ck_assert_int_gt(file_read(out, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "input\n");
	o.out.kind = PROCLC_STDIO_APPEND;
	o.err.kind = PROCLC_STDIO_OUT;
	command_finish(command_start(&o, "sh", "-c", "cat; echo e >&2", NULL),
	    NULL, 0);
	ck_assert_int_gt(file_read(out, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "input\ninput\ne\n");
}
END_TEST

START_TEST(command_makes_files_with_its_umask)
{
	struct proclc_command_options o = plain;
	struct stat st;
	char path[512];

	toolkit_expect(TOOLKIT_FILES);
	snprintf(path, sizeof(path), "%s/made", toolkit_dir());
	o.err.kind = PROCLC_STDIO_FILE;
	o.err.path = path;
	o.umask = 0117 | PROCLC_UMASK_SET;
	ck_assert_str_eq(command_says(&o, "%show", "umask", NULL), "117");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	o.umask = PROCLC_UMASK_SET;
	ck_assert_str_eq(command_says(&o, "%show", "umask", NULL), "000");
}
END_TEST

START_TEST(command_null_device_is_empty_and_takes_all)
{
	struct proclc_command_options o = plain;

	o.in.kind = o.out.kind = PROCLC_STDIO_NULL;
	o.err.kind = PROCLC_STDIO_OUT;
	command_finish(command_start(&o, "cat", NULL), NULL, 0);
}
END_TEST

START_TEST(command_err_may_be_where_out_is_inherited)
{
	struct proclc_command_options o = plain;
	int ends[2], kept = fcntl(1, F_DUPFD_CLOEXEC, 50);
	char text[8] = "";

	ck_assert_int_eq(os_pipe(ends), 0);
	o.err.kind = PROCLC_STDIO_OUT;
	dup2(ends[1], 1);
	command_finish(command_start(&o, "sh", "-c", "echo e >&2", NULL),
	    NULL, 0);
	dup2(kept, 1);
	close(kept);
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 2);
	ck_assert_str_eq(text, "e\n");
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* What was given is copied: the number may be closed at once, and mean
 * another file when it is started, or again. */
START_TEST(command_keeps_what_it_was_given)
{
	struct proclc_command_options o = plain;
	struct proclc_pass pass = { .as = 5 };
	char said[16], what[] = "text5", show[512];
	char *argv[] = { show, what, NULL };
	struct proclc_task *task;
	int out[2];

	scenario_path(show, sizeof(show), "scn/show");
	ck_assert_int_eq(os_pipe(out), 0);
	place_file(20);
	o.flags = PROCLC_TASK_EXPLICIT_START;
	o.out.kind = PROCLC_STDIO_FD;
	o.out.fd = out[1];
	o.fds = &pass;
	o.n_fds = 1;
	pass.fd = 20;
	ck_assert_int_eq(proclc_command_new(&task, argv, &o), 0);
	place_file(21);
	ck_assert_int_eq(dup3(21, 20, O_CLOEXEC), 20);
	ck_assert_int_eq(dup3(21, out[1], O_CLOEXEC), out[1]);
	ck_assert_int_eq(proclc_task_start(task), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(read(out[0], said, sizeof(said)), 3);
	ck_assert_int_eq(strncmp(said, "20\n", 3), 0);
	/* Nor does the object keep the pipe open. */
	ck_assert_int_eq(read(out[0], said, sizeof(said)), 0);
	proclc_task_free(task);
	close(out[0]);
	close(out[1]);
	close(20);
	close(21);
}
END_TEST

static int
has_end(void *fd)
{
	char byte;

	return read(*(int *)fd, &byte, 1) == 0 ? 0 : 1;
}

/* The copy of a pipe's end is not for a task's child to keep. */
START_TEST(command_copies_are_closed_in_a_forked_child)
{
	struct proclc_command_options o = plain;
	struct proclc_task *command, *task;
	int out[2];

	ck_assert_int_eq(os_pipe(out), 0);
	o.flags = PROCLC_TASK_EXPLICIT_START;
	o.out.kind = PROCLC_STDIO_FD;
	o.out.fd = out[1];
	command = command_start(&o, "true", NULL);
	close(out[1]);
	task = task_start(&task_waits, NULL);
	proclc_task_free(command);
	ck_assert_int_eq(has_end(&out[0]), 0);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	close(out[0]);
}
END_TEST

/* The number that it had is not for a file that the child opens. */
START_TEST(command_descriptor_that_is_closed_is_not_another_file)
{
	struct proclc_command_options o = plain;
	int fd = dup(0);

	close(fd);
	o.in.kind = PROCLC_STDIO_FILE;
	o.in.path = "/dev/null";
	o.out.kind = PROCLC_STDIO_FD;
	o.out.fd = fd;
	command_fails(&o, PROCLC_EBADF, PROCLC_STAGE_REDIRECT, "true", NULL);
}
END_TEST

/* The copies are the library's, but the program may close them, too. */
START_TEST(command_whose_copy_was_closed_is_not_started)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;
	int fd = dup(0), copy;

	o.flags = PROCLC_TASK_EXPLICIT_START;
	o.out.kind = PROCLC_STDIO_FD;
	o.out.fd = fd;
	copy = dup(0);
	close(copy);
	task = command_start(&o, "true", NULL);
	place_file(copy);
	ck_assert_int_eq(proclc_task_start(task), PROCLC_EBADF);
	proclc_task_free(task);
	/* What has its number now was not closed. */
	ck_assert_int_eq(fcntl(copy, F_GETFD), FD_CLOEXEC);
	close(copy);
	close(fd);
}
END_TEST

static Suite *
make_suite(void)
{
	const int n = (int)(sizeof(passes) / sizeof(passes[0]));
	Suite *s = suite_create("command_fds");
	TCase *tc = tcase_create("command_fds");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_test(tc, command_has_0_to_2_and_no_others);
	tcase_add_test(tc, command_keep_fds_has_what_exec_does_not_close);
	tcase_add_loop_test(tc, command_passes_swap_and_cycle, 0, n);
	tcase_add_test(tc, command_passes_one_descriptor_twice_and_to_stdin);
	tcase_add_loop_test(tc, command_has_pipes_whatever_is_closed_here, 0,
	    8);
	tcase_add_test(tc, command_inherits_what_is_closed_as_closed);
	tcase_add_test(tc, command_files_are_read_emptied_and_appended);
	tcase_add_test(tc, command_makes_files_with_its_umask);
	tcase_add_test(tc, command_null_device_is_empty_and_takes_all);
	tcase_add_test(tc, command_err_may_be_where_out_is_inherited);
	tcase_add_test(tc, command_keeps_what_it_was_given);
	tcase_add_test(tc, command_copies_are_closed_in_a_forked_child);
	tcase_add_test(tc,
	    command_descriptor_that_is_closed_is_not_another_file);
	tcase_add_test(tc, command_whose_copy_was_closed_is_not_started);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
