/* What a process is and has, told line by line. */
#define _GNU_SOURCE 1

#include "state.h"
#include "../kernel.h"

#include <proclc.h>

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void
do_place(char **words)
{
	char cwd[1000];
	mode_t mask = umask(0);

	(void)words;
	umask(mask);
	die_if(getcwd(cwd, sizeof(cwd)) == NULL, "getcwd");
	tell("umask %03o cwd %s", (unsigned)mask, cwd);
}

static void
do_signals(char **words)
{
	unsigned long long blocked = 0, ignored = 0;
	struct sigaction act;
	sigset_t mask;

	(void)words;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i <= 64; i++) {
		if (sigismember(&mask, i) == 1)
			blocked |= 1ULL << (i - 1);
		if (sigaction(i, NULL, &act) == 0 && act.sa_handler == SIG_IGN)
			ignored |= 1ULL << (i - 1);
	}
	tell("blocked %llx ignored %llx", blocked, ignored);
}

static const char *
kind_of(int fd)
{
	struct stat st, null;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return "closed";
	if (fcntl(fd, F_GETFD) != 0)
		return "close-on-exec";
	if (fstat(fd, &st) != 0 || stat("/dev/null", &null) != 0)
		return "unknown";
	if (S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev)
		return "null";
	if (!S_ISREG(st.st_mode))
		return "other";
	return (flags & O_APPEND) != 0 ? "append" : "file";
}

static bool
ours(int fd)
{
	return fd == script_in || fd == script_out;
}

/* The standard ones, and the numbers of the others but ours. */
static void
do_fds(char **words)
{
	char text[500] = "";
	size_t used = 0;

	(void)words;
	for (int fd = 3; fd < 1024; fd++)
		if (!ours(fd) && fcntl(fd, F_GETFD) >= 0)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, " %d", fd);
	tell("fds %s %s %s%s", kind_of(0), kind_of(1), kind_of(2), text);
}

static bool
is_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A terminal that is opened becomes that of a session's leader. */
static void
do_terminal(char **words)
{
	bool before = is_open("/dev/tty");
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave;

	(void)words;
	die_if(master < 0 || grantpt(master) != 0 || unlockpt(master) != 0,
	    "pty");
	slave = open(ptsname(master), O_RDWR | O_CLOEXEC);
	die_if(slave < 0, "pty");
	tell("terminal %d then %d", before, is_open("/dev/tty"));
	close(slave);
	close(master);
}

/* Things in its way. */

static void
do_open(char **words)
{
	int fd = open(words[1], O_RDONLY);

	die_if(fd < 0 || dup2(fd, script_number(words[0])) < 0, words[1]);
	close(fd);
}

/* Of 0 to 2, and whatever of ours has such a number by now. */
static void
do_shut(char **words)
{
	int bits = atoi(words[0]);

	for (int fd = 0; fd < 3; fd++)
		if ((bits >> fd & 1) != 0)
			close(fd);
}

static void *
idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static pthread_t thread;

static void
do_spawn(char **words)
{
	(void)words;
	die_if(pthread_create(&thread, NULL, idle, NULL) != 0, "thread");
}

static void
do_unspawn(char **words)
{
	(void)words;
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}

static struct proclc_task *task;

static int
run_task(void *self)
{
	(void)self;
	alarm(60);
	for (;;)
		pause();
	return 0;
}

static void
do_task(char **words)
{
	static const struct proclc_task_ops ops = { .size = sizeof(ops),
	    .name = "task", .run = run_task };

	(void)words;
	tell_code("task", proclc_task_new(&task, &ops, NULL, 0, NULL));
}

static void
do_free_task(char **words)
{
	(void)words;
	proclc_task_kill(task, SIGKILL);
	proclc_task_wait(task, PROCLC_FOREVER, NULL);
	proclc_task_free(task);
}

static void
do_children(char **words)
{
	int status, n = 0;

	(void)words;
	while (waitpid(-1, &status, WNOHANG) >= 0)
		n++;
	tell("children %d", n);
}

/* One that outlives us, until the test ends it; at most as long as a test. */
static void
do_leave_child(char **words)
{
	pid_t pid = words[0] == NULL ? fork() : kernel_quiet_fork();

	die_if(pid < 0, "fork");
	if (pid == 0) {
		alarm(60);
		for (;;)
			pause();
	}
	tell("left %d", (int)pid);
}

