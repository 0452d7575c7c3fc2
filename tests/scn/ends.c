/*
 * ends codes WAY WHERE      each code from 0 to 255
 * ends text WAY WHERE       what stdio holds, and what handlers print
 * ends signals FLAGS WHERE  each signal that ends a process, installed
 * ends crowd ROUNDS WHERE   eight threads end it at once, 64 handlers, some of
 *                           which end their thread
 *
 * Each end is that of a process of its own, which handlers tell of in shared
 * memory.  The driver never uses the library, so WHERE is
 *	first    a process that is the first to use it
 *	child    the child of one that has, with a shared handler and TERM
 *	         installed
 *	init     pid 1 of a namespace
 * Says "agreed N", "refused" (no namespace), or what differs.
 */
#define _GNU_SOURCE 1

#include "../kernel.h"
#include "../settle.h"
#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { LETTERS = 512, THREADS = 8, HANDLERS = 64 };

/* What handlers have said, and what became of the child. */
static struct {
	atomic_int n;
	char letters[LETTERS];
	int status;
	bool code_unknown;	/* to a handler */
} *said;

enum where { FIRST, CHILD, INIT };

static enum where where;

static void
say_letter(void *letter, const struct proclc_exit_cause *cause)
{
	int at = atomic_fetch_add(&said->n, 1);

	if (cause->code == PROCLC_CODE_UNKNOWN)
		said->code_unknown = true;
	if (at < LETTERS - 1)
		said->letters[at] = *(char *)letter;
}

/* That ends only the handler. */
static void
say_and_quit(void *letter, const struct proclc_exit_cause *cause)
{
	say_letter(letter, cause);
	pthread_exit(NULL);
}

static void
add(char *letter, unsigned flags)
{
	die_if(proclc_atexit_register(say_letter, letter, flags) < 0,
	    proclc_errmsg());
}

static void
install(const int *signals, size_t n, unsigned flags)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	o.signals = signals;
	o.n_signals = n;
	o.flags = flags;
	o.deadline_ms = 60000;
	die_if(proclc_atexit_install(&o) < 0, proclc_errmsg());
}

static _Noreturn void
wait_for_end(void)
{
	for (;;)
		pause();
}

/* The process whose end it is; and its parent, whose own is none. */

static bool
begin_child(void)
{
	static char shared = 's';
	pid_t pid;

	add(&shared, PROCLC_ATEXIT_SHARED);
	install(NULL, 0, 0);
	if (settle_under_asan())
		settle();
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0)
		return true;
	die_if(waitpid(pid, &said->status, 0) != pid, "waitpid");
	_exit(0);
}

/* True: in the process whose end it is.  Else what is seen is in said. */
static bool
begin(void)
{
	pid_t pid;

	memset(said, 0, sizeof(*said));
	pid = where == INIT ? kernel_fork_init() : fork();
	if (pid == 0)
		return where == CHILD ? begin_child() : true;
	if (pid < 0 && where == INIT) {
		say("refused");
		_exit(0);
	}
	die_if(pid < 0, "fork");
	if (where == CHILD)
		die_if(waitpid(pid, NULL, 0) != pid, "waitpid");
	else
		die_if(waitpid(pid, &said->status, 0) != pid, "waitpid");
	return false;
}

/* All that comes, until nobody can write there any more. */
static bool
reads(int fd, const char *expected)
{
	char text[LETTERS] = "";
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	if (strcmp(text, expected) != 0)
		say("text \"%s\", expected \"%s\"", text, expected);
	return strcmp(text, expected) == 0;
}

/* The letters, and then the inherited one. */
static bool
agrees(const char *letters, int status)
{
	char expected[LETTERS];

	snprintf(expected, sizeof(expected), "%s%s", letters,
	    where == CHILD && letters[0] != '\0' ? "s" : "");
	if (strcmp(said->letters, expected) == 0 && said->status == status)
		return true;
	say("status %#x, expected %#x; handlers \"%s\", expected \"%s\"",
	    (unsigned)said->status, (unsigned)status, said->letters,
	    expected);
	return false;
}

static char own = 'h';

/* Codes. */

static const char *const ways[] = { "return", "exit", "proclc_exit",
    "atexit_run", "_exit" };
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* What main is to return. */
static int
end_by(int way, int code)
{
	switch (way) {
	case 1:
		exit(code);
	case 2:
		proclc_exit(code);
	case 3:
		proclc_atexit_run(code);
	case 4:
		_exit(code);
	default:
		return code;
	}
}

static int
try_codes(const char *name)
{
	int way = 0;

	while (way < WAYS - 1 && strcmp(ways[way], name) != 0)
		way++;
	for (int code = 0; code < 256; code++) {
		if (begin()) {
			add(&own, 0);
			return end_by(way, code);
		}
		if (!agrees(way == WAYS - 1 ? "" : "h", code << 8))
			return 1;
	}
	say("agreed 256");
	return 0;
}

/* Text. */

