/*
 * runs STEP...
 *
 * A parent with commands: takes the steps, says "ready", then obeys stdin, a
 * step a line.
 */
#define _GNU_SOURCE 1

#include "posture.h"

#include <proclc.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static uint32_t flags;

/* One that waits for ever; it has a name that a test can look for. */
static int
start_one(struct proclc_task **task)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	char name[] = "pcl-sleeper", time[] = "100000";
	char *argv[] = { name, time, NULL };

	o.path = "sleep";
	o.flags = flags;
	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_NULL;
	return proclc_command_new(task, argv, &o);
}

static void
start(const char *unused)
{
	struct proclc_task *task;

	(void)unused;
	die_if(start_one(&task) < 0, proclc_errmsg());
	say("runs %d", (int)proclc_task_pid(task));
}

static void *
start_here(void *unused)
{
	start(NULL);
	return unused;
}

/* By a thread that ends then. */
static void
start_by_thread(const char *unused)
{
	pthread_t thread;

	(void)unused;
	die_if(pthread_create(&thread, NULL, start_here, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0, "thread");
	say("thread gone");
}

static void
set_flags(const char *number)
{
	flags = (uint32_t)strtoul(number, NULL, 0);
}

/* Without end, until somebody ends us. */
static void
start_all_the_time(const char *unused)
{
	struct proclc_task *task;

	(void)unused;
	for (;;) {
		die_if(start_one(&task) < 0, proclc_errmsg());
		say("one");
		proclc_task_shutdown(task, PROCLC_NOW, NULL);
		proclc_task_free(task);
	}
}

static void *
obey(void *unused)
{
	static char line[64];

	(void)unused;
	hear(line, sizeof(line));
	_exit(0);
}

/* The first thread ends; the process is there until its stdin ends. */
static void
end_main(const char *unused)
{
	pthread_t thread;

	(void)unused;
	die_if(pthread_create(&thread, NULL, obey, NULL) != 0, "thread");
	say("main ends");
	pthread_exit(NULL);
}

static void
call_exit(const char *code)
{
	exit(atoi(code));
}

static const struct step steps[] = {
	{ "flags=", set_flags }, { "start", start },
	{ "by-thread", start_by_thread }, { "always", start_all_the_time },
	{ "end-main", end_main }, { "exit=", call_exit },
};

static void
take(const char *word)
{
	die_if(!step_take(steps, sizeof(steps) / sizeof(steps[0]), word),
	    word);
}

int
main(int argc, char **argv)
{
	char line[64];

	for (int i = 1; i < argc; i++)
		take(argv[i]);
	say("ready");
	while (hear(line, sizeof(line)) >= 0)
		take(line);
	return 0;
}
