/*
 * Exit handlers: the newest first, each in the process that it belongs to.
 * This one ends by exit, its child by a signal.
 */
#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char mine[] = "the parent's own", ours[] = "one for all";
static char theirs[] = "the child's own";

static void
clean_up(void *what, const struct proclc_exit_cause *cause)
{
	printf("%s, on signal %d\n", (const char *)what, (int)cause->signum);
}

int
main(void)
{
	pid_t child;

	if (proclc_atexit_install(NULL) < 0 ||
	    proclc_atexit_register(clean_up, mine, 0) < 0 ||
	    proclc_atexit_register(clean_up, ours, PROCLC_ATEXIT_SHARED) < 0) {
		fprintf(stderr, "%s\n", proclc_errmsg());
		return 1;
	}
	child = fork();
	if (child == 0) {
		if (proclc_atexit_register(clean_up, theirs, 0) > 0)
			raise(SIGTERM);
		for (;;)
			pause();
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		return 1;
	puts("the child is gone");
	return 0;
}
