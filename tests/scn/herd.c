/*
 * herd series N K    N tasks that end at once, K at a time: what stays
 * herd live N        N loops at the same time: what they cost while they
 *                    live, what stays, and the processor time that start and
 *                    stop took here, and the time that passed
 */
#define _GNU_SOURCE 1

#include "measure.h"

#include <proclc/error.h>
#include <proclc/subprocess.h>

enum { MANY = 5000, WARM = 200, GRACE_MS = 100000 };

static struct proclc_task *tasks[MANY];

static void
must(int rc)
{
	die_if(rc < 0, proclc_errmsg());
}

static int
give_code(void *self)
{
	return *(unsigned char *)self;
}

static int64_t
rest_long(void *unused)
{
	(void)unused;
	return 3600000;
}

static const struct proclc_task_ops short_task = {
	.size = sizeof(short_task), .name = "short", .run = give_code,
};

static const struct proclc_loop_ops long_loop = {
	.size = sizeof(long_loop), .name = "long", .loop = rest_long,
};

/* How many of n did not exit with their code; they are freed. */
static int
reap(int n, const unsigned char *codes)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int i, wrong = 0;

	for (i = 0; i < n; i++) {
		must(proclc_task_wait(tasks[i], PROCLC_FOREVER, &status));
		wrong += status.kind != PROCLC_STATUS_EXITED ||
		    status.code != (codes == NULL ? 0 : codes[i]);
		proclc_task_free(tasks[i]);
	}
	return wrong;
}

/* Every second round by one call for all. */
static int
run_round(int round, int k)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	unsigned char codes[MANY];
	int i;

	if (round % 2 == 0)
		options.flags = PROCLC_TASK_EXPLICIT_START |
		    (round % 4 == 0 ? PROCLC_TASK_WAIT_FOR_CHILD : 0);
	for (i = 0; i < k; i++) {
		codes[i] = (unsigned char)(round + i);
		must(proclc_task_new(&tasks[i], &short_task, &codes[i], 0,
		    &options));
	}
	if (round % 2 == 0)
		must(proclc_start_all(tasks, (size_t)k));
	return reap(k, codes);
}

static void
series(int n, int k)
{
	struct measure before;
	char text[128];
	int i, wrong = 0;

	for (i = 0; i < WARM; i += k)
		run_round(i / k, k);
	before = measure_take();
	for (i = 0; i < n; i += k)
		wrong += run_round(i / k, k);
	say("wrong %d %s", wrong, measure_since(&before, text, sizeof(text)));
}

static void
make_loops(int n)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	int i;

	options.flags = PROCLC_TASK_EXPLICIT_START;
	for (i = 0; i < n; i++)
		must(proclc_loop_new(&tasks[i], &long_loop, NULL, 0,
		    &options));
}

struct times {
	int64_t passed, used;
};

static struct times
times_now(void)
{
	return (struct times){ measure_us(), measure_cpu_us() };
}

static struct times
times_since(struct times before)
{
	struct times now = times_now();

	return (struct times){ now.passed - before.passed,
	    now.used - before.used };
}

static void
live(int n)
{
	struct times start, stop;
	struct measure before;
	char text[128];
	int killed, wrong;

	for (int i = 0; i < WARM; i += 8)
		run_round(i / 8, 8);
	before = measure_take();
	make_loops(n);
	start = times_now();
	must(proclc_start_all(tasks, (size_t)n));
	start = times_since(start);
	say("live %s", measure_since(&before, text, sizeof(text)));
	stop = times_now();
	killed = proclc_shutdown_all(GRACE_MS);
	stop = times_since(stop);
	must(killed);
	say("killed %d start %lld us stop %lld us, took %lld %lld", killed,
	    (long long)start.used, (long long)stop.used,
	    (long long)start.passed, (long long)stop.passed);
	wrong = reap(n, NULL);
	say("wrong %d %s", wrong, measure_since(&before, text,
	    sizeof(text)));
}

int
main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0;
	int k = argc > 3 ? atoi(argv[3]) : 1;

	die_if(n < 1 || k < 1 || k > MANY, "usage");
	if (strcmp(argv[1], "series") == 0)
		series(n, k);
	else if (n <= MANY)
		live(n);
	return 0;
}
