/* What the traced do, and what is done to them. */
#ifndef TORTURE_EVENTS_H
#define TORTURE_EVENTS_H

#include "tracees.h"
#include "tracer.h"

void events_begin(struct tracer *tracer);

/* A thread has stopped or ended, says waitpid(). */
void events_changed(pid_t tid, int status);

/* Let it run to its next stop, with a signal or 0. */
void events_go_on(struct tracee *tracee, int signo);

/* How often rules have acted. */
long events_injected(void);

#endif
