/* The facts of a snapshot, for snapshot.c. */
#ifndef TOOLKIT_FACTS_H
#define TOOLKIT_FACTS_H

#include "snapshot.h"

/* Each adds its lines. */
void facts_take_fds(struct snapshot *snapshot);
void facts_take_threads(struct snapshot *snapshot);
void facts_take_processes(struct snapshot *snapshot, pid_t reaper);
void facts_take_signals(struct snapshot *snapshot);
void facts_take_place(struct snapshot *snapshot);
void facts_take_session(struct snapshot *snapshot);
void facts_take_timers(struct snapshot *snapshot);
void facts_take_files(struct snapshot *snapshot, const char *dir);

/* One line of a kind (TOOLKIT_FDS, ...). */
void snapshot_add(struct snapshot *snapshot, unsigned kind,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
