/*
 * What a program may do that makes it hard to end: steps for scenarios, to
 * be taken by name, before it says that it is ready.
 */
#ifndef SCN_POSTURE_H
#define SCN_POSTURE_H

#include "../toolkit/scn.h"

#include <stdbool.h>

struct step {
	const char *name;     /* "word", or "word=" with a value behind it */
	void (*fn)(const char *value);
};

/* Takes the step that word names; false: it is not in this list. */
bool step_take(const struct step *steps, size_t n, const char *word);

/* Takes a step of posture.c: the list is there. */
bool posture_take(const char *word);

/* In the end: does what a step has said, for ever; or returns. */
void posture_last(void);

/* Waits for ever. */
_Noreturn void rest(void);

/* Waits for the end of file; of a pipe, whose other end it closes: then it is
 * when all others have closed it. */
void await_end(int fd);
void await_closed(const int fds[2]);

/* Says "refused NAME" where rc is an error. */
bool refused(int rc);

#endif
