/*
 * offspring once|loop|always|patient: the four programs by which the Python
 * package offspring explains itself, in C.
 */
#include <proclc.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Both: init runs in the parent and prepares the object. */
struct work {
	const char *argument;
	int rounds;
};

static int
prepare(void *self, void *argument)
{
	((struct work *)self)->argument = argument;
	return 0;
}

static int
run(void *self)
{
	printf("run with %s\n", ((struct work *)self)->argument);
	return 0;
}

static int
begin(void *self)
{
	printf("begin with %s\n", ((struct work *)self)->argument);
	return 0;
}

static int64_t
loop(void *self)
{
	struct work *work = self;

	printf("loop %d\n", ++work->rounds);
	return work->rounds == 3 ? PROCLC_LOOP_STOP : 10;
}

static void
end(void *self)
{
	(void)self;
	puts("end");
}

static int
print(void *self)
{
	(void)self;
	puts("This will always print");
	return 0;
}

static int
sleep_long(void *self)
{
	(void)self;
	poll(NULL, 0, 300);
	puts("done");
	return 0;
}

#define TASK(body) \
	{ sizeof(struct proclc_task_ops), #body, prepare, body, NULL }
static const struct proclc_task_ops once = TASK(run), always = TASK(print),
    patient = TASK(sleep_long);
static const struct proclc_loop_ops looping = { sizeof(looping), "loop",
    prepare, begin, loop, end, NULL };

int
main(int argc, char **argv)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	const char *which = argc > 1 ? argv[1] : "once";
	static char argument[] = "this is arg1";
	struct work work = { NULL, 0 };
	struct proclc_task *task;
	int rc;

	o.arg = argument;
	if (strcmp(which, "once") == 0 || strcmp(which, "loop") == 0) {
		rc = which[0] == 'l' ?
		    proclc_loop_new(&task, &looping, &work, 0, &o) :
		    proclc_task_new(&task, &once, &work, 0, &o);
		if (rc == 0)
			proclc_task_wait(task, PROCLC_FOREVER, NULL);
	} else {
		/* We return at once, and our exit would end the child: it may
		 * be told so before its first line.  So it is not to be
		 * terminated, and the exit waits for it. */
		o.flags = PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN;
		rc = proclc_task_new(&task, which[0] == 'a' ? &always :
		    &patient, &work, 0, &o);
	}
	if (rc < 0)
		fprintf(stderr, "offspring: %s\n", proclc_errmsg());
	return rc < 0;
}
