/*
 * pidfile.c - run a program under a pid file: it is held by the program, from
 * before its first instruction to its end, whatever that is.
 *
 *	pidfile FILE PROGRAM [ARGUMENT...]
 *	pidfile FILE                        who holds it?
 */
#include <proclc.h>

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static int
complain(void)
{
	fprintf(stderr, "pidfile: %s\n", proclc_errmsg());
	return 1;
}

static int
status(const char *path)
{
	int64_t pid;

	if (proclc_pidfile_status(path, &pid) < 0)
		return complain();
	printf("held by pid %" PRId64 "\n", pid);
	return 0;
}

/* The lock stays with the process; the program need not know of it. */
static int
run(const char *path, char **argv)
{
	struct proclc_pidfile *file;

	if (proclc_pidfile_open(&file, path, NULL) < 0)
		return complain();
	if (proclc_pidfile_keep_over_exec(file) < 0)
		return complain();
	execvp(argv[0], argv);
	perror(argv[0]);
	proclc_pidfile_remove(file);
	return 127;
}

int
main(int argc, char **argv)
{
	if (argc == 2)
		return status(argv[1]);
	if (argc > 2)
		return run(argv[1], argv + 2);
	fprintf(stderr, "usage: pidfile FILE [PROGRAM [ARGUMENT...]]\n");
	return 2;
}
