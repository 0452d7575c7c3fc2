/* What else than the system's errno is a true answer, for several sweeps. */
#ifndef TORTURE_ANSWERS_H
#define TORTURE_ANSWERS_H

#include "sweep.h"

#include <proclc.h>

#include <errno.h>
#include <stddef.h>

/* What pthread_create(3) makes of it, in a table of answers. */
#define THREAD_ANSWERS \
	{ "mmap", 0, PROCLC_EAGAIN }, \
	{ "mprotect", 0, PROCLC_EAGAIN }, \
	{ "clone3", 0, PROCLC_EAGAIN }, \
	{ "clone", 0, PROCLC_EAGAIN }, \
	{ "malloc", ENOMEM, PROCLC_EAGAIN }

#endif
