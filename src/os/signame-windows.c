/* signame-windows.c - the signals that there are here: the C library's, and
 * the library's own. */
#include <config.h>

#include <signal.h>
#include <string.h>

#include "os/os.h"

static const struct {
	int signum;
	const char *name;
} names[] = {
	{ 1, "HUP" },
	{ SIGINT, "INT" },
	{ 3, "QUIT" },
	{ SIGILL, "ILL" },
	{ SIGFPE, "FPE" },
	{ 9, "KILL" },
	{ SIGSEGV, "SEGV" },
	{ SIGTERM, "TERM" },
	{ 16, "USR1" },
	{ 17, "USR2" },
	{ SIGBREAK, "BREAK" },
	{ SIGABRT, "ABRT" },
};

const char *
pcl_os_signal_name(int signum)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].signum == signum)
			return names[i].name;
	return NULL;
}

int
pcl_os_signal_number(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].signum;
	return 0;
}
