/*
 * install.c - signals that run the exit handlers.
 *
 * Promise: all of the signals or none; a handler of the program's own is not
 * displaced, and what is ignored stays ignored; the end comes within the
 * deadline, whatever a handler does.
 */
#include "atexit.h"

#include <proclc/signals.h>

#include "crash.h"
#include "dispatch.h"
#include "disposition.h"
#include "ending.h"
#include "error.h"
#include "fork.h"
#include "guard.h"
#include "registry.h"

enum {
	DEADLINE_MS = 10000,
	FLAGS = PROCLC_ATEXIT_STATUS_SIGNUM | PROCLC_ATEXIT_NO_LIBC_EXIT |
	    PROCLC_ATEXIT_SECOND_ENDS | PROCLC_ATEXIT_CHAIN |
	    PROCLC_ATEXIT_INT_IN_CHILDREN | PROCLC_ATEXIT_NO_CHILD_THREAD |
	    PROCLC_ATEXIT_NO_CRASH_HOOK
};

static struct {
	struct pcl_subscriber signals[PCL_SIGNALS];
	size_t n;
	uint32_t owner;	/* 0: not installed */
	struct pcl_os_sigset ignored;	/* passed over, for they were */
	uint32_t flags;
	int64_t deadline_ms;
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
uninstall_signals(bool failed)
{
	while (installed.n > 0)
		pcl_unsubscribe(&installed.signals[--installed.n]);
	pcl_crash_allow(true);
	pcl_ending_unbound(failed);
	pcl_disposition_passive((struct pcl_os_sigset){ .bits = 0 });
	installed.owner = 0;
}

/* May it be installed?  1: yes; 0: it is ignored, and stays so. */
static int
check_signal(int signum, bool chain)
{
	enum pcl_os_action before;

	if (!pcl_os_signal_valid(signum) ||
	    !pcl_os_signal_terminates(signum) || pcl_os_signal_faults(signum))
		return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_SIGNAL,
		    "install signal %d", signum);
	before = pcl_disposition_before(signum);
	if (before == PCL_OS_FOREIGN && !chain)
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
		.stays = true,
		.chain = (installed.flags & PROCLC_ATEXIT_CHAIN) != 0,
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

static unsigned
manner(uint32_t flags)
{
	unsigned m = 0;

	if ((flags & PROCLC_ATEXIT_STATUS_SIGNUM) != 0)
		m |= PCL_END_BY_CODE;
	if ((flags & PROCLC_ATEXIT_NO_LIBC_EXIT) != 0)
		m |= PCL_END_WITHOUT_LIBC;
	if ((flags & PROCLC_ATEXIT_SECOND_ENDS) != 0)
		m |= PCL_END_AT_SECOND;
	return m;
}

/* In a forked child, whose thread has nothing else to do: the guard is made
 * now, and if that fails the handlers run unbounded. */
static bool
on_child_signal(struct pcl_subscriber *subscriber,
    const struct pcl_signal *signal)
{
	struct pcl_deadline *deadline;

	(void)subscriber;
	if (pcl_ending_bound(installed.deadline_ms, manner(installed.flags),
	    &deadline) < 0)
		pcl_log("exit handlers: %s", proclc_errmsg());
	pcl_end(PROCLC_EXIT_SIGNAL, 128 + signal->signum, signal->signum);
}

static bool
is_passive(int signum)
{
	return signum == PROCLC_SIGINT &&
	    (installed.flags & PROCLC_ATEXIT_INT_IN_CHILDREN) == 0;
}

/* In a forked child: its shared handlers run on a signal, too, although it may
 * never call the library again. */
static void
born(void)
{
	if (installed.owner == 0 || pcl_dispatch_manual() ||
	    (installed.flags & PROCLC_ATEXIT_NO_CHILD_THREAD) != 0 ||
	    !pcl_registry_any_shared())
		return;
	for (size_t i = 0; i < installed.n; i++) {
		struct pcl_subscriber *s = &installed.signals[i];

		s->fn = on_child_signal;
		s->deadline = NULL;
		if (!is_passive(s->signum) && pcl_subscribe(s) < 0)
			pcl_log("exit handlers of a child: %s",
			    proclc_errmsg());
	}
}

static const struct pcl_fork_unit unit = {
	.name = "install",
	.born = born,
	.settle = settle,
};

/* First look at all of them: a refusal shall cost nothing.  1: all may be. */
static int
check_signals(const struct proclc_atexit_options *o, bool *wanted)
{
	bool chain = (o->flags & PROCLC_ATEXIT_CHAIN) != 0;
	int rc = 1;

	for (size_t i = 0; i < o->n_signals && rc >= 0; i++) {
		rc = check_signal(o->signals[i], chain);
		wanted[i] = rc == 1;
	}
	return rc;
}

static int
install_signals(const struct proclc_atexit_options *o)
{
	struct pcl_deadline *deadline;
	bool wanted[PCL_SIGNALS];
	int rc = check_signals(o, wanted);

	if (rc < 0)
		return rc;
	rc = pcl_ending_bound(o->deadline_ms, manner(o->flags), &deadline);
	installed.ignored.bits = 0;
	installed.flags = o->flags;
	installed.deadline_ms = o->deadline_ms;
	for (size_t i = 0; i < o->n_signals && rc == 0; i++) {
		if (wanted[i])
			rc = install_signal(o->signals[i], deadline);
		else
			installed.ignored.bits |=
			    (uint64_t)1 << (o->signals[i] - 1);
	}
	if (rc == 0)
		pcl_crash_allow((o->flags & PROCLC_ATEXIT_NO_CRASH_HOOK) == 0);
	for (size_t i = 0; i < o->n_signals && rc == 0; i++)
		if (wanted[i] && is_passive(o->signals[i]))
			pcl_disposition_passive((struct pcl_os_sigset){
			    .bits = (uint64_t)1 << (o->signals[i] - 1) });
	if (rc < 0)
		uninstall_signals(true);
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
	if ((o->flags & ~(uint32_t)FLAGS) != 0 || o->deadline_ms < 0 ||
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
	uninstall_signals(false);
	return 0;
}
