/*
 * watched HOW BACKEND FATE [measure]: a child that is tortured from the
 * moment it begins to watch its parent.
 *
 *	HOW      arm: by proclc_exit_when_orphaned; new: by a watch object;
 *	         expected: by one that is told who the parent is to be
 *	BACKEND  pidfd, poll (an object is asked for it; arm takes what it gets)
 *	FATE     reaped: the parent is the command; zombie: it is the command's
 *	         child, which is not waited for
 *	measure  the torture ends with the start
 *
 * The child says "armed", or "refused NAME" and the library's message, and
 * leaves with code 3; its exit handler says "handler CAUSE".
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <stdbool.h>

enum { CODE_REFUSED = 3 };

static void
handler(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	say("handler %d", (int)cause->kind);
}

static int
start(const char *how, const char *backend, int64_t parent)
{
	struct proclc_orphan_options options = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *watch;
	int rc;

	if (strcmp(how, "arm") == 0)
		return proclc_exit_when_orphaned();
	options.parent = strcmp(how, "expected") == 0 ? parent : 0;
	options.poll_interval_ms = 20;
	options.backend = strcmp(backend, "poll") == 0 ?
	    PROCLC_ORPHAN_POLL : PROCLC_ORPHAN_PIDFD;
	rc = proclc_orphan_new(&watch, &options);
	return rc < 0 ? rc : proclc_orphan_start(watch);
}

static void
be_child(char **argv, int64_t parent)
{
	int rc;

	die_if(proclc_atexit_register(handler, NULL, 0) < 0, proclc_errmsg());
	torture_begin();
	rc = start(argv[1], argv[2], parent);
	if (argv[4] != NULL)
		torture_end();
	if (rc < 0) {
		say("refused %s", proclc_error_name(rc));
		say("%s", proclc_errmsg());
		proclc_exit(CODE_REFUSED);
	}
	say("armed");
	for (;;)
		pause();
}

static void
be_parent(char **argv)
{
	int64_t pid = getpid();
	pid_t child = fork();

	die_if(child < 0, "fork");
	if (child == 0)
		be_child(argv, pid);
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	int ended[2];
	pid_t pid;
	char c;

	die_if(argc < 4, "usage: watched HOW BACKEND FATE [measure]");
	if (strcmp(argv[3], "zombie") != 0)
		be_parent(argv);
	die_if(pipe(ended) < 0, "pipe");
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0)
		be_parent(argv);
	/* Until the last of them has ended. */
	close(ended[1]);
	while (read(ended[0], &c, 1) < 0 && errno == EINTR)
		continue;
	return 0;
}
