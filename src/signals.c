/*
 * signals.c - reach a daemon by its pid file.
 *
 * Promise: a process is signalled only while it is pinned and after it was
 * found, once pinned, to hold the file's lock.
 */
#include <proclc/signals.h>

#include <inttypes.h>
#include <string.h>

#include "error.h"
#include "pidfile.h"

enum { GRACE_MS = 10000, KILL_WAIT_MS = 5000 };

static int
check_signal(int signum)
{
	if (pcl_os_signal_name(signum & ~PROCLC_SEND_UNLOCKED) != NULL)
		return 0;
	return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_ARGUMENTS, "signal %d",
	    signum);
}

/* The process, pinned; any refusal leaves nothing open. */
static int
pin(const char *pid_file, int signum, struct pcl_os_process *process)
{
	int rc = pcl_pidfile_pin(pid_file,
	    (signum & PROCLC_SEND_UNLOCKED) != 0, process);

	if (rc == PROCLC_EUNLOCKED)
		pcl_os_process_close(process);
	return rc;
}

static int
send_to(const struct pcl_os_process *process, int signum)
{
	int rc = pcl_os_process_signal(process, signum);

	if (rc == PROCLC_ESRCH)
		rc = PROCLC_ENOTRUNNING;
	if (rc < 0)
		pcl_fail_pid(rc, PROCLC_STAGE_SIGNAL, process->pid,
		    "signal %d to pid %" PRId64 ": %s", signum, process->pid,
		    proclc_strerror(rc));
	return rc;
}

int
proclc_send(const char *pid_file, int signum)
{
	struct pcl_os_process process;
	int rc = check_signal(signum);

	if (rc == 0)
		rc = pin(pid_file, signum, &process);
	if (rc < 0)
		return pcl_fail_in("send");
	rc = send_to(&process, signum & ~PROCLC_SEND_UNLOCKED);
	pcl_os_process_close(&process);
	return rc < 0 ? pcl_fail_in("send") : 0;
}

int
proclc_ping(const char *pid_file)
{
	struct pcl_os_process process;
	int alive, rc = pin(pid_file, 0, &process);

	if (rc < 0)
		return pcl_fail_in("ping");
	alive = pcl_os_process_alive(&process);
	pcl_os_process_close(&process);
	if (alive > 0)
		return 0;
	return pcl_fail(alive < 0 ? alive : PROCLC_ENOTRUNNING,
	    PROCLC_STAGE_CHECK, "ping %s", pid_file);
}

static int
read_options(struct proclc_stop_options *o,
    const struct proclc_stop_options *options)
{
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if ((o->signum & ~PROCLC_SEND_UNLOCKED) == 0)
		o->signum |= PROCLC_SIGTERM;
	if (o->grace_ms == 0)
		o->grace_ms = GRACE_MS;
	if (o->kill_wait_ms == 0)
		o->kill_wait_ms = KILL_WAIT_MS;
	if (o->grace_ms < PROCLC_NOW || o->kill_wait_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "times");
	return check_signal(o->signum);
}

/* Signal, wait, kill, wait; who does not listen is not waited for. */
static int
stop(const struct pcl_os_process *process,
    const struct proclc_stop_options *o)
{
	int rc = send_to(process, o->signum & ~PROCLC_SEND_UNLOCKED);

	if (rc == 0)
		rc = pcl_os_process_wait(process, pcl_due(o->grace_ms));
	if ((rc != PROCLC_ETIMEDOUT && rc != PROCLC_ENOTSUP) ||
	    o->kill_wait_ms == PROCLC_NOW)
		return rc;
	rc = send_to(process, PROCLC_SIGKILL);
	if (rc == 0)
		rc = pcl_os_process_wait(process, pcl_due(o->kill_wait_ms));
	return rc == 0 ? 1 : rc;
}

int
proclc_stop(const char *pid_file, const struct proclc_stop_options *options)
{
	struct proclc_stop_options o;
	struct pcl_os_process process;
	int rc = read_options(&o, options);

	if (rc == 0)
		rc = pin(pid_file, o.signum, &process);
	if (rc < 0)
		return pcl_fail_in("stop");
	rc = stop(&process, &o);
	pcl_os_process_close(&process);
	if (rc == PROCLC_ETIMEDOUT)
		pcl_fail_pid(rc, PROCLC_STAGE_WAIT, process.pid,
		    "pid %" PRId64 " does not end", process.pid);
	return rc < 0 ? pcl_fail_in("stop") : rc;
}

/* Upper case, without "SIG", into name. */
static int
normalise(const char *text, char *name, size_t size)
{
	size_t length = strlen(text);

	if (length >= size)
		return PROCLC_ESIGNAL;
	for (size_t i = 0; i <= length; i++)
		name[i] = text[i] >= 'a' && text[i] <= 'z' ?
		    (char)(text[i] - 'a' + 'A') : text[i];
	if (strncmp(name, "SIG", 3) == 0)
		memmove(name, name + 3, length - 2);
	return 0;
}

static int
decimal(const char *text)
{
	int n = 0;

	for (; *text >= '0' && *text <= '9' && n < 1000; text++)
		n = n * 10 + (*text - '0');
	return *text == '\0' && pcl_os_signal_name(n) != NULL ? n : 0;
}

int
proclc_signal_number(const char *text)
{
	char name[16];
	int n = 0;

	if (text == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "signal name");
	if (normalise(text, name, sizeof(name)) == 0)
		n = name[0] >= '0' && name[0] <= '9' ? decimal(name) :
		    pcl_os_signal_number(name);
	if (n == 0)
		return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_ARGUMENTS,
		    "signal \"%.32s\"", text);
	return n;
}

const char *
proclc_signal_name(int signum)
{
	return pcl_os_signal_name(signum);
}
