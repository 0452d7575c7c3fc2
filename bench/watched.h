/* watched.h - children that watch their parent, by bare calls. */
#ifndef BENCH_WATCHED_H
#define BENCH_WATCHED_H

/*
 * In a child: watch the parent by its pidfd from a thread, which also lets
 * SIGTERM in, and ends the process as by that in either case.  This is what
 * the library's tasks do.
 */
void
watched_begin(int parent_pidfd);

#endif
