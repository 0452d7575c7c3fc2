/* signames.h - the signals that there are on Windows, by their names: the C
 * library's, and those that only the library has. */
#ifndef PCL_TESTS_SIGNAMES_H
#define PCL_TESTS_SIGNAMES_H

#include <signal.h>

#define SIGHUP 1
#define SIGQUIT 3
#define SIGKILL 9
#define SIGUSR1 16
#define SIGUSR2 17
/* None of these. */
#define SIGRTMIN 65
#define SIGRTMAX 64

#define SIGNAMES \
	{ SIGHUP, "HUP" }, { SIGINT, "INT" }, { SIGQUIT, "QUIT" }, \
	{ SIGILL, "ILL" }, { SIGFPE, "FPE" }, { SIGKILL, "KILL" }, \
	{ SIGSEGV, "SEGV" }, { SIGTERM, "TERM" }, { SIGUSR1, "USR1" }, \
	{ SIGUSR2, "USR2" }, { SIGBREAK, "BREAK" }, { SIGABRT, "ABRT" }

#define SIGNAMES_LEAST 12

#endif
