/*
 * inject [-m] [-r FD] [-t MS] [-l MS] [RULE]... -- COMMAND [ARGUMENT...]
 *
 * Runs a command and all its descendants, and makes single system calls of
 * theirs fail, be late, or end the process.  A rule is two words, as
 * "fail openat:2:EMFILE@0"; rules.h has them all.  "record" in place of a
 * rule lists the calls of each thread at the end.
 *
 *	-m   count and act only between the marks that a process sets
 *	     (mark.h); those born of it meanwhile are meant until they end, or
 *	     set the second mark themselves
 *	-r   where the report goes; 2 is the default
 *	-t   all of it may take so long; then it is killed, and the exit code
 *	     is 124
 *	-l   how long others may outlive the command before they are killed;
 *	     without, they are waited for
 *
 * Ends as the command has ended: with its exit code, or by its signal.  77:
 * ptrace is forbidden here.
 *
 * The report, each a line: "process ROLE PID" when one is born, "end ROLE
 * exited N", "end ROLE killed N", "injected RULE ROLE CALL" when a rule (the
 * first is 0) acts for the first time, "left ROLE PID" for who has outlived
 * the command, "late ROLE PID" for who is killed at the time limit, "call ROLE
 * CALL N NAME" of the record, and at last "done N", how often rules have
 * acted.
 *
 * It traces (ptrace), and does not have the kernel ask for an opinion on each
 * call (seccomp user notification): a tracer sees births, ends and threads
 * in their true order; it can let a call be made and change its result; it
 * can act between a call's end and the next instruction; and the kernel kills
 * the traced when the tracer dies, where a filter would stay behind and
 * refuse every call.  What is lost is speed, and a program that is traced
 * cannot be seen by another tracer: no debugger, no LeakSanitizer.
 */
#define _GNU_SOURCE 1

#include "tracer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int
usage(void)
{
	dprintf(2, "usage: inject [-m] [-r FD] [-t MS] [-l MS] [RULE]... "
	    "-- COMMAND [ARGUMENT...]\n");
	return TRACER_FAILED;
}

/* The rules up to "--": where the command begins, 0 for a mistake. */
static int
read_rules(struct tracer *self, int argc, char **argv, int i)
{
	while (i < argc && strcmp(argv[i], "--") != 0) {
		if (strcmp(argv[i], "record") == 0) {
			self->record = true;
			i++;
			continue;
		}
		if (i + 1 >= argc || self->rule_count == MAX_RULES ||
		    !rule_parse(&self->rules[self->rule_count], argv[i],
		    argv[i + 1]))
			return 0;
		self->rule_count++;
		i += 2;
	}
	return i + 1 < argc ? i + 1 : 0;
}

/* As the command did; its core, if any, is enough. */
static int
end_as(int status)
{
	sigset_t set;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	prctl(PR_SET_DUMPABLE, 0);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	sigfillset(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	struct tracer self = { .report = 2, .linger_ms = -1 };
	int option, first, status, code;

	while ((option = getopt(argc, argv, "+mr:t:l:")) != -1) {
		if (option == 'm')
			self.marked = true;
		else if (option == 'r')
			self.report = atoi(optarg);
		else if (option == 't')
			self.limit_ms = atoi(optarg);
		else if (option == 'l')
			self.linger_ms = atoi(optarg);
		else
			return usage();
	}
	/* getopt() has eaten a "--" before which there was no rule */
	if (strcmp(argv[optind - 1], "--") == 0)
		optind--;
	first = read_rules(&self, argc, argv, optind);
	if (first == 0)
		return usage();
	self.argv = argv + first;
	if (self.report > 2)
		fcntl(self.report, F_SETFD, FD_CLOEXEC);
	status = tracer_run(&self, &code);
	return status < 0 ? code : end_as(status);
}