static int
expected_status(int signum, unsigned flags)
{
	if ((flags & PROCLC_ATEXIT_STATUS_SIGNUM) != 0)
		return signum << 8;
	return where == INIT ? (128 + signum) << 8 : signum;
}

static void
print_letter(void *letter, const struct proclc_exit_cause *cause)
{
	say_letter(letter, cause);
	printf(" %c", *(char *)letter);
}

/* By TERM where it is none of the ways. */
static int
live_and_print(int way, const int *output)
{
	static const int term = SIGTERM;
	static char last = 'l';

	dup2(output[1], STDOUT_FILENO);
	close(output[0]);
	close(output[1]);
	printf("own");
	die_if(proclc_atexit_register(print_letter, &last, 0) < 0 ||
	    proclc_atexit_register(print_letter, &own, 0) < 0,
	    proclc_errmsg());
	if (way < WAYS)
		return end_by(way, 0);
	if (where != CHILD)
		install(&term, 1, 0);
	kill(getpid(), SIGTERM);
	wait_for_end();
}

/* Twenty times: whoever ends it and whoever prints may be two threads. */
static int
try_text(const char *name)
{
	int output[2], way = 0;

	while (way < WAYS && strcmp(ways[way], name) != 0)
		way++;
	for (int i = 0; i < 20; i++) {
		die_if(pipe(output) != 0, "pipe");
		if (begin())
			return live_and_print(way, output);
		close(output[1]);
		if (!reads(output[0], "own h l") || !agrees("hl",
		    way < WAYS ? 0 : expected_status(SIGTERM, 0)))
			return 1;
	}
	say("agreed 20");
	return 0;
}

/* Signals. */

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1,
    SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static int
try_signals(unsigned flags)
{
	struct rlimit none = { 0, 0 };
	int n = 0, list[SIGNALS + 2];

	memcpy(list, signals, sizeof(signals));
	list[SIGNALS] = SIGRTMIN;
	list[SIGNALS + 1] = SIGRTMAX;
	setrlimit(RLIMIT_CORE, &none);
	for (; n < SIGNALS + 2; n++) {
		if (begin()) {
			add(&own, 0);
			install(&list[n], 1, flags);
			kill(getpid(), list[n]);
			wait_for_end();
		}
		said->status &= ~0x80;
		if (!agrees("h", expected_status(list[n], flags)))
			return 1;
	}
	say("agreed %d", n);
	return 0;
}

/* Crowds. */

static char names[HANDLERS];
static pthread_barrier_t barrier;

static void *
end_in_crowd(void *nth)
{
	int i = *(int *)nth;

	pthread_barrier_wait(&barrier);
	if (i < 3)
		end_by(1 + i, 40);
	kill(getpid(), SIGTERM);
	wait_for_end();
}

/* Some of the threads do the same, and it is another one each time. */
static int
live_in_crowd(int round)
{
	static const int term = SIGTERM;
	static int ends[THREADS];
	pthread_t thread;

	for (int i = 0; i < HANDLERS; i++)
		die_if(proclc_atexit_register((round + i) % 8 == 7 ?
		    say_and_quit : say_letter, &names[i], 0) < 0,
		    proclc_errmsg());
	if (where != CHILD)
		install(&term, 1, 0);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = THREADS - 1; i >= 0; i--) {
		ends[i] = round % 5 == 0 ? 0 : round % 5 == 1 ? 1 :
		    (i + round) % (round % 5);
		if (i > 0)
			die_if(pthread_create(&thread, NULL, end_in_crowd,
			    &ends[i]) != 0, "thread");
	}
	end_in_crowd(&ends[0]);
	return 0;
}

static int
try_crowd(int rounds)
{
	char expected[HANDLERS + 1] = "";

	for (int i = 0; i < HANDLERS; i++) {
		names[i] = (char)('0' + i);
		expected[HANDLERS - 1 - i] = names[i];
	}
	for (int round = 0; round < rounds; round++) {
		if (begin())
			return live_in_crowd(round);
		/* What libc does not tell cannot be given back to it. */
		if ((said->status == expected_status(SIGTERM, 0) &&
		    round % 5 > 3) ||
		    (said->status == 1 << 8 && said->code_unknown))
			said->status = 40 << 8;
		if (!agrees(expected, 40 << 8)) {
			say("in round %d", round);
			return 1;
		}
	}
	say("agreed %d", rounds);
	return 0;
}

int
main(int argc, char **argv)
{
	die_if(argc != 4, "usage");
	said = mmap(NULL, sizeof(*said), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	die_if(said == MAP_FAILED, "mmap");
	where = strcmp(argv[3], "init") == 0 ? INIT :
	    strcmp(argv[3], "child") == 0 ? CHILD : FIRST;
	if (strcmp(argv[1], "codes") == 0)
		return try_codes(argv[2]);
	if (strcmp(argv[1], "text") == 0)
		return try_text(argv[2]);
	if (strcmp(argv[1], "signals") == 0)
		return try_signals((unsigned)atoi(argv[2]));
	return try_crowd(atoi(argv[2]));
}