/* Whom, and with what else. */

enum { MAX_GROUPS = 64 };

static void
do_who(char **words)
{
	gid_t groups[MAX_GROUPS];
	int n = getgroups(MAX_GROUPS, groups);
	char text[500] = "";
	size_t used = 0;

	(void)words;
	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    " %d", (int)groups[i]);
	tell("uid %d %d gid %d %d groups%s", (int)getuid(), (int)geteuid(),
	    (int)getgid(), (int)getegid(), text);
}

/* Somebody, who may go back to be another one. */
static void
do_be(char **words)
{
	gid_t id = (gid_t)script_number(words[0]);
	gid_t saved = (gid_t)script_number(words[1]);

	die_if(setgroups(1, &id) != 0 || setresgid(id, id, saved) != 0 ||
	    setresuid(id, id, saved) != 0, "be");
}

static void
do_go_back(char **words)
{
	gid_t id = (gid_t)script_number(words[0]);

	tell("back %d %d", setegid(id), seteuid(id));
}

static void
do_groups(char **words)
{
	gid_t groups[MAX_GROUPS];
	size_t n = 0;

	for (; words[n] != NULL; n++)
		groups[n] = (gid_t)script_number(words[n]);
	tell("groups %d", setgroups(n, groups));
}

static void
do_keep_rights(char **words)
{
	(void)words;
	tell("keep_rights %d", kernel_keep_rights());
}

static void
do_env(char **words)
{
	const char *value = getenv(words[0]);

	tell("env %s", value == NULL ? "unset" : value);
}

static void
do_setenv(char **words)
{
	setenv(words[0], words[1], 1);
}

static void
do_many(char **words)
{
	int n = script_number(words[0]), last = script_number(words[1]);
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	die_if(setrlimit(RLIMIT_NOFILE, &limit) != 0, "setrlimit");
	while (n-- > 1)
		die_if(fcntl(script_in, F_DUPFD, 3) < 0, "many");
	die_if(dup2(script_in, last) < 0, "the last");
	tell("many");
}

/* Of those that "many" has made. */
static void
do_count_fds(char **words)
{
	int n = 0, last = script_number(words[0]);

	for (int fd = 3; fd < 40000; fd++)
		if (fd != script_in && fd != script_out &&
		    fcntl(fd, F_GETFD) >= 0)
			n++;
	tell("count_fds %d", n + (fcntl(last, F_GETFD) >= 0));
}

static void
do_own_terminal(char **words)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	die_if(setsid() < 0, "setsid");
	die_if(master < 0 || grantpt(master) != 0 || unlockpt(master) != 0,
	    "pty");
	slave = open(ptsname(master), O_RDWR);
	die_if(slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0, "terminal");
	die_if(dup2(master, script_number(words[0])) < 0, "master");
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	close(slave);
	close(master);
	tell("terminal");
}

static void
do_blocking(char **words)
{
	int flags = fcntl(script_number(words[0]), F_GETFL);

	tell("blocking %d", (flags & O_NONBLOCK) == 0);
}

static void
do_close_on_exec(char **words)
{
	tell("close_on_exec %d", fcntl(script_number(words[0]), F_SETFD,
	    FD_CLOEXEC));
}

static void
do_close(char **words)
{
	tell("close %d", close(script_number(words[0])));
}

const struct command state_commands[] = {
	{ "place", do_place }, { "signals", do_signals }, { "fds", do_fds },
	{ "terminal", do_terminal }, { "open", do_open },
	{ "shut", do_shut }, { "spawn", do_spawn }, { "unspawn", do_unspawn },
	{ "leave_child", do_leave_child }, { "children", do_children },
	{ "task", do_task }, { "free_task", do_free_task },
	{ "who", do_who }, { "be", do_be }, { "go_back", do_go_back },
	{ "groups", do_groups },
	{ "keep_rights", do_keep_rights }, { "env", do_env },
	{ "setenv", do_setenv }, { "many", do_many },
	{ "count_fds", do_count_fds }, { "own_terminal", do_own_terminal },
	{ "close", do_close }, { "close_on_exec", do_close_on_exec },
	{ "blocking", do_blocking },
	{ NULL, NULL }
};
