/* The library as a guest in a libevent loop: event_new on its descriptor. */
#define _GNU_SOURCE 1

#include "loops/loops.h"

#include <event2/event.h>

const char loop_name[] = "libevent";

static struct event_base *base;
static struct event *watch, *timer, *own_signal;     /* NULL: there is none */
static void (*on_watch)(void), (*on_timer)(void), (*on_signal)(void);

static void
call_watch(evutil_socket_t fd, short events, void *unused)
{
	(void)fd;
	(void)unused;
	ck_assert_int_eq(events, EV_READ);
	on_watch();
}

static void
call_timer(evutil_socket_t fd, short events, void *unused)
{
	(void)fd;
	(void)events;
	(void)unused;
	on_timer();
}

static void
call_signal(evutil_socket_t signum, short events, void *unused)
{
	(void)signum;
	(void)events;
	(void)unused;
	on_signal();
}

static void
remove_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

/* Nothing stays. */
void
loop_warm_up(void)
{
}

void
loop_open(void)
{
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
}

void
loop_close(void)
{
	loop_no_timer();
	loop_no_signal();
	event_base_free(base);
}

void
loop_watch(int fd, void (*fn)(void))
{
	on_watch = fn;
	watch = event_new(base, fd, EV_READ | EV_PERSIST, call_watch, NULL);
	ck_assert_ptr_nonnull(watch);
	ck_assert_int_eq(event_add(watch, NULL), 0);
}

void
loop_unwatch(void)
{
	remove_event(&watch);
}

void
loop_every(int ms, void (*fn)(void))
{
	struct timeval interval = {
		.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000,
	};

	on_timer = fn;
	loop_no_timer();
	timer = event_new(base, -1, EV_PERSIST, call_timer, NULL);
	ck_assert_ptr_nonnull(timer);
	ck_assert_int_eq(event_add(timer, &interval), 0);
}

void
loop_no_timer(void)
{
	remove_event(&timer);
}

void
loop_on_signal(int signum, void (*fn)(void))
{
	on_signal = fn;
	own_signal = evsignal_new(base, signum, call_signal, NULL);
	ck_assert_ptr_nonnull(own_signal);
	ck_assert_int_eq(event_add(own_signal, NULL), 0);
}

void
loop_no_signal(void)
{
	remove_event(&own_signal);
}

bool
loop_spawn(const char *program, void (*fn)(int code))
{
	(void)program;
	(void)fn;
	return false;
}

void
loop_run(void)
{
	ck_assert_int_eq(event_base_dispatch(base), 0);
}

void
loop_stop(void)
{
	event_base_loopbreak(base);
}

void
loop_once(void)
{
	ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

int
main(void)
{
	return loops_main();
}
