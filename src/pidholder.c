/*
 * pidholder.c - who holds a pid file, asked without taking a lock.
 *
 * Promise: a process is named only while it is pinned and after it was found,
 * once pinned, to be the holder.
 */
#include "pidfile.h"

#include <inttypes.h>
#include <string.h>

#include "error.h"
#include "fork.h"
#include "pidplace.h"

/* A pid has few digits; what is longer than a line or two is no pid file. */
enum { CONTENT_MAX = 256 };

/* The pid in a pid file's text, or PROCLC_EMALFORMED. */
static int
parse(const char *text, size_t size, int64_t *pid)
{
	size_t i = 0;
	int64_t n = 0;
	int digits = 0;

	while (i < size && strchr(" \t\r\n", text[i]) != NULL &&
	    text[i] != '\0')
		i++;
	for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
		n = n * 10 + (text[i] - '0');
		if (n > INT32_MAX)
			return PROCLC_EMALFORMED;
		digits++;
	}
	while (i < size && (text[i] == ' ' || text[i] == '\t' ||
	    text[i] == '\r'))
		i++;
	if (digits == 0 || n < 1 || (i < size && text[i] != '\n'))
		return PROCLC_EMALFORMED;
	*pid = n;
	return 0;
}

int
pcl_pid_content(intptr_t file, int64_t *pid)
{
	char text[CONTENT_MAX];
	int n = pcl_os_file_read(file, text, sizeof(text));

	if (n < 0)
		return n;
	if (n == 0)
		return PROCLC_ESTARTING;
	return parse(text, (size_t)n, pid);
}

/*
 * Who holds the file?  A lock that can name its holder is believed alone: the
 * text may still be an older one's, and its pid a stranger's by now.
 */
int
pcl_pid_holder(intptr_t file, int64_t *pid)
{
	int rc = pcl_os_lock_probe(file, pid);

	if (rc < 0)
		return rc;
	switch (rc) {
	case PCL_OS_LOCK_FREE:
		return PROCLC_ENOTRUNNING;
	case PCL_OS_LOCK_NAMED:
		return 0;
	case PCL_OS_LOCK_UNNAMED:
		return PROCLC_ESTARTING;
	default:
		rc = pcl_pid_content(file, pid);
		if (rc == PROCLC_EMALFORMED)
			return PROCLC_ESTARTING;
		return rc < 0 ? rc : PCL_BY_TEXT;
	}
}

/* A holder that has closed another descriptor of its file has lost its name,
 * but not the file.  A starter empties the file, so the text is the holder's;
 * and should one hang before that, what its predecessor wrote names a process
 * that is gone, or one that is younger than the text. */
static int
holder_by_text(intptr_t file, int64_t *pid)
{
	struct pcl_os_process process;
	bool believed;

	if (pcl_pid_content(file, pid) < 0 ||
	    pcl_os_process_open(&process, *pid) < 0)
		return PROCLC_ESTARTING;
	believed = pcl_os_process_alive(&process) > 0 &&
	    pcl_os_process_older(&process, file) > 0;
	pcl_os_process_close(&process);
	return believed ? PCL_BY_TEXT : PROCLC_ESTARTING;
}

/* Between taking the lock and the pid in the file a starter needs a moment. */
int
pcl_pid_holder_patiently(intptr_t file, int64_t *pid)
{
	int64_t due = pcl_os_now() + PCL_PATIENCE_MS;
	int rc;

	while ((rc = pcl_pid_holder(file, pid)) == PROCLC_ESTARTING &&
	    pcl_os_now() < due)
		pcl_pidfile_pause();
	return rc == PROCLC_ESTARTING ? holder_by_text(file, pid) : rc;
}

/* Is it still as it was found? */
static bool
unchanged(intptr_t file, int by, int64_t pid)
{
	int64_t again = 0;
	int rc = pcl_pid_holder(file, &again);

	if (rc == PROCLC_ESTARTING && by == PCL_BY_TEXT)
		rc = holder_by_text(file, &again);
	return rc == by && again == pid;
}

