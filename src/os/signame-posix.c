/* signame-posix.c - the names of signals. */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"

struct name {
	int signum;
	const char *name;
};

#define NAME(name) { SIG##name, #name }

static const struct name names[] = {
	NAME(HUP), NAME(INT), NAME(QUIT), NAME(ILL), NAME(TRAP), NAME(ABRT),
	NAME(BUS), NAME(FPE), NAME(KILL), NAME(USR1), NAME(SEGV), NAME(USR2),
	NAME(PIPE), NAME(ALRM), NAME(TERM), NAME(CHLD), NAME(CONT),
	NAME(STOP), NAME(TSTP), NAME(TTIN), NAME(TTOU), NAME(URG),
	NAME(XCPU), NAME(XFSZ), NAME(VTALRM), NAME(PROF), NAME(SYS),
#ifdef SIGWINCH
	NAME(WINCH),
#endif
#ifdef SIGIO
	NAME(IO),
#endif
#ifdef SIGPOLL
	NAME(POLL),
#endif
#ifdef SIGPWR
	NAME(PWR),
#endif
#ifdef SIGSTKFLT
	NAME(STKFLT),
#endif
#ifdef SIGINFO
	NAME(INFO),
#endif
#ifdef SIGIOT
	NAME(IOT),
#endif
#ifdef SIGCLD
	NAME(CLD),
#endif
};

#ifdef SIGRTMIN
/* From the lower end; SIGRTMIN is no constant, but near enough to one. */
static const char *const realtime[] = {
	"RTMIN", "RTMIN+1", "RTMIN+2", "RTMIN+3", "RTMIN+4", "RTMIN+5",
	"RTMIN+6", "RTMIN+7", "RTMIN+8", "RTMIN+9", "RTMIN+10", "RTMIN+11",
	"RTMIN+12", "RTMIN+13", "RTMIN+14", "RTMIN+15", "RTMIN+16",
	"RTMIN+17", "RTMIN+18", "RTMIN+19", "RTMIN+20", "RTMIN+21",
	"RTMIN+22", "RTMIN+23", "RTMIN+24", "RTMIN+25", "RTMIN+26",
	"RTMIN+27", "RTMIN+28", "RTMIN+29", "RTMIN+30", "RTMIN+31",
};

static const char *
realtime_name(int signum)
{
	int n;

	if (signum < SIGRTMIN || signum > SIGRTMAX)
		return NULL;
	n = signum - SIGRTMIN;
	return (size_t)n < sizeof(realtime) / sizeof(realtime[0]) ?
	    realtime[n] : NULL;
}

/* "RTMIN", "RTMIN+3", "RTMAX-2" */
static int
realtime_number(const char *name)
{
	int base, n = 0;
	char *end;

	if (strncmp(name, "RTMIN", 5) == 0)
		base = SIGRTMIN;
	else if (strncmp(name, "RTMAX", 5) == 0)
		base = SIGRTMAX;
	else
		return 0;
	if (name[5] != '\0') {
		if (name[5] != (base == SIGRTMIN ? '+' : '-') ||
		    name[6] < '0' || name[6] > '9' || strlen(name) > 8)
			return 0;
		n = (int)strtol(name + 5, &end, 10);
		if (*end != '\0')
			return 0;
	}
	n += base;
	return n >= SIGRTMIN && n <= SIGRTMAX ? n : 0;
}
#else
static const char *
realtime_name(int signum)
{
	(void)signum;
	return NULL;
}

static int
realtime_number(const char *name)
{
	(void)name;
	return 0;
}
#endif

const char *
pcl_os_signal_name(int signum)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].signum == signum)
			return names[i].name;
	return realtime_name(signum);
}

int
pcl_os_signal_number(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].signum;
	return realtime_number(name);
}
