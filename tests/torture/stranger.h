/*
 * A process that nobody has any business with, perhaps under a pid that was
 * another one's.
 *
 *	stranger_start(&it, pid, NULL);
 *	...
 *	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 0);
 *	stranger_end(&it);
 *
 * It is in the caller's process group and session, so that it hears what was
 * meant for them, too.
 */
#ifndef TORTURE_STRANGER_H
#define TORTURE_STRANGER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stranger {
	pid_t pid;
	int in;
	int out;
};

/*
 * pid: the one to have, which must be free; 0: any.  pid_file: NULL, or one
 * that it holds by the library: no stranger then, but as good a witness.
 * False, with the reason in errno and stranger_why(): EAGAIN, somebody else
 * was faster; this pid is not to be had here.
 */
bool stranger_start(struct stranger *self, pid_t pid, const char *pid_file);
const char *stranger_why(void);

/*
 * How many signals it has got since it was last asked; each as a line of
 * text, "signal 15 from 4711".  Whatever was sent before is counted.  That
 * it is stopped or dead counts, too.
 */
int stranger_heard(struct stranger *self, char *text, size_t size);

/* It ends, and is reaped. */
void stranger_end(struct stranger *self);

/*
 * fork() without fork handlers into a child with this pid, which must be
 * free; -1 and errno where that is not allowed.  The child may do what is
 * safe in a signal handler, and exec.
 */
pid_t reuse_fork(pid_t pid);

#endif
