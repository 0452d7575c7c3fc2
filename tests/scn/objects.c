/* Handler objects, told what to do line by line. */
#define _GNU_SOURCE 1

#include "objects.h"
#include "../toolkit/os.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>

typedef void callback(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);

enum { OBJECTS = 4 };

atomic_int objects_count;
atomic_bool objects_last_is_sent;

static struct proclc_sighandler *objects[OBJECTS];
static char names[OBJECTS][2] = { "a", "b", "c", "d" };
static pthread_t main_thread;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int gate[2] = { -1, -1 };

static int
object(const char *word)
{
	int i = word[0] - 'a';

	die_if(i < 0 || i >= OBJECTS, word);
	return i;
}

struct proclc_sighandler *
objects_get(const char *name)
{
	return objects[object(name)];
}

bool
objects_is_gate(int fd)
{
	return fd == gate[0] || fd == gate[1];
}

/* Callbacks. */

static void
on_say(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	bool same = handler == objects[object(user)] &&
	    event->size == sizeof(*event) && event->system == 0;

	tell("%s: %d%s", (char *)user, event->signum, same ? "" : " wrong");
}

static void
on_other(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	tell("%s: other %d", (char *)user, event->signum);
}

static void
on_who(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	if (event->system != 0) {
		tell("%s: %d from the system", (char *)user, event->signum);
		return;
	}
	tell("%s: %d from %ld uid %u on %s", (char *)user, event->signum,
	    (long)event->pid, (unsigned)event->uid,
	    pthread_equal(pthread_self(), main_thread) ? "main" : "another");
}

static void
on_wait(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	char c;

	(void)handler;
	tell("%s: in %d", (char *)user, event->signum);
	while (read(gate[0], &c, 1) < 0)
		die_if(errno != EINTR, "gate");
	tell("%s: out %d", (char *)user, event->signum);
}

static void
on_stop(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	tell_code("stopped inside", proclc_sighandler_stop(handler));
	on_wait(handler, event, user);
}

static void
on_free(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	objects[object(user)] = NULL;
	proclc_sighandler_free(handler);
	tell("%s: freed %d", (char *)user, event->signum);
}

static void
on_replace(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	tell_code("replaced", proclc_sighandler_set(handler, event->signum,
	    on_other, user));
}

static void
on_fork(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	int status;
	pid_t pid = fork();

	(void)handler;
	(void)event;
	if (pid > 0) {
		waitpid(pid, &status, 0);
		tell("%s: child's status %d", (char *)user, status);
	}
}

static void
on_quit(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	tell("%s: quits on %d", (char *)user, event->signum);
	pthread_exit(NULL);
}

/* What no signal handler may do. */
static void
on_work(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	char *text = malloc(100000);

	(void)handler;
	die_if(text == NULL, "malloc");
	pthread_mutex_lock(&mutex);
	memset(text, 'x', 100000);
	fprintf(stderr, "worked\n");
	pthread_mutex_unlock(&mutex);
	free(text);
	tell("%s: worked %d", (char *)user, event->signum);
}

static void
on_dispatch(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	tell_code("dispatch inside", proclc_dispatch(0));
	tell_code("daemonize inside", proclc_daemonize(NULL));
}

void
objects_count_call(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	bool after = atomic_load(&objects_last_is_sent);

	(void)handler;
	(void)event;
	(void)user;
	if (after && atomic_exchange(&objects_last_is_sent, false))
		tell("after the last");
	atomic_fetch_add(&objects_count, 1);
}

static void
on_stay(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	(void)handler;
	(void)event;
	(void)user;
	o.mode = PROCLC_DAEMON_FOREGROUND;
	tell_code("stay", proclc_daemonize(&o));
}

static const struct {
	const char *name;
	callback *fn;
} kinds[] = {
	{ "say", on_say }, { "other", on_other }, { "who", on_who },
	{ "wait", on_wait }, { "stop", on_stop }, { "free", on_free },
	{ "replace", on_replace }, { "fork", on_fork }, { "quit", on_quit },
	{ "work", on_work }, { "dispatch", on_dispatch },
	{ "stay", on_stay }, { "count", objects_count_call },
	{ "ignore", PROCLC_SIGNAL_IGNORE },
	{ "default", PROCLC_SIGNAL_DEFAULT }, { "none", NULL },
};

/* Objects. */

static void
do_new(char **words)
{
	int i = object(words[0]);

	tell_code("new", proclc_sighandler_new(&objects[i], words[1]));
}

static int
set_kind(char **words)
{
	int signum = script_number(words[1]), i = object(words[0]);
	size_t k = 0;

	while (strcmp(kinds[k].name, words[2]) != 0)
		k++;
	return proclc_sighandler_set(objects[i], signum, kinds[k].fn,
	    names[i]);
}

static void
do_set(char **words)
{
	tell_code("set", set_kind(words));
}

static void
do_start(char **words)
{
	tell_code("start", proclc_sighandler_start(objects[object(words[0])]));
}

static void
do_stop(char **words)
{
	tell_code("stop", proclc_sighandler_stop(objects[object(words[0])]));
}

static void *
stop_now(void *name)
{
	tell_code("beside", proclc_sighandler_stop(objects[object(name)]));
	return NULL;
}

/* In another thread, which is not waited for. */
static void
do_stop_beside(char **words)
{
	pthread_t thread;

	pthread_create(&thread, NULL, stop_now, names[object(words[0])]);
	pthread_detach(thread);
}

static void
do_free(char **words)
{
	proclc_sighandler_free(objects[object(words[0])]);
	tell("freed");
}

/* All of it; told when the signal may come. */
static void
do_handle(char **words)
{
	int i = object(words[0]), rc = 0;

	if (objects[i] == NULL)
		rc = proclc_sighandler_new(&objects[i], NULL);
	if (rc == 0)
		rc = set_kind(words);
	if (rc == 0)
		rc = proclc_sighandler_start(objects[i]);
	tell_code("handle", rc == PROCLC_EALREADY ? 0 : rc);
}

static void
do_counted(char **words)
{
	(void)words;
	tell("counted %d", atomic_load(&objects_count));
}

/* Waiting at the gate, and being let through. */
static void
do_go(char **words)
{
	(void)words;
	die_if(write(gate[1], "x", 1) != 1, "gate");
}

const struct command object_commands[] = {
	{ "new", do_new }, { "set", do_set }, { "start", do_start },
	{ "stop", do_stop }, { "free", do_free },
	{ "stop_beside", do_stop_beside }, { "handle", do_handle },
	{ "go", do_go }, { "counted", do_counted },
	{ NULL, NULL }
};

void
objects_begin(void)
{
	main_thread = pthread_self();
	die_if(os_pipe(gate) != 0, "pipe");
}
