/* command FILE...: how many lines each file has, as wc(1) says it. */
#include <proclc.h>

#include <stdio.h>

static void
print(const void *data, size_t n, void *user)
{
	(void)user;
	fwrite(data, 1, n, stdout);
}

static int
count(char *file)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_talk talk = PROCLC_TALK_INIT;
	char name[] = "wc", lines[] = "-l", *argv[] = { name, lines, NULL };
	struct proclc_task *task;

	o.in.kind = PROCLC_STDIO_FILE;
	o.in.path = file;
	o.out.kind = PROCLC_STDIO_PIPE;
	if (proclc_command_new(&task, argv, &o) < 0)
		return -1;
	talk.out = print;
	/* All that it says, until it has ended. */
	if (proclc_command_talk(task, &talk, PROCLC_FOREVER) < 0)
		fprintf(stderr, "command: %s\n", proclc_errmsg());
	proclc_task_free(task);
	return 0;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		printf("%s: ", argv[i]);
		fflush(stdout);
		if (count(argv[i]) == 0)
			continue;
		printf("none\n");
		fprintf(stderr, "command: %s\n", proclc_errmsg());
		return 1;
	}
	return 0;
}
