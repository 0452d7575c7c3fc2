/* clockd start | status | reload | stop: the whole of it. */
#include <inttypes.h>
#include <proclc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char pid_file[] = "clockd.pid";

struct clock {
	int interval_ms;
	int64_t ticks;
};

static int
complain(void)
{
	fprintf(stderr, "clockd: %s\n", proclc_errmsg());
	return 1;
}

static int
read_interval(void)
{
	FILE *file = fopen("clockd.conf", "r");
	int ms = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%d", &ms) != 1)
		ms = 0;
	fclose(file);
	return ms;
}

static int
begin_clock(void *self)
{
	struct clock *clock = self;

	printf("worker %d: every %d ms\n", (int)getpid(), clock->interval_ms);
	return fflush(stdout);
}

static int64_t
tick(void *self)
{
	struct clock *clock = self;

	clock->ticks++;
	return clock->interval_ms;
}

static const struct proclc_loop_ops clock_ops = {
	.size = sizeof(clock_ops),
	.name = "clock",
	.begin = begin_clock,
	.loop = tick,
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

/* Until SIGTERM; on SIGHUP with a new worker, if there is an interval. */
static int
serve(struct proclc_sighandler *signals, struct proclc_task *worker,
    struct clock *clock)
{
	int ms;

	while (proclc_sighandler_wait(signals, PROCLC_FOREVER) ==
	    PROCLC_SIGHUP) {
		ms = read_interval();
		if (ms <= 0) {
			printf("no interval: it stays %d\n",
			    clock->interval_ms);
			fflush(stdout);
			continue;
		}
		clock->interval_ms = ms;
		proclc_task_free(worker);
		if (start_worker(&worker, clock) < 0)
			return complain();
	}
	return 0;
}

static int
start(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	struct proclc_sighandler *signals;
	struct proclc_task *worker;
	struct clock clock = { 0 };

	o.flags = PROCLC_DAEMON_WAIT_READY;
	o.pid_file = pid_file;
	o.stdout_path = o.stderr_path = "clockd.log";
	clock.interval_ms = read_interval();
	if (clock.interval_ms <= 0) {
		fprintf(stderr, "clockd: no interval in clockd.conf\n");
		return 1;
	}
	if (proclc_daemonize(&o) < 0)
		return complain();
	if (proclc_sighandler_new(&signals, pid_file) < 0 ||
	    proclc_sighandler_set(signals, PROCLC_SIGHUP,
	    PROCLC_SIGNAL_WAIT, NULL) < 0 ||
	    proclc_sighandler_set(signals, PROCLC_SIGTERM,
	    PROCLC_SIGNAL_WAIT, NULL) < 0 ||
	    proclc_sighandler_start(signals) < 0 ||
	    start_worker(&worker, &clock) < 0)
		proclc_daemon_fail(1, NULL);
	proclc_daemon_ready();
	return serve(signals, worker, &clock);
}

static int
status(void)
{
	int64_t pid;

	if (proclc_pidfile_status(pid_file, &pid) < 0)
		return complain();
	printf("pid %" PRId64 " runs\n", pid);
	return 0;
}

int
main(int argc, char *argv[])
{
	const char *command = argc == 2 ? argv[1] : "";

	if (strcmp(command, "start") == 0)
		return start();
	if (strcmp(command, "status") == 0)
		return status();
	if (strcmp(command, "reload") == 0)
		return proclc_send(pid_file, PROCLC_SIGHUP) < 0 ?
		    complain() : 0;
	if (strcmp(command, "stop") == 0)
		return proclc_stop(pid_file, NULL) < 0 ? complain() : 0;
	fprintf(stderr, "usage: clockd start | status | reload | stop\n");
	return 2;
}
