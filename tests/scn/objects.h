/* The handler objects that a scenario has, and commands for them. */
#ifndef SCN_OBJECTS_H
#define SCN_OBJECTS_H

#include "script.h"

#include <proclc.h>

#include <stdatomic.h>
#include <stdbool.h>

/*
 * new A [FILE]; set A SIG KIND; start A; stop A; free A    objects a to d
 * handle A SIG KIND    new, set, start
 * stop_beside A         in another thread, which is not waited for
 * go                   let a callback through that waits
 * counted              how often the kind "count" was called
 * What a callback does (KIND) is the table kinds.
 */
extern const struct command object_commands[];

/* First thing in main(). */
void objects_begin(void);

extern atomic_int objects_count;
/* The next callback of kind "count" tells that it came after the last. */
extern atomic_bool objects_last_is_sent;

void objects_count_call(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
/* Is fd the pipe that callbacks wait at? */
bool objects_is_gate(int fd);
struct proclc_sighandler *objects_get(const char *name);

#endif
