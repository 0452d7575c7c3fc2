/*
 * last WHO...
 *
 * Installs, and makes threads: "idle", which never calls the library, and
 * "user", which registers a handler of its own; each ends when it hears of
 * it.  "child": a forked child does the same before, and its status is told.
 * Then the first thread calls pthread_exit.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>

#include <pthread.h>
#include <sys/wait.h>

static void
called(void *name, const struct proclc_exit_cause *cause)
{
	say("%s: %d %d", (const char *)name, (int)cause->kind,
	    (int)cause->signum);
}

static void
add(char *name)
{
	die_if(proclc_atexit_register(called, name, 0) < 0, proclc_errmsg());
}

static void *
live(void *name)
{
	char line[16];

	if (strcmp(name, "user") == 0)
		add(name);
	say("%s lives", (char *)name);
	die_if(hear(line, sizeof(line)) < 0, "hear");
	return NULL;
}

static void
fork_child(void)
{
	static char name[] = "child";
	int status;
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid == 0) {
		add(name);
		pthread_exit(NULL);
	}
	die_if(waitpid(pid, &status, 0) != pid, "waitpid");
	say("child's status %d", status);
}

int
main(int argc, char **argv)
{
	static char name[] = "first";
	pthread_t thread;

	die_if(proclc_atexit_install(NULL) < 0, proclc_errmsg());
	add(name);
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "child") == 0)
			fork_child();
		else
			die_if(pthread_create(&thread, NULL, live, argv[i]) !=
			    0, "thread");
	say("ready");
	pthread_exit(NULL);
}
