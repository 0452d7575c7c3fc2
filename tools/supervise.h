/* supervise.h - what proclc run and proclc keep have in common. */
#ifndef TOOLS_SUPERVISE_H
#define TOOLS_SUPERVISE_H

#include "proclc.h"

#include <proclc.h>

#include <poll.h>

enum { SIGNALS = 65, DROPPED = -1, GRACE_MS = 10000 };

struct supervision {
	const struct command *self;
	char **program;
	int64_t grace_ms;	/* from SIGTERM to SIGKILL */
	bool group;	/* PROGRAM leads one, and signals are for all of it */
	bool outlive;	/* our parent's end is not ours */
	bool quiet;
	bool keep;	/* run it again, as this says; SIGTERM is a stop */
	struct proclc_restart restart;
	int rewrite[SIGNALS];	/* send this one instead, or DROPPED; 0: not */
	bool expected[256];	/* these exit codes are taken for a 0 */

	struct proclc_task *target;	/* whom signals are passed on to */
	int pair[2];	/* the inner process's end, the outer one's */
	int end;	/* of this process */
	bool has_inner;
	bool started;	/* PROGRAM has run */
};

/* Run PROGRAM, and end all that is left of it; the exit code. */
int
supervise(struct supervision *s);

/* The inner process, or the only one: run PROGRAM once; the exit code. */
int
supervise_program(struct supervision *s);
/* Pass on what comes, to the target. */
bool
pass_signals(struct supervision *s);
/* Wait for the first n of these, and pass on meanwhile what was sent and means
 * a crash otherwise; there is room for one more. */
void
await_any(const struct supervision *s, struct pollfd *fds, nfds_t n);
/* Have the inner process end PROGRAM; it is told once. */
void
request_stop(const struct supervision *s);
/* Of an ended one, as a shell says it. */
int
exit_code(const struct proclc_status *status);

/* crashes.c: from now on the signals of a crash do not end us when they were
 * sent; false: errno.  What to poll for them, and the next one; 0: none. */
bool
take_crashes(void);
int
crashes_fd(void);
int
next_crash(void);

/* Descriptors that were open when we were started, noted and then closed; and
 * 0 and 1 lead nowhere: who reads what PROGRAM writes waits for its end. */
void
note_inherited(void);
void
let_go_inherited(void);

#endif
