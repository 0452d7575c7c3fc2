/*
 * The facts of a snapshot: what the system tells of this process.
 *
 * A fact that it does not tell is named on stderr, once in a program.
 */
#define _GNU_SOURCE 1

#include "facts.h"
#include "fds.h"
#include "os.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned untold;

unsigned
snapshot_untold(void)
{
	return untold;
}

static void
unknown(unsigned kinds, const char *what)
{
	if ((untold & kinds) != kinds)
		dprintf(2, "toolkit: not checked here: %s\n", what);
	untold |= kinds;
}

/* There where the program was built with ThreadSanitizer. */
extern void __tsan_init(void) __attribute__((weak));

static void
add_fd(struct snapshot *self, int fd, bool *had_self)
{
	char target[160];
	struct stat st;
	bool is_self = os_fd_is_self(fd) && !*had_self;

	if (fstat(fd, &st) < 0)     /* the one that the list was read by */
		return;
	os_fd_target(fd, target, sizeof(target));
	*had_self = *had_self || is_self;
	snapshot_add(self, is_self ? TOOLKIT_SELF_PIDFD : TOOLKIT_FDS,
	    "fd %d -> %s (device %llx, inode %llu)", fd, target,
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
}

void
facts_take_fds(struct snapshot *self)
{
	bool had_self = false;
	int *fds;
	int n = fds_list(&fds);
	int i;

	for (i = 0; i < n; i++)
		add_fd(self, fds[i], &had_self);
	free(fds);
}

/* The first thread of each of the library's names is the library's. */
static unsigned
thread_kind(const char *name, unsigned *seen)
{
	unsigned bit = strcmp(name, "proclc") == 0 ? 1 :
	    strcmp(name, "proclc-guard") == 0 ? 2 :
	    strcmp(name, "proclc-spawner") == 0 ? 4 : 0;

	if (bit == 0 || (*seen & bit) != 0)
		return TOOLKIT_THREADS;
	*seen |= bit;
	return TOOLKIT_LIBRARY_THREADS;
}

/* What the asking thread blocks is a kind of its own. */
void
facts_take_threads(struct snapshot *self)
{
	struct os_thread *threads;
	unsigned seen = 0;
	int n = os_threads(&threads);
	int i;

	if (n == OS_UNKNOWN || __tsan_init != NULL) {
		unknown(TOOLKIT_THREADS | TOOLKIT_LIBRARY_THREADS, "threads");
		n = 0;
	}
	for (i = 0; i < n; i++)
		snapshot_add(self, thread_kind(threads[i].name, &seen),
		    "thread %s (%d), blocks %016llx", threads[i].name,
		    (int)threads[i].tid, threads[i].self ? 0 :
		    (unsigned long long)threads[i].blocked);
	free(threads);
}

/* Where processes are not listed: whether there is a child at all. */
static void
ask_for_child(struct snapshot *self)
{
	siginfo_t info;

	unknown(TOOLKIT_STRAYS, "children one by one, strays");
	memset(&info, 0, sizeof(info));
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return;
	if (info.si_pid != 0)
		snapshot_add(self, TOOLKIT_CHILDREN, "zombie child %d",
		    (int)info.si_pid);
	else
		snapshot_add(self, TOOLKIT_CHILDREN, "child, one at least");
}

static void
add_process(struct snapshot *self, const struct os_process *process,
    pid_t reaper)
{
	char command[160];

	os_command_line(process->pid, command, sizeof(command));
	if (process->ppid == getpid())
		snapshot_add(self, TOOLKIT_CHILDREN, "%s %d: %s",
		    process->state == 'Z' ? "zombie child" : "child",
		    (int)process->pid, command);
	else if (process->ppid == reaper && process->pid != getpid() &&
	    process->state != 'Z')
		snapshot_add(self, TOOLKIT_STRAYS, "stray %d: %s",
		    (int)process->pid, command);
}

void
facts_take_processes(struct snapshot *self, pid_t reaper)
{
	struct os_process *list;
	int n = os_processes(&list);
	int i;

	if (n == OS_UNKNOWN)
		ask_for_child(self);
	for (i = 0; i < n; i++)
		add_process(self, &list[i], reaper);
	free(list);
}

static unsigned long long
set_bits(const sigset_t *set)
{
	unsigned long long bits = 0;
	int signo;

	for (signo = 1; signo <= 64; signo++)
		if (sigismember(set, signo) == 1)
			bits |= 1ULL << (signo - 1);
	return bits;
}

/* Without the bit that the C library adds for its own sake, SA_RESTORER. */
static void
add_disposition(struct snapshot *self, int signo, const struct sigaction *act)
{
	static const struct {
		int bit;
		const char *name;
	} flags[] = {
		{ SA_NOCLDSTOP, " NOCLDSTOP" }, { SA_NOCLDWAIT, " NOCLDWAIT" },
		{ SA_SIGINFO, " SIGINFO" }, { SA_ONSTACK, " ONSTACK" },
		{ SA_RESTART, " RESTART" }, { SA_NODEFER, " NODEFER" },
		{ (int)SA_RESETHAND, " RESETHAND" },
	};
	char text[128] = "";
	size_t i, used = 0;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if ((act->sa_flags & flags[i].bit) != 0)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s", flags[i].name);
	snapshot_add(self, TOOLKIT_DISPOSITIONS,
	    "signal %d (%s): action %#lx, flags%s, mask %016llx", signo,
	    strsignal(signo), (unsigned long)act->sa_handler,
	    used > 0 ? text : " none", set_bits(&act->sa_mask));
}

/* sigaction() refuses the C library's own signals: those are not ours. */
static void
take_dispositions(struct snapshot *self)
{
	struct sigaction act;
	int signo;

	if (__tsan_init != NULL) {     /* it has its own idea of them */
		unknown(TOOLKIT_DISPOSITIONS, "signal dispositions");
		return;
	}
	for (signo = 1; signo <= 64; signo++) {
		memset(&act, 0, sizeof(act));
		if (sigaction(signo, NULL, &act) == 0)
			add_disposition(self, signo, &act);
	}
}

void
facts_take_signals(struct snapshot *self)
{
	stack_t stack;
	sigset_t mask;

	take_dispositions(self);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	snapshot_add(self, TOOLKIT_MASK, "signal mask %016llx",
	    set_bits(&mask));
	sigaltstack(NULL, &stack);
	if ((stack.ss_flags & SS_DISABLE) != 0)
		snapshot_add(self, TOOLKIT_ALTSTACK, "no alternate stack");
	else
		snapshot_add(self, TOOLKIT_ALTSTACK,
		    "alternate stack %p, %zu bytes", stack.ss_sp,
		    stack.ss_size);
}

void
facts_take_place(struct snapshot *self)
{
	char cwd[200];
	struct stat st;
	int mode = os_umask();

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		cwd[0] = '\0';
	if (stat(".", &st) == 0)
		snapshot_add(self, TOOLKIT_CWD,
		    "working directory %s (%llx, %llu)", cwd,
		    (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino);
	if (mode == OS_UNKNOWN) {
		mode = (int)umask(077);
		umask((mode_t)mode);
	}
	snapshot_add(self, TOOLKIT_UMASK, "umask %04o", (unsigned)mode);
}

/* Its number; where that is not told, 1 for any. */
static int
controlling_terminal(void)
{
	struct os_process process;
	int fd;

	if (os_process(getpid(), &process) == 0)
		return process.tty;
	fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void
facts_take_session(struct snapshot *self)
{
	char traits[128];
	int tty = controlling_terminal();

	snapshot_add(self, TOOLKIT_SESSION, "session %d, group %d, terminal %x",
	    (int)getsid(0), (int)getpgrp(), (unsigned)tty);
	if (os_traits(traits, sizeof(traits)) == 0)
		snapshot_add(self, TOOLKIT_TRAITS, "%s", traits);
	else
		unknown(TOOLKIT_TRAITS, "death signal, subreaper, dumpable");
}

/* Whether it runs and how it repeats: the time left only sinks. */
static void
add_timer(struct snapshot *self, const char *name, struct itimerval timer)
{
	bool on = timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0;

	snapshot_add(self, TOOLKIT_TIMERS, "%s timer %s, every %ld.%06ld s",
	    name, on ? "on" : "off", (long)timer.it_interval.tv_sec,
	    (long)timer.it_interval.tv_usec);
}

void
facts_take_timers(struct snapshot *self)
{
	struct itimerval timer;

	if (getitimer(ITIMER_REAL, &timer) == 0)
		add_timer(self, "real", timer);
	if (getitimer(ITIMER_VIRTUAL, &timer) == 0)
		add_timer(self, "virtual", timer);
	if (getitimer(ITIMER_PROF, &timer) == 0)
		add_timer(self, "profile", timer);
}

static struct snapshot *walker;     /* nftw() hands nothing through */
static size_t walk_root;

static const char *
file_type(mode_t mode)
{
	return S_ISREG(mode) ? "regular" : S_ISDIR(mode) ? "directory" :
	    S_ISLNK(mode) ? "link" : S_ISFIFO(mode) ? "fifo" :
	    S_ISSOCK(mode) ? "socket" : "device";
}

static int
add_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)type;
	if (at->level > 0)
		snapshot_add(walker, TOOLKIT_FILES, "file %s (%s, mode %04o)",
		    path + walk_root + 1, file_type(st->st_mode),
		    (unsigned)st->st_mode & 07777);
	return 0;
}

void
facts_take_files(struct snapshot *self, const char *dir)
{
	walker = self;
	walk_root = strlen(dir);
	nftw(dir, add_file, 8, FTW_PHYS);
}
