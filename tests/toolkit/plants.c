/* Things for check_toolkit.c to plant. */
#define _GNU_SOURCE 1

#include "plants.h"
#include "fixture.h"
#include "os.h"
#include "process.h"

#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int planted_fd = -1;
static pid_t planted_pid;
static pthread_t planted_threads[2];
static int planted;
static struct sigaction saved_action;
static stack_t saved_altstack;
static char saved_cwd[1024];
static mode_t saved_umask;
static int go[2], done[2];     /* to a planted thread, and from it */

void
plant_fd(void)
{
	planted_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
undo_fd(void)
{
	close(planted_fd);
}

static void
plant_child(void)
{
	planted_pid = fork();
	while (planted_pid == 0)
		pause();
}

static void
undo_child(void)
{
	kill(planted_pid, SIGKILL);
	waitpid(planted_pid, NULL, 0);
}

static void
plant_zombie(void)
{
	siginfo_t info;

	planted_pid = fork();
	if (planted_pid == 0)
		_exit(0);
	waitid(P_PID, (id_t)planted_pid, &info, WEXITED | WNOWAIT);
}

/* A grandchild whose parent has ended. */
static void
plant_stray(void)
{
	pid_t parent = fork();
	pid_t pid;

	if (parent == 0) {
		pid = fork();
		while (pid == 0)
			pause();
		_exit(write(done[1], &pid, sizeof(pid)) < 0);
	}
	waitpid(parent, NULL, 0);
	ck_assert(fd_readable_within(done[0], 0));
	ck_assert_int_gt(read(done[0], &planted_pid, sizeof(pid)), 0);
}

static void
undo_stray(void)
{
	kill(planted_pid, SIGKILL);
	process_wait_gone(planted_pid, 0);
}

/* Takes a name, says so, and stays until it is told to block USR1 or end. */
static void *
thread_main(void *name)
{
	int fd = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC);
	sigset_t set;
	char order = 'r';

	if (write(fd, name, strlen(name)) < 0)
		order = '?';
	close(fd);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (write(done[1], &order, 1) == 1 &&
	    read(go[0], &order, 1) == 1 && order == 'b')
		pthread_sigmask(SIG_BLOCK, &set, NULL);
	return NULL;
}

void
plant_tell_thread(char order)
{
	ck_assert_int_eq(write(go[1], &order, 1), 1);
}

char
plant_hear_thread(void)
{
	char answer;

	ck_assert_int_eq(read(done[0], &answer, 1), 1);
	return answer;
}

static void
start_thread(const char *name)
{
	static char copy[16];

	snprintf(copy, sizeof(copy), "%s", name);
	ck_assert_int_lt(planted, 2);
	ck_assert_int_eq(pthread_create(&planted_threads[planted++], NULL,
	    thread_main, copy), 0);
	ck_assert_int_eq(plant_hear_thread(), 'r');
}

void
plant_thread(void)
{
	start_thread("planted");
}

void
plant_library_thread(void)
{
	start_thread("proclc-guard");
}

void
undo_thread(void)
{
	int i;

	for (i = 0; i < planted; i++)
		plant_tell_thread('e');
	while (planted > 0)
		pthread_join(planted_threads[--planted], NULL);
}

static void
change_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(how, &set, NULL);
}

static void
plant_mask(void)
{
	change_mask(SIG_BLOCK);
}

static void
undo_mask(void)
{
	change_mask(SIG_UNBLOCK);
}

static void
change_action(void (*handler)(int), int flags, int masked)
{
	struct sigaction act;

	memset(&act, 0, sizeof(act));
	act.sa_handler = handler;
	act.sa_flags = flags;
	sigemptyset(&act.sa_mask);
	if (masked != 0)
		sigaddset(&act.sa_mask, masked);
	sigaction(SIGUSR2, &act, &saved_action);
}

static void
on_signal(int signo)
{
	(void)signo;
}

static void
plant_handler(void)
{
	change_action(on_signal, 0, 0);
}

static void
plant_flag(void)
{
	change_action(SIG_DFL, SA_RESTART, 0);
}

