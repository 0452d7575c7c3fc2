/*
 * What is to be done to which system call: the words of inject's command
 * line.
 *
 *	fail CALL:K[+]:ERRNO     the K-th such call fails; with +, all from it;
 *	                         with +N, N of them (here and below)
 *	refuse CALL:ERRNO        all of them: fail CALL:1+:ERRNO
 *	kill CALL:K              SIGKILL in place of the call
 *	term CALL:K[+]           SIGTERM while the call runs
 *	term-after CALL:K[+]     SIGTERM before the instruction after the call
 *	delay CALL:K[+]:MS       the call waits so long, or until inject is sent
 *	                         SIGUSR1
 *
 * CALL may be "*", and end in a command: "fcntl.SETLK".  Each may be followed
 * by @ROLE: 0 is the first thread of the command, 0.1 that of its first
 * child, 0.1.2 that of this one's second; 0/1 is the second thread of 0,
 * 0/NAME any of its threads with this name, 0/ all of them.  K counts the
 * calls that a rule is about, so with a role per thread; without, over all.
 * Last comes =PATH: only calls whose path argument (or the file behind whose
 * first descriptor) is PATH or ends in /PATH.
 */
#ifndef TORTURE_RULES_H
#define TORTURE_RULES_H

#include "calls.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum action {
	ACTION_FAIL,
	ACTION_KILL,
	ACTION_TERM,
	ACTION_TERM_AFTER,
	ACTION_DELAY,
};

struct rule {
	enum action action;
	struct call call;
	long k;
	long last;           /* up to the last-th; LONG_MAX for ever */
	int errnum;
	bool after;          /* the call is made, and then fails */
	int64_t ms;
	char role[64];       /* "": any */
	char path[256];      /* "": any */
	long seen;
	long done;
};

/* A thread at a call. */
struct caller {
	pid_t tid;
	const char *process; /* "0.1" */
	int thread;          /* its number in there, 0 the first */
	struct call call;
	const uint64_t *args;
};

/* False: no such rule, told on stderr. */
bool rule_parse(struct rule *rule, const char *action, const char *text);

/* Counts the call if it is the rule's: whether the rule is now to act. */
bool rule_meets(struct rule *rule, const struct caller *caller);

#endif
