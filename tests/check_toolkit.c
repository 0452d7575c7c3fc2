/* Snapshots see what is planted and nothing else. */
#define _GNU_SOURCE 1

#include "toolkit/os.h"
#include "toolkit/plants.h"
#include "toolkit/toolkit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The fixture has taken a snapshot: what is untold is known. */
static bool
tells_of(unsigned kinds)
{
	if ((snapshot_untold() & kinds) == 0)
		return true;
	toolkit_skip("kind %#x", kinds);
	return false;
}

/* A handle of this process, which the test then owns. */
static bool
open_self_handle(int *fd)
{
	*fd = os_process_handle(getpid());
	if (*fd != OS_UNKNOWN && os_fd_is_self(*fd))
		return true;
	if (*fd != OS_UNKNOWN)
		close(*fd);
	toolkit_skip("pidfds");
	return false;
}

/* What differs from before, in lines. */
static unsigned
differs(const struct snapshot *before, char *lines, size_t size)
{
	struct snapshot *after = snapshot_take(toolkit_dir());
	unsigned kinds = snapshot_diff(before, after, lines, size);

	snapshot_free(after);
	return kinds;
}

/* The fixture around it proves that the undone is no difference. */
START_TEST(snapshot_planted_is_seen)
{
	struct snapshot *before;
	char lines[4000];
	unsigned kinds;

	if (!tells_of(plants[_i].kind))
		return;
	plant_open_pipes();
	before = snapshot_take(toolkit_dir());
	plants[_i].plant();
	kinds = differs(before, lines, sizeof(lines));
	plants[_i].undo();
	ck_assert_msg(kinds == plants[_i].kind, "%#x, not %#x: %s", kinds,
	    plants[_i].kind, lines);
	ck_assert_msg(strstr(lines, plants[_i].line) != NULL, "%s", lines);
	snapshot_free(before);
	plant_close_pipes();
}
END_TEST

START_TEST(snapshot_nothing_planted_is_equal)
{
	struct snapshot *before = snapshot_take(toolkit_dir());
	char lines[4000];

	ck_assert_uint_eq(differs(before, lines, sizeof(lines)), 0);
	ck_assert_str_eq(lines, "");
	snapshot_free(before);
}
END_TEST

START_TEST(snapshot_mask_of_other_thread_is_seen)
{
	struct snapshot *before;
	char lines[4000];

	if (!tells_of(TOOLKIT_THREADS))
		return;
	plant_open_pipes();
	plant_thread();
	before = snapshot_take(NULL);
	plant_tell_thread('b');
	ck_assert_int_eq(plant_hear_thread(), 'b');
	ck_assert_uint_eq(differs(before, lines, sizeof(lines)),
	    TOOLKIT_THREADS);
	snapshot_free(before);
	undo_thread();
	plant_close_pipes();
}
END_TEST

START_TEST(snapshot_second_library_thread_is_a_leak)
{
	struct snapshot *before;
	char lines[4000];

	if (!tells_of(TOOLKIT_THREADS))
		return;
	plant_open_pipes();
	plant_library_thread();
	before = snapshot_take(NULL);
	plant_library_thread();
	ck_assert_uint_eq(differs(before, lines, sizeof(lines)),
	    TOOLKIT_THREADS);
	snapshot_free(before);
	undo_thread();
	plant_close_pipes();
}
END_TEST

/* Even if the name is the same. */
START_TEST(snapshot_same_number_other_file_is_seen)
{
	struct snapshot *before, *after;
	char path[1024], other_path[1024], lines[4000];
	int fd, other;

	snprintf(path, sizeof(path), "%s/a", toolkit_dir());
	snprintf(other_path, sizeof(other_path), "%s/b", toolkit_dir());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	other = open(other_path, O_RDWR | O_CREAT, 0600);
	before = snapshot_take(NULL);
	ck_assert_int_eq(dup2(other, fd), fd);
	ck_assert_int_eq(rename(other_path, path), 0);
	after = snapshot_take(NULL);
	snapshot_diff(before, after, lines, sizeof(lines));
	snprintf(other_path, sizeof(other_path), "new: fd %d -> ", fd);
	ck_assert_msg(strstr(lines, other_path) != NULL, "%s", lines);
	snapshot_free(before);
	snapshot_free(after);
	close(fd);
	close(other);
	unlink(path);
}
END_TEST

START_TEST(snapshot_self_handle_is_a_kind)
{
	struct snapshot *before = snapshot_take(NULL);
	char lines[4000];
	int fd;

	if (!open_self_handle(&fd))
		return;
	ck_assert_uint_eq(differs(before, lines, sizeof(lines)),
	    TOOLKIT_SELF_PIDFD);
	snapshot_free(before);
	close(fd);
}
END_TEST

START_TEST(snapshot_second_self_handle_is_a_leak)
{
	struct snapshot *before;
	char lines[4000];
	int fds[2];

	if (!open_self_handle(&fds[0]))
		return;
	before = snapshot_take(NULL);
	ck_assert(open_self_handle(&fds[1]));
	ck_assert_uint_eq(differs(before, lines, sizeof(lines)), TOOLKIT_FDS);
	snapshot_free(before);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* Not taken back: what POSIX has no name for, neither has os.h. */
START_TEST(snapshot_subreaper_is_seen)
{
	struct snapshot *before = snapshot_take(NULL);
	char lines[4000];

	if (!tells_of(TOOLKIT_TRAITS))
		return;
	toolkit_expect(TOOLKIT_TRAITS);
	ck_assert(os_become_subreaper());
	ck_assert_uint_eq(differs(before, lines, sizeof(lines)),
	    TOOLKIT_TRAITS);
	snapshot_free(before);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *equal = tcase_create("equal");
	TCase *snapshot = tcase_create("snapshot");

	tcase_add_checked_fixture(equal, toolkit_setup, toolkit_teardown);
	tcase_add_test(equal, snapshot_nothing_planted_is_equal);
	suite_add_tcase(suite, equal);

	tcase_add_checked_fixture(snapshot, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(snapshot, snapshot_planted_is_seen, 0,
	    plant_count);
	tcase_add_test(snapshot, snapshot_mask_of_other_thread_is_seen);
	tcase_add_test(snapshot, snapshot_second_library_thread_is_a_leak);
	tcase_add_test(snapshot, snapshot_same_number_other_file_is_seen);
	tcase_add_test(snapshot, snapshot_self_handle_is_a_kind);
	tcase_add_test(snapshot, snapshot_second_self_handle_is_a_leak);
	tcase_add_test(snapshot, snapshot_subreaper_is_seen);
	suite_add_tcase(suite, snapshot);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
