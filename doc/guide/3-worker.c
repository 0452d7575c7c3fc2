/* A daemon that has a worker, and a new one whenever that has died. */
#include <inttypes.h>
#include <proclc.h>
#include <stdio.h>
#include <unistd.h>

struct clock {
	int interval_ms;
	int64_t ticks;
};

static int
begin_clock(void *self)
{
	(void)self;
	printf("worker %d begins\n", (int)getpid());
	return fflush(stdout);
}

static int64_t
tick(void *self)
{
	struct clock *clock = self;

	printf("tick %" PRId64 "\n", ++clock->ticks);
	fflush(stdout);
	return clock->interval_ms;
}

static void
end_clock(void *self)
{
	struct clock *clock = self;

	printf("worker ends after %" PRId64 " ticks\n", clock->ticks);
}

static const struct proclc_loop_ops clock_ops = {
	.size = sizeof(clock_ops),
	.name = "clock",
	.begin = begin_clock,
	.loop = tick,
	.end = end_clock,
};

static int
start_worker(struct proclc_task **task, struct clock *clock)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart again = PROCLC_RESTART_INIT;

	again.when = PROCLC_RESTART_ALWAYS;
	o.restart = &again;
	return proclc_loop_new(task, &clock_ops, clock, sizeof(*clock), &o);
}

int
main(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	struct clock clock = { .interval_ms = 100 };
	struct proclc_task *worker;

	o.flags = PROCLC_DAEMON_WAIT_READY;
	o.pid_file = "clockd.pid";
	o.stdout_path = "clockd.log";
	if (proclc_daemonize(&o) < 0) {
		fprintf(stderr, "clockd: %s\n", proclc_errmsg());
		return 1;
	}
	if (proclc_atexit_install(NULL) < 0 ||
	    start_worker(&worker, &clock) < 0)
		proclc_daemon_fail(1, NULL);
	proclc_daemon_ready();
	for (;;)
		pause();
}
