/*
 * Tasks with descendants that leave its group and session, hear TERM or not;
 * each of them holds a pipe open, whose end says that all are gone.
 *
 *	tree_begin(job);                  with or without a control group
 *	task = tree_start(&shape, PROCLC_START_FORK, 0);
 *	...
 *	tree_expect_gone();
 */
#ifndef TREES_H
#define TREES_H

#include "spawns.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum tree_kind { POLITE, DEAF, STOPPED, KINDS };

struct tree_shape {
	int letters, gate, life, pids;	/* as the child has them */
	enum tree_kind kind;
	int depth;	/* so many generations */
	bool detached;	/* each in a session of its own, and orphans */
	bool goes;	/* the leader does, when let go */
	bool deaf;	/* it is */
	bool drops;	/* it is another user than its descendants */
};

static int tree_life[2], tree_pids[2];
static bool tree_no_job;
static pid_t tree_members[16];	/* descendants of the last one */
static char tree_place[512];	/* its directory; "": none */

/* The library makes a control group by it. */
__attribute__((visibility("default")))
int
mkdir(const char *path, mode_t mode)
{
	if (tree_no_job) {
		errno = EACCES;
		return -1;
	}
	return (int)syscall(SYS_mkdirat, -100, path, mode);
}

static inline void
tree_setup(void)
{
	spawn_setup();
	ck_assert_int_eq(os_pipe(tree_life), 0);
	ck_assert_int_eq(os_pipe(tree_pids), 0);
	fcntl(tree_life[1], F_SETFD, 0);
	fcntl(tree_pids[1], F_SETFD, 0);
	*tree_place = '\0';
	toolkit_mark();
	letters_expect_library();
	toolkit_expect(TOOLKIT_STRAYS);
}

/* What says it, and then waits for a signal. */
static inline void
tree_be(const struct tree_shape *shape)
{
	pid_t self = getpid();

	signal(SIGTERM, shape->kind == POLITE ? SIG_DFL : SIG_IGN);
	if (write(shape->pids, &self, sizeof(self)) != sizeof(self))
		_exit(1);
	if (shape->kind == STOPPED)
		raise(SIGSTOP);
	for (;;)
		pause();
}

/* A child, and below it one generation less. */
static inline void
tree_grow(const struct tree_shape *shape, int depth)
{
	pid_t pid;

	if (depth == 0)
		return;
	pid = fork();
	if (pid > 0 && shape->detached)
		waitpid(pid, NULL, 0);
	if (pid != 0)
		return;
	if (shape->detached) {
		setsid();
		if (fork() != 0)
			_exit(0);
		setsid();
	}
	tree_grow(shape, depth - 1);
	tree_be(shape);
}

static inline int
tree_run(void *user)
{
	const struct tree_shape *shape = user;
	char byte;

	tree_grow(shape, shape->depth);
	if (shape->deaf)
		signal(SIGTERM, SIG_IGN);
	if (shape->drops && setuid(65534) != 0)
		return 9;
	if (write(shape->letters, "r", 1) != 1)
		return 9;
	if (shape->goes)
		return read(shape->gate, &byte, 1) == 1 ? 3 : 9;
	for (;;)
		pause();
}

static const struct proclc_task_ops tree_ops = {
	.size = sizeof(tree_ops), .name = "tree", .run = tree_run,
};

/* Where the control group of a process is, if the library made it. */
static inline void
tree_find_place(pid_t pid)
{
	char name[64], text[4096], *at;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", (int)pid);
	*tree_place = '\0';
	if (file_read(name, text, sizeof(text)) <= 0)
		return;
	at = strstr(text, "0::/");
	if (at == NULL || strstr(at, "proclc.") == NULL)
		return;
	at[strcspn(at, "\n")] = '\0';
	snprintf(tree_place, sizeof(tree_place), "%s%.300s",
	    file_exists("/sys/fs/cgroup/unified") ?
	    "/sys/fs/cgroup/unified" : "/sys/fs/cgroup", at + 3);
}

/* False, and said: this cannot be tested here. */
static inline bool
tree_begin(bool job)
{
	if (skip_without("tree", "linux") || skip_without("process", "pidfd"))
		return false;
	tree_no_job = !job;
	return !job || !skip_without("job", "cgroup");
}

/* All its descendants are there. */
static inline struct proclc_task *
tree_start(struct tree_shape *shape, uint32_t method, uint32_t flags)
{
	struct proclc_task *task;
	int i;

	shape->letters = letters[1];
	shape->gate = task_gate[0];
	shape->life = tree_life[1];
	shape->pids = tree_pids[1];
	task = spawn_new(&tree_ops, shape, sizeof(*shape), flags |
	    PROCLC_TASK_TREE | PROCLC_TASK_WAIT_FOR_CHILD, method);
	ck_assert_msg(proclc_task_start(task) == 0, "%s", proclc_errmsg());
	ck_assert_int_eq(letter_get(0), 'r');
	for (i = 0; i < shape->depth; i++) {
		ck_assert(fd_readable_within(tree_pids[0], 0));
		ck_assert_int_eq(read(tree_pids[0], &tree_members[i],
		    sizeof(pid_t)), sizeof(pid_t));
	}
	tree_find_place((pid_t)proclc_task_pid(task));
	return task;
}

/* Without a control group where there was to be one: that is said. */
static inline bool
tree_lacks_job(bool job)
{
	if (job && *tree_place == '\0')
		toolkit_skip("a control group that may be written to");
	return job && *tree_place == '\0';
}

/* A control group that nobody removes; its members have just ended. */
static inline void
tree_remove(const char *place)
{
	int64_t due = clock_deadline(0);

	while (*place != '\0' && rmdir(place) != 0 && clock_now_ms() < due)
		poll(NULL, 0, 1);
	ck_assert(*place == '\0' || !file_exists(place));
}

/* They live on: now they are ended, one by one. */
static inline void
tree_end_strays(int n)
{
	close(tree_life[1]);
	ck_assert(!fd_readable_within(tree_life[0], 50));
	while (n-- > 0) {
		ck_assert(process_alive(tree_members[n]));
		kill(tree_members[n], SIGKILL);
	}
	fd_wait_eof(tree_life[0], 0);
	tree_remove(tree_place);
}

/* Nobody of them lives, and nothing is left. */
static inline void
tree_expect_gone(void)
{
	close(tree_life[1]);
	fd_wait_eof(tree_life[0], 0);
	if (*tree_place != '\0')
		ck_assert(!file_exists(tree_place));
}

#endif
