/* Exit handlers, told what to do line by line. */
#define _GNU_SOURCE 1

#include "exits.h"
#include "objects.h"
#include "../toolkit/os.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { HANDLERS = 64, COMMANDS = 128, MAX_SIGNALS = 8 };

struct handler {
	char name[16];
	void (*act)(const struct handler *self);
	int token;
};

static struct handler handlers[HANDLERS];
static int n_handlers;
static char watched[1000];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int gate[2] = { -1, -1 };

void
exits_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void
exits_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

/* What handlers do. */

static void
called(void *user, const struct proclc_exit_cause *cause)
{
	static const char *const kinds[] = { "?", "normal", "call",
	    "explicit", "signal", "orphaned" };
	struct handler *self = user;
	bool known = cause->kind > 0 && cause->kind <= PROCLC_EXIT_ORPHANED;

	tell("%s: %s %d %d%s", self->name, kinds[known ? cause->kind : 0],
	    cause->code, cause->signum,
	    cause->size == sizeof(*cause) ? "" : " wrong size");
	if (self->act != NULL)
		self->act(self);
}

static void
act_exit(const struct handler *self)
{
	(void)self;
	exit(21);
}

static void
act_proclc_exit(const struct handler *self)
{
	(void)self;
	proclc_exit(22);
}

static void
act_register(const struct handler *self)
{
	static struct handler next = { .name = "next" };

	(void)self;
	tell_code("registered", proclc_atexit_register(called, &next, 0) > 0);
}

/* The child returns from it. */
static void
act_fork(const struct handler *self)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		return;
	waitpid(pid, &status, 0);
	tell("%s: child's status %d", self->name, status);
}

static void
act_crash(const struct handler *self)
{
	(void)self;
	abort();
}

static void
act_hang(const struct handler *self)
{
	(void)self;
	for (;;)
		pause();
}

static void
act_wait(const struct handler *self)
{
	char c;

	while (read(gate[0], &c, 1) < 0)
		die_if(errno != EINTR, "gate");
	tell("%s: out", self->name);
}

/* Until the test says another line. */
static void
act_hear(const struct handler *self)
{
	char c = 0;

	while (c != '\n' && read(script_in, &c, 1) != 0)
		continue;
	tell("%s: out", self->name);
}

/* What no signal handler may do. */
static void
act_lock(const struct handler *self)
{
	char *text;

	exits_lock();
	text = malloc(100000);
	die_if(text == NULL, "malloc");
	memset(text, 'x', 100000);
	printf("%s: locked\n", self->name);
	free(text);
	exits_unlock();
}

static void
act_look(const struct handler *self)
{
	tell("%s: file %s", self->name, access(watched, F_OK) == 0 ? "there" :
	    "gone");
}

static void
act_ready(const struct handler *self)
{
	(void)self;
	tell_code("ready", proclc_daemon_ready());
}

static const struct {
	const char *name;
	void (*act)(const struct handler *self);
} kinds[] = {
	{ "say", NULL }, { "exit", act_exit },
	{ "proclc_exit", act_proclc_exit }, { "register", act_register },
	{ "fork", act_fork }, { "crash", act_crash }, { "hang", act_hang },
	{ "wait", act_wait }, { "hear", act_hear },
	{ "lock", act_lock }, { "look", act_look },
	{ "ready", act_ready },
};

/* Commands. */

static struct handler *
handler(const char *name)
{
	int i = 0;

	while (i < n_handlers && strcmp(handlers[i].name, name) != 0)
		i++;
	if (i < n_handlers)
		return &handlers[i];
	die_if(n_handlers == HANDLERS, name);
	n_handlers++;
	snprintf(handlers[i].name, sizeof(handlers[i].name), "%s", name);
	return &handlers[i];
}

