/* The library as a guest in a GLib main loop: g_unix_fd_add on its
 * descriptor. */
#define _GNU_SOURCE 1

#include "loops/loops.h"

#include <glib-unix.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>

const char loop_name[] = "glib";

static GMainLoop *loop;
static guint watch, timer, own_signal;     /* 0: there is none */
static void (*on_watch)(void), (*on_timer)(void), (*on_signal)(void);
static void (*on_child)(int code);

static gboolean
call_watch(gint fd, GIOCondition condition, gpointer unused)
{
	(void)fd;
	(void)unused;
	ck_assert_int_eq((int)condition, G_IO_IN);
	on_watch();
	return G_SOURCE_CONTINUE;
}

static gboolean
call_timer(gpointer unused)
{
	(void)unused;
	on_timer();
	return G_SOURCE_CONTINUE;
}

static gboolean
call_signal(gpointer unused)
{
	(void)unused;
	on_signal();
	return G_SOURCE_CONTINUE;
}

static void
nothing(void)
{
}

static void
remove_source(guint *source)
{
	if (*source != 0)
		g_source_remove(*source);
	*source = 0;
}

/* The default context stays, and so does the thread that hears of signals. */
void
loop_warm_up(void)
{
	loop_open();
	loop_on_signal(SIGUSR2, nothing);
	loop_close();
}

void
loop_open(void)
{
	loop = g_main_loop_new(NULL, FALSE);
}

void
loop_close(void)
{
	loop_no_timer();
	loop_no_signal();
	g_main_loop_unref(loop);
}

void
loop_watch(int fd, void (*fn)(void))
{
	on_watch = fn;
	watch = g_unix_fd_add(fd, G_IO_IN, call_watch, NULL);
}

void
loop_unwatch(void)
{
	remove_source(&watch);
}

void
loop_every(int ms, void (*fn)(void))
{
	on_timer = fn;
	loop_no_timer();
	timer = g_timeout_add((guint)ms, call_timer, NULL);
}

void
loop_no_timer(void)
{
	remove_source(&timer);
}

void
loop_on_signal(int signum, void (*fn)(void))
{
	on_signal = fn;
	own_signal = g_unix_signal_add(signum, call_signal, NULL);
}

void
loop_no_signal(void)
{
	remove_source(&own_signal);
}

static void
call_child(GPid pid, gint status, gpointer unused)
{
	(void)unused;
	g_spawn_close_pid(pid);
	on_child(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

bool
loop_spawn(const char *program, void (*fn)(int code))
{
	char name[64];
	char *argv[] = { name, NULL };
	GPid pid;

	snprintf(name, sizeof(name), "%s", program);
	on_child = fn;
	ck_assert(g_spawn_async(NULL, argv, NULL, G_SPAWN_SEARCH_PATH |
	    G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL));
	g_child_watch_add(pid, call_child, NULL);
	return true;
}

void
loop_run(void)
{
	g_main_loop_run(loop);
}

void
loop_stop(void)
{
	g_main_loop_quit(loop);
}

void
loop_once(void)
{
	g_main_context_iteration(NULL, TRUE);
}

int
main(void)
{
	return loops_main();
}
