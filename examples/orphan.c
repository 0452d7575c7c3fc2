/*
 * orphan.c - a child that does not outlive its parent.
 *
 *	orphan    a parent starts a child and is killed; the child notices
 */
#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Exit handlers run, in ordinary context. */
static void
say_goodbye(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	printf("child: %s\n", cause->kind == PROCLC_EXIT_ORPHANED ?
	    "my parent is gone, and so am I" : "done");
	fflush(stdout);
}

static int
be_child(int told)
{
	if (proclc_atexit_register(say_goodbye, NULL, 0) < 0 ||
	    proclc_exit_when_orphaned() < 0) {
		fprintf(stderr, "orphan: %s\n", proclc_errmsg());
		return 1;
	}
	/* Say that it is armed: a parent that ended before is not noticed. */
	if (write(told, "x", 1) != 1)
		return 1;
	for (;;)
		pause();	/* a program has its work here */
}

int
main(void)
{
	int armed[2];
	char byte;

	if (pipe(armed) < 0)
		return 1;
	switch (fork()) {
	case -1:
		return 1;
	case 0:
		return be_child(armed[1]);
	default:
		/* Not even SIGKILL lets the child go on. */
		if (read(armed[0], &byte, 1) == 1)
			raise(SIGKILL);
		return 1;
	}
}
