/*
 * A pid file that goes along over an exec, told line by line.
 *
 *	open PATH; write; remove; close; status PATH     one file
 *	touch PATH         open and close it
 *	keep               over an exec; tells the descriptor
 *	adopt FD PATH
 *	exec               become this program again
 *	threads            of the library: there are some
 *	spawn              leave a program behind that inherits what it can; it
 *	                   lives until it is killed
 *	shut FD
 */
#define _GNU_SOURCE 1

#include "script.h"
#include "../toolkit/os.h"

#include <proclc.h>

#include <fcntl.h>

static struct proclc_pidfile *file;
static char *program;

static void
do_open(char **words)
{
	tell_code("open", proclc_pidfile_open(&file, words[0], NULL));
}

static void
do_write(char **words)
{
	(void)words;
	tell_code("write", proclc_pidfile_write(file));
}

static void
do_remove(char **words)
{
	(void)words;
	tell_code("remove", proclc_pidfile_remove(file));
	file = NULL;
}

static void
do_close(char **words)
{
	(void)words;
	proclc_pidfile_close(file);
	file = NULL;
	tell("closed");
}

static void
do_status(char **words)
{
	int64_t pid = 0;
	int rc = proclc_pidfile_status(words[0], &pid);

	if (rc == 0)
		tell("status %ld", (long)pid);
	else
		tell_code("status", rc);
}

static void
do_touch(char **words)
{
	int fd = open(words[0], O_RDONLY | O_CLOEXEC);

	die_if(fd < 0, words[0]);
	close(fd);
	tell("touched");
}

static void
do_keep(char **words)
{
	(void)words;
	tell_code("keep", proclc_pidfile_keep_over_exec(file));
}

static void
do_adopt(char **words)
{
	tell_code("adopt", proclc_pidfile_adopt(&file, words[1],
	    script_number(words[0])));
}

static void
do_exec(char **words)
{
	char *argv[] = { program, NULL };

	(void)words;
	tell("exec");
	execv(program, argv);
	die_if(1, program);
}

static void
do_threads(char **words)
{
	(void)words;
	tell_code("threads", proclc_atexit_install(NULL));
}

static void
do_spawn(char **words)
{
	char rest[] = "rest", *argv[] = { program, rest, NULL };
	int begun[2];
	pid_t pid;
	char c;

	(void)words;
	die_if(os_pipe(begun) != 0, "pipe");
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0) {
		execv(program, argv);
		_exit(1);
	}
	/* The exec closes the other end. */
	close(begun[1]);
	while (read(begun[0], &c, 1) < 0)
		die_if(errno != EINTR, "exec");
	close(begun[0]);
	tell("spawned %d", (int)pid);
}

static void
do_shut(char **words)
{
	tell("shut %d", close(script_number(words[0])));
}

static const struct command commands[] = {
	{ "open", do_open }, { "write", do_write }, { "remove", do_remove },
	{ "close", do_close }, { "status", do_status }, { "touch", do_touch },
	{ "keep", do_keep }, { "adopt", do_adopt }, { "exec", do_exec },
	{ "threads", do_threads }, { "spawn", do_spawn }, { "shut", do_shut },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	program = argv[0];
	if (argc > 1) {
		alarm(60);
		for (;;)
			pause();
	}
	return script_main(commands, NULL);
}
