/*
 * For --enable-coverage alone: a process that leaves by _exit() saves its
 * counters first, or most of what runs in a child would count as never run.
 */
#ifndef PCL_COVERAGE_H
#define PCL_COVERAGE_H

#include <unistd.h>

void __gcov_dump(void);
#define _exit(status) (__gcov_dump(), (_exit)(status))

#endif
