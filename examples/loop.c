/* loop: a child that ticks until it is told to stop, by us or by a signal. */
#include <proclc.h>

#include <stdio.h>

static int
begin(void *self)
{
	(void)self;
	return puts("begin") < 0 ? -1 : 0;
}

/* Returns when to be called again; a shutdown does not wait for that. */
static int64_t
tick(void *self)
{
	int *ticks = self;

	printf("tick %d\n", ++*ticks);
	return *ticks < 3 ? 10 : 3600000;
}

static void
end(void *self)
{
	printf("end after %d\n", *(int *)self);
}

static const struct proclc_loop_ops ticking = {
	.size = sizeof(ticking), .name = "ticking", .begin = begin,
	.loop = tick, .end = end,
};

int
main(int argc, char **argv)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;
	int ticks = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	/* On Windows the child is a new run, which becomes it here. */
	proclc_register_loop(&ticking);
	if (proclc_init(&argc, &argv) < 0)
		return 1;
	/* When it returns, the child hears a signal: end will be called. */
	if (proclc_loop_new(&task, &ticking, &ticks, sizeof(ticks),
	    NULL) < 0) {
		fprintf(stderr, "loop: %s\n", proclc_errmsg());
		return 1;
	}
	getchar();
	if (proclc_task_shutdown(task, 0, &status) < 0)
		fprintf(stderr, "loop: %s\n", proclc_errmsg());
	printf("exit code %d, and here %d ticks\n", (int)status.code, ticks);
	proclc_task_free(task);
	return 0;
}
