/* task WORD...: count the letters of each word, each in a child of its own. */
#include <proclc.h>

#include <stdio.h>
#include <string.h>

enum { MANY = 16 };

/* What the child works on: its own copy of the caller's.  No pointers: on
 * Windows it is a new run of the program. */
struct work {
	char word[80];
};

static int
count(void *self)
{
	const struct work *work = self;

	return (int)strlen(work->word);
}

static const struct proclc_task_ops counting = {
	.size = sizeof(counting), .name = "counting", .run = count,
};

int
main(int argc, char **argv)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *tasks[MANY];
	struct work work[MANY];
	int n, i;

	/* First of all: there the child goes this way. */
	proclc_register(&counting);
	if (proclc_init(&argc, &argv) < 0)
		return 1;
	n = argc - 1 < MANY ? argc - 1 : MANY;
	for (i = 0; i < n; i++) {
		snprintf(work[i].word, sizeof(work[i].word), "%s",
		    argv[i + 1]);
		if (proclc_task_new(&tasks[i], &counting, &work[i],
		    sizeof(work[i]), NULL) < 0) {
			fprintf(stderr, "task: %s\n", proclc_errmsg());
			return 1;	/* those that run end with us */
		}
	}
	for (i = 0; i < n; i++) {
		proclc_task_wait(tasks[i], PROCLC_FOREVER, &status);
		printf("%s: %d\n", argv[i + 1], (int)status.code);
		proclc_task_free(tasks[i]);
	}
	return 0;
}