/* Pin the process, then ask again: only what has not changed is true. */
static int
pin_holder(intptr_t file, struct pcl_os_process *process)
{
	int64_t pid = 0;
	int rc, by = pcl_pid_holder_patiently(file, &pid);

	if (by < 0)
		return by;
	if (pid == 0)
		return PROCLC_ENOTSUP;
	rc = pcl_os_process_pin(process, pid);
	if (rc == PROCLC_ESRCH)
		return PROCLC_EAGAIN;
	if (rc < 0)
		return rc;
	/* A text may be an older holder's, and its pid a stranger's by now:
	 * then the next holder is about to replace it, which makes the file
	 * younger.  So the text is read once more after that look. */
	if ((by != PCL_BY_TEXT || pcl_os_process_older(process, file) != 0) &&
	    unchanged(file, by, pid))
		return 0;
	pcl_os_process_close(process);
	return PROCLC_EAGAIN;
}

/* Nobody holds it: is the process that it names alive all the same?  The one
 * that wrote it is older than the file; neither init nor we ever are. */
static int
pin_named(intptr_t file, bool unlocked, struct pcl_os_process *process)
{
	int64_t pid = 0;
	int rc = pcl_pid_content(file, &pid);

	if (rc == PROCLC_ESTARTING)
		return PROCLC_ENOTRUNNING;
	if (rc < 0)
		return rc;
	rc = pcl_os_process_pin(process, pid);
	if (rc == PROCLC_ESRCH)
		return PROCLC_ENOTRUNNING;
	if (rc < 0)
		return rc;
	if (pcl_os_process_alive(process) <= 0) {
		pcl_os_process_close(process);
		return PROCLC_ENOTRUNNING;
	}
	if (!unlocked || pid == 1 || pid == pcl_os_pid())
		return PROCLC_EUNLOCKED;
	rc = pcl_os_process_older(process, file);
	if (rc > 0)
		return 0;
	if (rc == 0)
		return PROCLC_EUNLOCKED;
	pcl_os_process_close(process);
	return rc;
}

static int
pin_file(intptr_t file, bool unlocked, struct pcl_os_process *process)
{
	int64_t due = pcl_os_now() + PCL_PATIENCE_MS;
	int rc;

	do {
		rc = pin_holder(file, process);
		if (rc == PROCLC_ENOTRUNNING)
			return pin_named(file, unlocked, process);
		if (rc == PROCLC_EAGAIN)
			pcl_pidfile_pause();
	} while (rc == PROCLC_EAGAIN && pcl_os_now() < due);
	return rc == PROCLC_EAGAIN ? PROCLC_ESTARTING : rc;
}

/* By its path alone: a reader needs no name to stay what it was, for what it
 * has opened is looked at. */
static int
pin_path(const char *path, bool unlocked, struct pcl_os_process *process)
{
	struct pcl_os_file_id id;
	intptr_t file;
	int rc = pcl_os_file_look(path, &id);

	if (rc < 0)
		return rc;
	/* Our own: ask nobody. */
	if (pcl_pidfile_find(&id) != NULL)
		return pcl_os_process_pin(process, pcl_os_pid());
	rc = pcl_os_file_read_open(path, &file, &id);
	if (rc < 0)
		return rc;
	rc = pin_file(file, unlocked, process);
	pcl_close_same(&file, &id);
	pcl_pidfile_reidentify(&id);
	return rc;
}

int
pcl_pidfile_pin(const char *path, bool unlocked,
    struct pcl_os_process *process)
{
	int rc;

	if (path == NULL || *path == '\0')
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "read a pid file");
	rc = pcl_pidfile_enter();
	if (rc < 0)
		return rc;
	rc = pin_path(path, unlocked, process);
	pcl_unlock(PCL_LOCK_PIDFILE);
	if (rc == PROCLC_EUNLOCKED)
		return pcl_fail_pid(rc, PROCLC_STAGE_CHECK, process->pid,
		    "read %s: pid %" PRId64 " lives, but does not hold it",
		    path, process->pid);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_READ, "read %s", path);
	return 0;
}

int
proclc_pidfile_status(const char *path, int64_t *pid)
{
	struct pcl_os_process process;
	int rc = pcl_pidfile_pin(path, false, &process);

	if (rc == 0 && pid != NULL)
		*pid = process.pid;
	if (rc == 0 || rc == PROCLC_EUNLOCKED)
		pcl_os_process_close(&process);
	return rc;
}
