/* Asking, signalling and stopping by a path where anything may lie: each has
 * an error of its own, at once, and nobody is hit. */
#define _GNU_SOURCE 1

#include "ask.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static char path[1024], other[1024];

static void
set_paths(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	snprintf(other, sizeof(other), "%s/other", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
}

static void
put(const char *at, const char *text)
{
	int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
}

/* Each of them, in time, and the message names the path. */
static void
expect_all(int code)
{
	int64_t start;

	for (int i = 0; i < ASK_WAYS; i++) {
		start = clock_now_ms();
		ck_assert_int_eq(ask(path, i), code);
		ck_assert_double_lt((double)(clock_now_ms() - start),
		    ASK_FAST_MS * clock_multiplier());
		ck_assert_ptr_nonnull(strstr(proclc_errmsg(), path));
	}
}

/* Things to find there. */

static bool
make_fifo(void)
{
	return mkfifo(path, 0644) == 0;
}

static bool
make_directory(void)
{
	return mkdir(path, 0755) == 0;
}

static bool
make_link(void)
{
	put(other, "4194305\n");
	return symlink("other", path) == 0;
}

static bool
make_dangling_link(void)
{
	return symlink("other", path) == 0;
}

static bool
make_circle(void)
{
	return symlink("x", path) == 0;
}

static bool
make_device(void)
{
	return mknod(path, S_IFCHR | 0644, (dev_t)0x0105) == 0;
}

static bool
make_terminal(void)
{
	return symlink("/dev/tty", path) == 0;
}

static bool
make_socket(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (strlen(path) >= sizeof(name.sun_path))
		return false;
	memcpy(name.sun_path, path, strlen(path) + 1);
	rc = bind(fd, (struct sockaddr *)&name, sizeof(name));
	close(fd);
	return rc == 0;
}

/* Nothing but a hole. */
static bool
make_sparse(void)
{
	put(path, "");
	return truncate(path, (off_t)1 << 30) == 0;
}

/* A pid, and a hole behind. */
static bool
make_sparse_pid(void)
{
	put(path, "1\n");
	return truncate(path, (off_t)1 << 30) == 0;
}

static bool
make_own_pid(void)
{
	char text[32];

	snprintf(text, sizeof(text), " 00%d\r\nmore\r\n", (int)getpid());
	put(path, text);
	return true;
}

static bool
make_init(void)
{
	put(path, "1\r\n");
	return true;
}

static bool
make_group(void)
{
	put(path, "0\r\n");
	return true;
}

static bool
make_everybody(void)
{
	put(path, "-1\r\n");
	return true;
}

static const struct {
	bool (*make)(void);
	int code;
} things[] = {
	{ make_fifo, PROCLC_EUNSAFE }, { make_directory, PROCLC_EUNSAFE },
	{ make_link, PROCLC_EUNSAFE }, { make_dangling_link, PROCLC_EUNSAFE },
	{ make_circle, PROCLC_EUNSAFE }, { make_device, PROCLC_EUNSAFE },
	{ make_terminal, PROCLC_EUNSAFE }, { make_socket, PROCLC_EUNSAFE },
	{ make_sparse, PROCLC_EMALFORMED },
	{ make_sparse_pid, PROCLC_EUNLOCKED },
	{ make_own_pid, PROCLC_EUNLOCKED }, { make_init, PROCLC_EUNLOCKED },
	{ make_group, PROCLC_EMALFORMED },
	{ make_everybody, PROCLC_EMALFORMED },
};

enum { THINGS = sizeof(things) / sizeof(things[0]) };

START_TEST(hostile_thing_is_refused_at_once)
{
	set_paths();
	if (ask_may_harm())
		return;
	if (!things[_i].make()) {
		toolkit_skip("it cannot be made here");
		return;
	}
	expect_all(things[_i].code);
}
END_TEST

/* Where it is, by a relative path: what lies above is closed to nobody. */
static void
be_nobody(void)
{
	if (chdir(toolkit_dir()) != 0)
		_exit(98);
	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(99);
	snprintf(path, sizeof(path), "x");
}

/* What may not be read, and what may not even be looked for. */
START_TEST(hostile_rights_are_EACCES)
{
	int status;
	pid_t pid;

	if (_i == 1 && geteuid() != 0) {
		toolkit_skip("a directory of another user: only as root");
		return;
	}
	set_paths();
	put(path, "4194305\n");
	ck_assert_int_eq(chmod(path, _i == 0 ? 0 : 0644), 0);
	ck_assert_int_eq(chmod(toolkit_dir(), _i == 0 ? 0711 : 0700), 0);
	pid = fork();
	if (pid == 0) {
		be_nobody();
		for (int i = 0; i < ASK_WAYS; i++)
			if (ask(path, i) != PROCLC_EACCES)
				_exit(i + 1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(hostile_path_is_told)
{
	char name[5000];

	set_paths();
	snprintf(path, sizeof(path), "%s/x/y", toolkit_dir());
	snprintf(other, sizeof(other), "%s/x", toolkit_dir());
	put(other, "4194305\n");
	expect_all(PROCLC_ENOTDIR);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(proclc_ping(name), PROCLC_ENAMETOOLONG);
	ck_assert_int_eq(proclc_ping(""), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_stop("", NULL), PROCLC_EINVAL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("send hostile");
	TCase *lying = tcase_create("things");

	tcase_add_checked_fixture(lying, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(lying, hostile_thing_is_refused_at_once, 0,
	    THINGS);
	tcase_add_loop_test(lying, hostile_rights_are_EACCES, 0, 2);
	tcase_add_test(lying, hostile_path_is_told);
	suite_add_tcase(suite, lying);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
