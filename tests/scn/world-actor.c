/* A process of a world: it does as it is told, and tells what happens. */
#define _GNU_SOURCE 1

#include "world-actor.h"
#include "../settle.h"
#include "../toolkit/scn.h"
#include "../toolkit/snapshot.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

/* An epoll, two pipes, a pidfd of itself: the library may keep so many. */
enum { GRACE_MS = 60000, KEPT_FDS = 8, MOST_FDS = 256 };

/* The leak checker looks for all threads of a process when that exits, and
 * cannot stop those of its relatives, which it takes for its own. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return 1;
}

static int here, slot, records;
static int (*orders)[2];
static bool in_loop;

/* A copy of it is in each child, too. */
static int tokens[HANDLERS];
static int fds_at_birth;
static struct snapshot *at_birth;

void
actor_tell(int what, int a, int b, int c, int d)
{
	struct record r = { here, what, a, b, c, d };

	die_if(write(records, &r, sizeof(r)) != sizeof(r), "tell");
}

void
actor_answer(int a, int b, int c)
{
	actor_tell('r', a, b, c, 0);
}

static void
on_exit_handler(void *user, const struct proclc_exit_cause *cause)
{
	actor_tell('h', (int)((int *)user - tokens), cause->kind, cause->code,
	    cause->signum);
}

/* Life and death. */

void
actor_born(int id, int its_slot, bool loop)
{
	here = id;
	slot = its_slot;
	in_loop = loop;
	actor_tell('b', getpid(), 0, 0, 0);
}

/* Dead, but perhaps nobody has taken its status yet. */
static int
look(pid_t pid)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
		if (errno != EINTR)
			return errno == ECHILD ? 0 : -1;
	return 0;
}

static int
reap(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static void
give_birth(const struct order *o)
{
	pid_t pid;

	/* Its allocator is not for a fork beside a busy thread. */
	if (settle_under_asan())
		settle();
	pid = fork();
	if (pid == 0) {
		actor_born(o->a, o->b, false);
		exit(actor_live());
	}
	actor_answer(pid < 0 ? -1 : 0, pid, 0);
}

static int
count_fds(void)
{
	int n = 0;

	for (int fd = 3; fd < MOST_FDS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static struct snapshot *
take_stock(void)
{
	struct snapshot *snapshot = snapshot_take(NULL);

	snapshot_ignore(snapshot, TOOLKIT_FDS | TOOLKIT_SELF_PIDFD |
	    TOOLKIT_LIBRARY_THREADS | TOOLKIT_THREADS | TOOLKIT_FILES |
	    TOOLKIT_CHILDREN | TOOLKIT_STRAYS, NULL);
	return snapshot;
}

/* All that was ours is given back: so it is as it was at its birth. */
static void
audit(void)
{
	struct snapshot *now = take_stock();
	int more = count_fds() - fds_at_birth;
	char text[900];
	unsigned kinds;

	kinds = snapshot_diff(at_birth, now, text, sizeof(text));
	snapshot_free(now);
	if (kinds != 0)
		say("# %s", text);
	if (more > KEPT_FDS)
		say("# %d descriptors more than at its birth", more);
	actor_answer(kinds == 0 && more <= KEPT_FDS ? 0 : -1, 0, 0);
}

/* A child may be forked as soon as it is told. */
static void
add_handler(int i, unsigned flags)
{
	int before = tokens[i];
	int rc = proclc_atexit_register(on_exit_handler, &tokens[i], flags);

	if (rc > 0)
		tokens[i] = rc;
	actor_answer(rc > 0 ? rc == before : rc, 0, 0);
}

static void
obey_rest(const struct order *o)
{
	struct proclc_atexit_options options = PROCLC_ATEXIT_OPTIONS_INIT;

	switch (o->verb) {
	case REGISTER:
		add_handler(o->a, o->b ? PROCLC_ATEXIT_SHARED : 0);
		break;
	case UNREGISTER:
		actor_answer(proclc_atexit_unregister(on_exit_handler,
		    &tokens[o->a]), 0, 0);
		break;
	case CANCEL:
		actor_answer(proclc_atexit_cancel(tokens[o->a]), 0, 0);
		break;
	case INSTALL:
		options.deadline_ms = GRACE_MS;
		actor_answer(proclc_atexit_install(&options), 0, 0);
		break;
	case UNINSTALL:
		actor_answer(proclc_atexit_uninstall(), 0, 0);
		break;
	case FORK:
		give_birth(o);
		break;
	case LOOK:
		actor_answer(look(o->a), 0, 0);
		break;
	case REAP:
		actor_answer(reap(o->a), 0, 0);
		break;
	case AUDIT:
		audit();
		break;
	default:
		actor_answer(here, 0, 0);
	}
}

static int
leave(enum way way, int code)
{
	if (way == BY_EXIT)
		exit(code);
	if (way == BY_CALL)
		proclc_exit(code);
	if (way == BY_RUN)
		proclc_atexit_run(code);
	if (way == BY_PAST)
		_exit(code);
	if (way == BY_KILL)
		kill(getpid(), SIGKILL);
	return code;
}

/* False: a loop that is told to stop. */
static bool
await_order(void)
{
	struct pollfd polled[2] = { { .fd = orders[slot][0],
	    .events = POLLIN } };
	int n = 1;

	if (in_loop) {
		polled[1] = (struct pollfd){ .fd = (int)proclc_stop_fd(),
		    .events = POLLIN };
		n = 2;
	}
	while (poll(polled, (nfds_t)n, -1) < 0)
		die_if(errno != EINTR, "poll");
	return n == 1 || polled[1].revents == 0;
}

int
actor_live(void)
{
	struct order o;

	for (;;) {
		if (!await_order())
			return -1;
		if (read(orders[slot][0], &o, sizeof(o)) != sizeof(o))
			die_if(1, "order");
		if (o.verb == LEAVE)
			return leave((enum way)o.a, o.b);
		if (o.verb >= TASK_NEW && o.verb <= RESULT)
			obey_task(&o);
		else if (o.verb >= HOLD && o.verb <= STOP)
			obey_file(&o);
		else if (o.verb >= OBJECT_NEW && o.verb <= OBJECT_FREE)
			obey_object(&o);
		else if (o.verb >= ARM && o.verb <= WATCH_STATE)
			obey_watch(&o);
		else
			obey_rest(&o);
	}
}

_Noreturn void
actor_main(int id, int its_slot, int (*pipes)[2], int to)
{
	orders = pipes;
	records = to;
	at_birth = take_stock();
	fds_at_birth = count_fds();
	actor_born(id, its_slot, false);
	exit(actor_live());
}
