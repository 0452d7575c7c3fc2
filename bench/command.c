/*
 * command.c - to run a program and to wait for it, from parents of all sizes.
 *
 * The program does nothing: it is two instructions, where we know the
 * processor, so that little but its start is measured.
 */
#include <config.h>

#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "parent.h"

static char program[64] = "/bin/true", *argv[] = { program, NULL };
extern char **environ;

#if defined __x86_64__ && defined __LP64__
/* An ELF header, one segment, and exit(0). */
static const unsigned char tiny[] = {
	0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	2, 0, 0x3e, 0, 1, 0, 0, 0,	/* a program, x86-64 */
	0x78, 0, 0x40, 0, 0, 0, 0, 0,	/* begins at 0x400078 */
	0x40, 0, 0, 0, 0, 0, 0, 0,	/* segments at 64 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x40, 0, 0x38, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	1, 0, 0, 0, 5, 0, 0, 0,	/* to load, read and run */
	0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0,
	0x81, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0,
	0, 0x10, 0, 0, 0, 0, 0, 0,
	0x31, 0xff,	/* xor edi, edi */
	0xb8, 60, 0, 0, 0,	/* mov eax, 60 */
	0x0f, 0x05	/* syscall */
};

static void
choose_program(void)
{
	/* Not close-on-exec: each child finds it under its number. */
	int fd = memfd_create("tiny", 0);

	bench_libc(fd, "memfd_create");
	bench_libc(write(fd, tiny, sizeof(tiny)) == sizeof(tiny) ? 0 : -1,
	    "write");
	snprintf(program, sizeof(program), "/proc/%d/fd/%d", (int)getpid(),
	    fd);
}
#else
static void
choose_program(void)
{
}
#endif

static void
wait_bare(pid_t pid)
{
	int status;

	bench_libc(pid, "vfork");
	bench_libc(waitpid(pid, &status, 0), "waitpid");
	if (status != 0)
		bench_fatal("the program has failed");
}

static void
bare(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(program, argv, environ);
		_exit(127);
	}
	wait_bare(pid);
}

static void
spawned(void)
{
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0)
		bench_fatal("posix_spawn");
	wait_bare(pid);
}

static void
ours(void)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;

	bench_proclc(proclc_command_new(&task, argv, NULL), "command");
	bench_proclc(proclc_task_wait(task, PROCLC_FOREVER, &status), "wait");
	if (status.kind != PROCLC_STATUS_EXITED || status.code != 0)
		bench_fatal("the program has failed");
	proclc_task_free(task);
}

static const char *
be_2_mb(void)
{
	choose_program();
	return parent_fill(2);
}

static const char *
be_2_gb(void)
{
	choose_program();
	return parent_fill(2048);
}

static const char *
have_1000(void)
{
	choose_program();
	return parent_open(1000);
}

#define CASES(set_up) \
	static const struct bench_case \
	bare_##set_up = { "vfork, execve, waitpid", set_up, bare, NULL, \
	    NULL }, \
	spawned_##set_up = { "posix_spawn, waitpid", set_up, spawned, NULL, \
	    NULL }, \
	ours_##set_up = { "command: new, wait, free", set_up, ours, NULL, \
	    NULL }

CASES(be_2_mb);
CASES(be_2_gb);
CASES(have_1000);

#define ROWS(bench, set_up, gate) \
	{ bench, &bare_##set_up, &ours_##set_up, 10, gate, BENCH_MEDIAN }, \
	{ bench, &spawned_##set_up, &ours_##set_up, 10, 0, BENCH_MEDIAN }, \
	{ bench, &bare_##set_up, &spawned_##set_up, 10, 0, BENCH_MEDIAN }

const struct bench_row rows_command[] = {
	ROWS("command-2mb", be_2_mb, 1.2),
	ROWS("command-2gb", be_2_gb, 1.15),
	ROWS("command-1000fds", have_1000, 1.15),
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
