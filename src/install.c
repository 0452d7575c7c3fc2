/*
 * install.c - signals that run the exit handlers.
 *
 * Promise: all of the signals or none; a handler of the program's own is not
 * displaced, and what is ignored stays ignored; the end comes within the
 * deadline, whatever a handler does.
 */
#include "atexit.h"

#include <proclc/signals.h>

#include "disposition.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

enum { DEADLINE_MS = 10000 };

static struct {
	struct pcl_subscriber signals[PCL_SIGNALS];
	size_t n;
	uint32_t owner;	/* 0: not installed */
	struct pcl_os_sigset ignored;	/* passed over, for they were */
} installed;
static bool known;

bool
pcl_atexit_installed(void)
{
	return installed.owner != 0;
}

static bool
on_signal(struct pcl_subscriber *subscriber, const struct pcl_signal *signal)
{
	(void)subscriber;
	pcl_end(PROCLC_EXIT_SIGNAL, 128 + signal->signum, signal->signum);
}

static void
uninstall_signals(void)
{
	while (installed.n > 0)
		pcl_unsubscribe(&installed.signals[--installed.n]);
	pcl_ending_unbound();
	installed.owner = 0;
}

/* May it be installed?  1: yes; 0: it is ignored, and stays so. */
static int
check_signal(int signum)
{
	enum pcl_os_action before;

	if (!pcl_os_signal_valid(signum) ||
	    !pcl_os_signal_terminates(signum) || pcl_os_signal_faults(signum))
		return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_SIGNAL,
		    "install signal %d", signum);
	before = pcl_disposition_before(signum);
	if (before == PCL_OS_FOREIGN)
		return pcl_fail(PROCLC_EBUSY, PROCLC_STAGE_SIGNAL,
		    "install signal %d, which has a handler", signum);
	return before != PCL_OS_IGNORED;
}

static int
install_signal(int signum, struct pcl_deadline *deadline)
{
	struct pcl_subscriber *s = &installed.signals[installed.n];
	int rc;

	*s = (struct pcl_subscriber){
		.signum = signum,
		.priority = PCL_PRIORITY_EXIT,
		.fn = on_signal,
		.deadline = deadline,
	};
	rc = pcl_subscribe(s);
	if (rc == 0)
		installed.n++;
	return rc;
}

/* A daemon heeds what it inherited ignored: then it is installed after all. */
static int
settle(bool moved)
{
	struct pcl_deadline *deadline = installed.n == 0 ? NULL :
	    installed.signals[0].deadline;
	int rc = 0;

	if (!moved || installed.owner != pcl_process())
		return 0;
	for (int signum = 1; signum < PCL_SIGNALS && rc == 0; signum++)
		if ((installed.ignored.bits >> (signum - 1) & 1) != 0)
			rc = install_signal(signum, deadline);
	installed.ignored.bits = 0;
	return rc;
}

static const struct pcl_fork_unit unit = {
	.name = "install",
	.settle = settle,
};

/* First look at all of them: a refusal shall cost nothing. */
static int
install_signals(const struct proclc_atexit_options *o)
{
	struct pcl_deadline *deadline;
	bool wanted[PCL_SIGNALS];
	int rc = 0;

	for (size_t i = 0; i < o->n_signals; i++) {
		rc = check_signal(o->signals[i]);
		if (rc < 0)
			return rc;
		wanted[i] = rc == 1;
	}
	rc = pcl_ending_bound(o->deadline_ms, &deadline);
	installed.ignored.bits = 0;
	for (size_t i = 0; i < o->n_signals && rc == 0; i++) {
		if (wanted[i])
			rc = install_signal(o->signals[i], deadline);
		else
			installed.ignored.bits |=
			    (uint64_t)1 << (o->signals[i] - 1);
	}
	if (rc < 0)
		uninstall_signals();
	return rc;
}

static int
read_options(struct proclc_atexit_options *o,
    const struct proclc_atexit_options *options)
{
	static const int usual[] = { PROCLC_SIGTERM, PROCLC_SIGINT };
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if (o->flags != 0 || o->deadline_ms < 0 ||
	    o->n_signals >= PCL_SIGNALS)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "install: flags, deadline, number of signals");
	if (o->signals == NULL) {
		o->signals = usual;
		o->n_signals = sizeof(usual) / sizeof(usual[0]);
	}
	if (o->deadline_ms == 0)
		o->deadline_ms = DEADLINE_MS;
	return 0;
}

/* Claim the installation: only one in a tree of processes. */
static int
claim_install(void)
{
	uint32_t process;
	int rc = pcl_atexit_enter(&process);

	if (rc < 0)
		return rc;
	if (installed.owner != 0)
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_SIGNAL,
		    "install exit handling");
	else
		installed.owner = process;
	if (!known)
		pcl_fork_add_unit(&unit);
	known = true;
	pcl_unlock(PCL_LOCK_ATEXIT);
	return rc;
}

int
proclc_atexit_install(const struct proclc_atexit_options *options)
{
	struct proclc_atexit_options o;
	int rc = read_options(&o, options);

	if (rc == 0)
		rc = claim_install();
	if (rc < 0)
		return rc;
	rc = install_signals(&o);
	if (rc < 0)
		installed.owner = 0;
	return rc;
}

int
proclc_atexit_uninstall(void)
{
	uint32_t process, owner;
	int rc = pcl_atexit_enter(&process);

	if (rc < 0)
		return rc;
	owner = installed.owner;
	pcl_unlock(PCL_LOCK_ATEXIT);
	if (owner == 0)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "uninstall exit handling");
	if (owner != process)
		return pcl_fail(PROCLC_ENOTOWNER, PROCLC_STAGE_ARGUMENTS,
		    "uninstall exit handling");
	uninstall_signals();
	return 0;
}
