/*
 * notify.c - tell the supervisor how this process is.
 *
 * Promise: where nobody listens, nothing is sent, and nothing is changed; no
 * descriptor stays open.
 */
#include <proclc/notify.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "os/kin.h"

enum { NAME_SIZE = 256, TEXT_MAX = 2048 };

/* What was taken out of the environment. */
static struct {
	bool is;
	char socket[NAME_SIZE];
	char watchdog[32], watched[32];
} taken;

static const char *const names[] = {
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
};

/* "": it is not set. */
static const char *
look_up(const char *name, const char *kept)
{
	const char *text = !pcl_os_notifies ? NULL :
	    taken.is ? kept : getenv(name);

	return text == NULL ? "" : text;
}

static const char *
socket_name(void)
{
	return look_up(names[0], taken.socket);
}

int
proclc_notify_take(void)
{
	const char *socket = socket_name();
	int rc;

	if (taken.is)
		return socket[0] != '\0';
	if (strlen(socket) >= sizeof(taken.socket))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ENVIRONMENT,
		    "notify: NOTIFY_SOCKET");
	snprintf(taken.socket, sizeof(taken.socket), "%s", socket);
	snprintf(taken.watchdog, sizeof(taken.watchdog), "%s",
	    look_up(names[1], ""));
	snprintf(taken.watched, sizeof(taken.watched), "%s",
	    look_up(names[2], ""));
	rc = pcl_os_environment(names, sizeof(names) / sizeof(names[0]), NULL);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_ENVIRONMENT, "notify");
	taken.is = true;
	return taken.socket[0] != '\0';
}

/* 1, told; 0, nobody listens. */
static int
tell(const char *text)
{
	const char *name = socket_name();
	int rc;

	if (name[0] == '\0')
		return 0;
	rc = pcl_os_notify(name, text);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_PIPE, "notify %s", name) : 1;
}

int
proclc_notify_ready(void)
{
	return tell("READY=1");
}

int
proclc_notify_stopping(void)
{
	return tell("STOPPING=1");
}

int
proclc_notify_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    pcl_os_notify_usec());
	return tell(text);
}

int
proclc_notify_status(const char *text)
{
	char line[TEXT_MAX + 16];

	if (text == NULL || strchr(text, '\n') != NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "notify: status");
	if (strlen(text) > TEXT_MAX)
		return pcl_fail(PROCLC_E2BIG, PROCLC_STAGE_ARGUMENTS,
		    "notify: status");
	snprintf(line, sizeof(line), "STATUS=%s", text);
	return tell(line);
}

int
proclc_notify_ping(void)
{
	return tell("WATCHDOG=1");
}

int
proclc_notify_ready_fd(int fd)
{
	int rc = pcl_os_notify_line(fd);

	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_WRITE,
	    "notify descriptor %d", fd) : 1;
}

int
proclc_notify_barrier(int64_t timeout_ms)
{
	const char *name = socket_name();
	int rc;

	if (timeout_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "notify: timeout");
	if (name[0] == '\0')
		return 0;
	rc = pcl_os_notify_barrier(name, pcl_due(timeout_ms));
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_WAIT, "notify %s: barrier",
	    name) : 1;
}

/* A whole number, more than 0; 0: it is none. */
static int64_t
positive(const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value > 0 ?
	    value : 0;
}

int64_t
proclc_notify_watchdog(void)
{
	const char *time = look_up(names[1], taken.watchdog);
	const char *pid = look_up(names[2], taken.watched);
	int64_t usec = positive(time);

	if (time[0] == '\0')
		return 0;
	if (usec == 0 || (pid[0] != '\0' && positive(pid) == 0))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ENVIRONMENT,
		    "notify: watchdog");
	if (pid[0] != '\0' && positive(pid) != pcl_os_pid())
		return 0;
	return usec < 1000 ? 1 : usec / 1000;
}
