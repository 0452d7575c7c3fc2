/*
 * kin STEP...
 *
 * Takes the steps, says "ready", then obeys stdin: each line is a step, too.
 * Tasks that say their name first, by fork or in new runs of this program,
 * with children of their own or not.
 */
#define _GNU_SOURCE 1

#include "posture.h"

#include <proclc.h>

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>

enum { MANY = 16 };

/* What travels to a task. */
struct self {
	char name[16];
	int32_t children;
};

static struct proclc_task *tasks[MANY];
static struct self selves[MANY];
static int n_tasks;
static int children;     /* of the next task */
static struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;

/* A signal to a group takes its time: whoever is to send one and does not wait
 * for that is seen. */
__attribute__((visibility("default")))
int
kill(pid_t pid, int signo)
{
	if (pid < -1)
		poll(NULL, 0, 100);
	return (int)syscall(SYS_kill, pid, signo);
}

static void
tell_exit(void *name, const struct proclc_exit_cause *cause)
{
	say("%s ends %d", (const char *)name, (int)cause->kind);
}

static void
child_ends(int unused)
{
	(void)unused;
	say("child ends");
	_exit(0);
}

static void
have_children(const struct self *self)
{
	struct sigaction action = { .sa_handler = child_ends };
	int i;

	for (i = 0; i < self->children; i++) {
		if (fork() != 0)
			continue;
		sigaction(SIGTERM, &action, NULL);
		say("child begins %d", (int)getpid());
		rest();
	}
}

static int
run_task(void *user)
{
	struct self *self = user;

	die_if(proclc_atexit_register(tell_exit, self->name, 0) < 0,
	    proclc_errmsg());
	have_children(self);
	say("%s begins %d", self->name, (int)getpid());
	rest();
}

static int
begin_loop(void *user)
{
	struct self *self = user;

	have_children(self);
	say("%s begins %d", self->name, (int)getpid());
	return 0;
}

static int64_t
go_round(void *unused)
{
	(void)unused;
	return 3600000;
}

static void
end_loop(void *self)
{
	say("%s stops", ((struct self *)self)->name);
}

static const struct proclc_task_ops task_ops = {
	.size = sizeof(task_ops), .name = "task", .run = run_task,
};

static const struct proclc_loop_ops loop_ops = {
	.size = sizeof(loop_ops), .name = "loop", .begin = begin_loop,
	.loop = go_round, .end = end_loop,
};

static struct self *
make_self(const char *name)
{
	struct self *self = &selves[n_tasks];

	die_if(n_tasks == MANY, "too many");
	snprintf(self->name, sizeof(self->name), "%s", name);
	self->children = children;
	children = 0;
	return self;
}

static void
add_task(const char *name)
{
	struct self *self = make_self(name);

	if (!refused(proclc_task_new(&tasks[n_tasks], &task_ops, self,
	    sizeof(*self), &options)))
		n_tasks++;
}

static void
add_loop(const char *name)
{
	struct self *self = make_self(name);

	if (!refused(proclc_loop_new(&tasks[n_tasks], &loop_ops, self,
	    sizeof(*self), &options)))
		n_tasks++;
}

static void
set_flags(const char *number)
{
	options.flags = (uint32_t)strtoul(number, NULL, 0);
}

static void
set_spawn(const char *unused)
{
	(void)unused;
	options.start_method = PROCLC_START_SPAWN;
}

static void
set_children(const char *number)
{
	children = atoi(number);
}

static void
detach(const char *unused)
{
	(void)unused;
	say("detach %d", proclc_task_detach(tasks[--n_tasks]));
}

static void
shut_down_all(const char *unused)
{
	(void)unused;
	say("shutdown %d", proclc_shutdown_all(0));
}

static void
daemonize(const char *unused)
{
	(void)unused;
	refused(proclc_daemonize(NULL));
}

/* In a namespace of its own, where there is no /proc. */
static void
hide_proc(const char *unused)
{
	(void)unused;
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "/proc", "tmpfs", 0, NULL) == 0)
		return;
	say("no namespace");
	exit(0);
}

static void
call_exit(const char *code)
{
	exit(atoi(code));
}

static void
leave_at_once(const char *code)
{
	_exit(atoi(code));
}

static void
kill_self(const char *signo)
{
	kill(getpid(), atoi(signo));
	rest();
}

static const struct step steps[] = {
	{ "task=", add_task }, { "loop=", add_loop },
	{ "flags=", set_flags }, { "spawn", set_spawn },
	{ "children=", set_children }, { "detach", detach },
	{ "shutdown-all", shut_down_all }, { "daemonize", daemonize },
	{ "no-proc", hide_proc }, { "exit=", call_exit },
	{ "_exit=", leave_at_once }, { "raise=", kill_self },
};

static void
take(const char *word)
{
	die_if(!posture_take(word) && !step_take(steps,
	    sizeof(steps) / sizeof(steps[0]), word), word);
}

/* A program that does something before: until it is told to go on. */
static void
hold(int argc, char **argv)
{
	char line[8];

	if (getenv("KIN_HOLD") == NULL || argc < 2 ||
	    strncmp(argv[1], "--proclc-task=", 14) != 0)
		return;
	say("held %d", (int)getpid());
	hear(line, sizeof(line));
}

int
main(int argc, char **argv)
{
	char line[64];
	int i, rc;

	hold(argc, argv);
	die_if(proclc_register(&task_ops) < 0 ||
	    proclc_register_loop(&loop_ops) < 0, proclc_errmsg());
	rc = argc > 1 && strcmp(argv[1], "no-init") == 0 ? 0 :
	    proclc_init(&argc, &argv);
	if (argc > 1 && strncmp(argv[1], "--", 2) == 0) {
		say("init %s", rc == 0 ? "0" : proclc_error_name(rc));
		return 0;
	}
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "no-init") != 0)
			take(argv[i]);
	say("ready");
	while (hear(line, sizeof(line)) >= 0)
		take(line);
	return 5;
}