static void
plant_masked(void)
{
	change_action(SIG_DFL, 0, SIGHUP);
}

/* libc's own flag remains after this; that must be no difference. */
static void
undo_action(void)
{
	sigaction(SIGUSR2, &saved_action, NULL);
}

static void
plant_altstack(void)
{
	static char memory[64 * 1024];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };

	sigaltstack(&stack, &saved_altstack);
}

static void
undo_altstack(void)
{
	sigaltstack(&saved_altstack, NULL);
}

static void
plant_cwd(void)
{
	ck_assert_ptr_nonnull(getcwd(saved_cwd, sizeof(saved_cwd)));
	ck_assert_int_eq(chdir(toolkit_dir()), 0);
}

static void
undo_cwd(void)
{
	ck_assert_int_eq(chdir(saved_cwd), 0);
}

static void
plant_umask(void)
{
	saved_umask = umask(0135);
}

static void
undo_umask(void)
{
	umask(saved_umask);
}

/*
 * A test leads its group and cannot start a session; a group that it can
 * join is left by a child.
 */
static void
plant_group(void)
{
	pid_t pid = fork();

	while (pid == 0)
		pause();
	ck_assert_int_eq(setpgid(pid, pid), 0);
	ck_assert_int_eq(setpgid(0, pid), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
undo_group(void)
{
	ck_assert_int_eq(setpgid(0, 0), 0);
}

static void
set_timer(time_t seconds)
{
	struct itimerval timer = { .it_value = { .tv_sec = seconds } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
plant_timer(void)
{
	set_timer(1000);
}

static void
undo_timer(void)
{
	set_timer(0);
}

static void
plant_file(void)
{
	int dir = open(toolkit_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	mkdirat(dir, "below", 0700);
	mknodat(dir, "below/fifo", S_IFIFO | 0600, 0);
	close(dir);
}

static void
undo_file(void)
{
	int dir = open(toolkit_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	unlinkat(dir, "below/fifo", 0);
	unlinkat(dir, "below", AT_REMOVEDIR);
	close(dir);
}

const struct plant plants[] = {
	{ plant_fd, undo_fd, TOOLKIT_FDS, "new: fd " },
	{ plant_child, undo_child, TOOLKIT_CHILDREN, "new: child" },
	{ plant_zombie, undo_child, TOOLKIT_CHILDREN, "new: zombie child " },
	{ plant_stray, undo_stray, TOOLKIT_STRAYS, "new: stray " },
	{ plant_thread, undo_thread, TOOLKIT_THREADS, "thread planted" },
	{ plant_library_thread, undo_thread, TOOLKIT_LIBRARY_THREADS,
	    "new: thread proclc-guard" },
	{ plant_mask, undo_mask, TOOLKIT_MASK, "new: signal mask 00000000" },
	{ plant_handler, undo_action, TOOLKIT_DISPOSITIONS, "User defined" },
	{ plant_flag, undo_action, TOOLKIT_DISPOSITIONS, "flags RESTART" },
	{ plant_masked, undo_action, TOOLKIT_DISPOSITIONS, "000001" },
	{ plant_altstack, undo_altstack, TOOLKIT_ALTSTACK, "65536 bytes" },
	{ plant_cwd, undo_cwd, TOOLKIT_CWD, "new: working directory /" },
	{ plant_umask, undo_umask, TOOLKIT_UMASK, "new: umask 0135" },
	{ plant_group, undo_group, TOOLKIT_SESSION, "new: session " },
	{ plant_timer, undo_timer, TOOLKIT_TIMERS, "real timer on" },
	{ plant_file, undo_file, TOOLKIT_FILES, "new: file below/fifo" },
};

const int plant_count = sizeof(plants) / sizeof(plants[0]);

void
plant_open_pipes(void)
{
	ck_assert_int_eq(os_pipe(go), 0);
	ck_assert_int_eq(os_pipe(done), 0);
}

void
plant_close_pipes(void)
{
	close(go[0]);
	close(go[1]);
	close(done[0]);
	close(done[1]);
}
