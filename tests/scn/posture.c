/* What a program may do that makes it hard to end. */
#define _GNU_SOURCE 1

#include "posture.h"

#include "../kernel.h"
#include "../settle.h"

#include <proclc/atexit.h>
#include <proclc/dispatch.h>
#include <proclc/error.h>
#include <proclc/signals.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static void (*last_step)(void);

/* A program that ends in the middle of everything has its leaks. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return 1;
}

_Noreturn void
rest(void)
{
	for (;;)
		pause();
}

bool
refused(int rc)
{
	if (rc < 0)
		say("refused %s", proclc_error_name(rc));
	return rc < 0;
}

void
await_end(int fd)
{
	char c;

	do
		await_input(fd);
	while (read(fd, &c, 1) < 0 && errno == EINTR);
}

void
await_closed(const int fds[2])
{
	close(fds[1]);
	await_end(fds[0]);
}

/* Signals. */

static void
exit_7(int signo)
{
	(void)signo;
	_exit(7);
}

static void
hang(int signo)
{
	(void)signo;
	rest();
}

static void
do_nothing(int signo)
{
	(void)signo;
}

static void
on_term(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGTERM, &action, NULL);
}

static void
term_exits(const char *unused)
{
	(void)unused;
	on_term(exit_7);
}

static void
term_hangs(const char *unused)
{
	(void)unused;
	on_term(hang);
}

static void
term_returns(const char *unused)
{
	(void)unused;
	on_term(do_nothing);
}

static void
term_ignored(const char *unused)
{
	(void)unused;
	on_term(SIG_IGN);
}

/* Before the library's threads are there: then they inherit it. */
static void
term_blocked(const char *unused)
{
	sigset_t set;

	(void)unused;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void
told_term(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	say("object %d", (int)event->signum);
}

static void
term_object(const char *unused)
{
	struct proclc_sighandler *h;

	(void)unused;
	die_if(proclc_sighandler_new(&h, NULL) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGTERM, told_term, NULL) < 0 ||
	    proclc_sighandler_start(h) < 0, proclc_errmsg());
}

static void
hang_in_callback(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	say("stuck");
	close(*(int *)user);
	rest();
}

/* From then on no callback runs: one does for ever. */
static void
stick(const char *unused)
{
	struct proclc_sighandler *h;
	int stuck[2];

	(void)unused;
	die_if(pipe(stuck) < 0, "pipe");
	die_if(proclc_sighandler_new(&h, NULL) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGUSR1, hang_in_callback,
	    &stuck[1]) < 0 || proclc_sighandler_start(h) < 0,
	    proclc_errmsg());
	kill(getpid(), SIGUSR1);
	await_end(stuck[0]);
}

static void
install(const char *unused)
{
	(void)unused;
	die_if(proclc_atexit_install(NULL) < 0, proclc_errmsg());
}

/* Exit handlers. */

static void
at_exit(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	say("exit %d %d %d", (int)cause->kind, (int)cause->code,
	    (int)cause->signum);
}

static void
exit_told(const char *unused)
{
	(void)unused;
	die_if(proclc_atexit_register(at_exit, NULL, 0) < 0, proclc_errmsg());
}

static void
hang_at_exit(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	say("hanging");
	rest();
}

static void
exit_hangs(const char *unused)
{
	(void)unused;
	die_if(proclc_atexit_register(hang_at_exit, NULL, 0) < 0,
	    proclc_errmsg());
}

/* The rest of the world. */

static void
manual(const char *unused)
{
	(void)unused;
	die_if(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL) < 0,
	    proclc_errmsg());
}

static void
no_threads(const char *unused)
{
	(void)unused;
	die_if(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL |
	    PROCLC_NO_THREADS) < 0, proclc_errmsg());
}

static void
dispatch(void)
{
	while (proclc_dispatch(PROCLC_FOREVER) == 0)
		continue;
}

static void
then_dispatch(const char *unused)
{
	(void)unused;
	last_step = dispatch;
}

/* Put something into its place, without a moment in which it is closed. */
static void
replace_all(int file)
{
	int fd;

	for (fd = 3; fd < 256; fd++)
		if (fd != file && fcntl(fd, F_GETFD) >= 0)
			die_if(dup2(file, fd) < 0, "dup2");
}

/* Every number is then free, or the end of a pipe in which there is something
 * ("ready") or nothing ("quiet"; "over": at once, by dup2).  But for the last,
 * others have had time to see that theirs are closed. */
static void
close_all(const char *value)
{
	int ends[2], fd;

	settle();
	die_if(pipe(ends) < 0, "pipe");
	if (strcmp(value, "over") == 0) {
		replace_all(ends[0]);
		return;
	}
	for (fd = 3; fd < 256; fd++)
		kernel_close(fd);
	settle();
	if (strcmp(value, "free") == 0)
		return;
	die_if(pipe(ends) < 0, "pipe");
	if (strcmp(value, "ready") == 0)
		die_if(write(ends[1], "x", 1) != 1, "write");
	/* The library may have taken some for itself already. */
	for (fd = 3; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			die_if(fcntl(ends[0], F_DUPFD, fd) < 0, "fcntl");
}

static void
become_nobody(const char *unused)
{
	(void)unused;
	die_if(setgid(65534) < 0 || setuid(65534) < 0, "setuid");
}

/* The stream's lock is held meanwhile. */
static void
fill_pipe(void)
{
	char block[4096];
	FILE *file;
	int ends[2];

	memset(block, 'x', sizeof(block));
	die_if(pipe(ends) < 0, "pipe");
	file = fdopen(ends[1], "w");
	die_if(file == NULL, "fdopen");
	for (;;)
		fwrite(block, 1, sizeof(block), file);
}

static void
then_write(const char *unused)
{
	(void)unused;
	last_step = fill_pipe;
}

static const struct step steps[] = {
	{ "term-exits", term_exits }, { "term-hangs", term_hangs },
	{ "term-returns", term_returns }, { "term-ignored", term_ignored },
	{ "term-blocked", term_blocked }, { "term-object", term_object },
	{ "install", install }, { "exit-told", exit_told },
	{ "exit-hangs", exit_hangs }, { "stick", stick },
	{ "manual", manual }, { "no-threads", no_threads },
	{ "dispatch", then_dispatch }, { "close=", close_all },
	{ "nobody", become_nobody }, { "write", then_write },
};

bool
step_take(const struct step *list, size_t n, const char *word)
{
	size_t i, length = strcspn(word, "=");

	length += word[length] == '=';
	for (i = 0; i < n; i++) {
		if (strlen(list[i].name) == length &&
		    strncmp(list[i].name, word, length) == 0) {
			list[i].fn(word + length);
			return true;
		}
	}
	return false;
}

bool
posture_take(const char *word)
{
	return step_take(steps, sizeof(steps) / sizeof(steps[0]), word);
}

void
posture_last(void)
{
	if (last_step != NULL)
		last_step();
}