static void
do_register(char **words)
{
	struct handler *h = handler(words[0]);
	int k = 0, token, before = h->token;
	unsigned flags = 0;

	while (strcmp(kinds[k].name, words[1]) != 0)
		k++;
	h->act = kinds[k].act;
	for (int i = 2; words[i] != NULL; i++)
		flags |= strcmp(words[i], "shared") == 0 ?
		    PROCLC_ATEXIT_SHARED : PROCLC_ATEXIT_SIGNAL_SAFE;
	token = proclc_atexit_register(called, h, flags);
	h->token = token;
	if (token < 0)
		tell_code("register", token);
	else
		tell("register %s", before == 0 ? "new" :
		    token == before ? "same token" : "another token");
}

static void
do_many(char **words)
{
	int n = script_number(words[0]), done = 0;
	char name[16];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%d", i);
		done += proclc_atexit_register(called, handler(name), 0) > 0;
	}
	tell("registered %d", done);
}

static void
do_unregister(char **words)
{
	tell_code("unregister", proclc_atexit_unregister(called,
	    handler(words[0])));
}

static void
do_cancel(char **words)
{
	tell_code("cancel", proclc_atexit_cancel(handler(words[0])->token));
}

static void
do_proclc_exit(char **words)
{
	proclc_exit(script_number(words[0]));
}

static void
do_atexit_run(char **words)
{
	proclc_atexit_run(script_number(words[0]));
}

static char libc_name[16];

static void
called_by_libc(void)
{
	static struct handler late = { .name = "late" };

	tell("libc %s", libc_name);
	tell_code("late", proclc_atexit_register(called, &late, 0));
}

static void
do_libc(char **words)
{
	snprintf(libc_name, sizeof(libc_name), "%s", words[0]);
	die_if(atexit(called_by_libc) != 0, "atexit");
}

static void
do_print(char **words)
{
	printf("%s\n", words[0]);
}

/* Let a handler through that waits. */
static void
do_pass(char **words)
{
	(void)words;
	die_if(write(gate[1], "x", 1) != 1, "gate");
}

static void
do_watch(char **words)
{
	snprintf(watched, sizeof(watched), "%s", words[0]);
}

static void
do_mode(char **words)
{
	tell_code("mode", proclc_set_dispatch_mode(
	    (unsigned)script_number(words[0])));
}

static void
do_dispatch(char **words)
{
	tell_code("dispatch", proclc_dispatch(script_number(words[0])));
}

static void
install(uint32_t flags, int64_t deadline_ms, char **words)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;
	int signals[MAX_SIGNALS];

	for (; words[o.n_signals] != NULL; o.n_signals++)
		signals[o.n_signals] = script_number(words[o.n_signals]);
	o.signals = o.n_signals == 0 ? NULL : signals;
	o.deadline_ms = deadline_ms;
	o.flags = flags;
	tell_code("install", proclc_atexit_install(&o));
}

static void
do_install(char **words)
{
	install(0, 0, words);
}

static void
do_install_within(char **words)
{
	install(0, script_number(words[0]), words + 1);
}

static void
do_install_with(char **words)
{
	install((uint32_t)script_number(words[0]), script_number(words[1]),
	    words + 2);
}

static void
do_uninstall(char **words)
{
	(void)words;
	tell_code("uninstall", proclc_atexit_uninstall());
}

static const struct command exit_commands[] = {
	{ "register", do_register }, { "many", do_many },
	{ "unregister", do_unregister }, { "cancel", do_cancel },
	{ "proclc_exit", do_proclc_exit }, { "atexit_run", do_atexit_run },
	{ "libc", do_libc }, { "print", do_print }, { "watch", do_watch },
	{ "mode", do_mode }, { "dispatch", do_dispatch }, { "pass", do_pass },
	{ "install", do_install }, { "install_within", do_install_within },
	{ "install_with", do_install_with },
	{ "uninstall", do_uninstall },
	{ NULL, NULL }
};

int
exits_main(const struct command *own, const struct command *more)
{
	const struct command *tables[] = { own, more, exit_commands };
	static struct command all[COMMANDS];
	int n = 0;

	for (int i = 0; i < 3; i++)
		for (own = tables[i]; own != NULL && own->name != NULL; own++)
			all[n++] = *own;
	die_if(os_pipe(gate) != 0, "pipe");
	objects_begin();
	return script_main(all, object_commands);
}
