/* The library as a guest in a libuv loop: uv_poll on its descriptor. */
#define _GNU_SOURCE 1

#include "loops/loops.h"

#include <stdbool.h>
#include <stdio.h>
#include <uv.h>

const char loop_name[] = "libuv";

static uv_loop_t loop;
static uv_poll_t watch;
static uv_timer_t timer;
static uv_signal_t own_signal;
static bool has_watch;     /* the handle is one */
static void (*on_watch)(void), (*on_timer)(void), (*on_signal)(void);
static uv_process_t child;
static void (*on_child)(int code);

static void
call_watch(uv_poll_t *handle, int status, int events)
{
	(void)handle;
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(events, UV_READABLE);
	on_watch();
}

static void
call_timer(uv_timer_t *handle)
{
	(void)handle;
	on_timer();
}

static void
call_signal(uv_signal_t *handle, int signum)
{
	(void)handle;
	(void)signum;
	on_signal();
}

/* The pipe of its signals stays. */
void
loop_warm_up(void)
{
	loop_open();
	loop_close();
}

void
loop_open(void)
{
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(uv_timer_init(&loop, &timer), 0);
	ck_assert_int_eq(uv_signal_init(&loop, &own_signal), 0);
}

void
loop_close(void)
{
	if (has_watch)
		uv_close((uv_handle_t *)&watch, NULL);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_close((uv_handle_t *)&own_signal, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	has_watch = false;
}

void
loop_watch(int fd, void (*fn)(void))
{
	on_watch = fn;
	if (!has_watch)
		ck_assert_int_eq(uv_poll_init(&loop, &watch, fd), 0);
	has_watch = true;
	ck_assert_int_eq(uv_poll_start(&watch, UV_READABLE, call_watch), 0);
}

void
loop_unwatch(void)
{
	uv_poll_stop(&watch);
}

void
loop_every(int ms, void (*fn)(void))
{
	on_timer = fn;
	uv_update_time(&loop);
	ck_assert_int_eq(uv_timer_start(&timer, call_timer, (uint64_t)ms,
	    (uint64_t)ms), 0);
}

void
loop_no_timer(void)
{
	uv_timer_stop(&timer);
}

void
loop_on_signal(int signum, void (*fn)(void))
{
	on_signal = fn;
	ck_assert_int_eq(uv_signal_start(&own_signal, call_signal, signum),
	    0);
}

void
loop_no_signal(void)
{
	uv_signal_stop(&own_signal);
}

static void
call_child(uv_process_t *handle, int64_t code, int signum)
{
	uv_close((uv_handle_t *)handle, NULL);
	on_child(signum == 0 ? (int)code : -1);
}

bool
loop_spawn(const char *program, void (*fn)(int code))
{
	char name[64];
	char *argv[] = { name, NULL };
	uv_process_options_t options = { .exit_cb = call_child, .file = name,
	    .args = argv };

	snprintf(name, sizeof(name), "%s", program);
	on_child = fn;
	ck_assert_int_eq(uv_spawn(&loop, &child, &options), 0);
	return true;
}

void
loop_run(void)
{
	uv_run(&loop, UV_RUN_DEFAULT);
}

void
loop_stop(void)
{
	uv_stop(&loop);
}

void
loop_once(void)
{
	uv_run(&loop, UV_RUN_ONCE);
}

int
main(void)
{
	return loops_main();
}
