/* The library as a guest in a GLib main loop: g_unix_fd_add on its
 * descriptor. */
#define _GNU_SOURCE 1

#include "loops/loops.h"

#include <glib-unix.h>

const char loop_name[] = "glib";

static GMainLoop *loop;
static guint watch, timer, own_signal;     /* 0: there is none */
static void (*on_watch)(void), (*on_timer)(void), (*on_signal)(void);

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
