/*
 * For scenario programs that obey a test, one line of words at a time:
 *
 *	static const struct command commands[] = {
 *		{ "open", do_open },
 *		{ NULL, NULL }
 *	};
 *
 *	int
 *	main(void)
 *	{
 *		return script_main(commands, NULL);
 *	}
 *
 * Every one of them also knows
 *	fork [HOW]     make a child: by fork, or quiet, raw (kernel.h)
 *	child LINE     have it obey; what it tells begins with "child "
 *	reap           wait for its end and tell it: "reaped 15", "reaped 0 3"
 *	               (signal; 0 and exit code)
 *	kill SIG       to itself       block SIG      in the main thread
 *	chdir DIR      pid             closed         (which of fd 0-2 are)
 *	close_all      every descriptor from 3 up, as daemons do
 *	fds            how many there are from 3 up, ours not counted
 *	occupy PATH    open files until the numbers below 32 are taken
 *	return         from main       exit N, _exit N
 * On EOF it returns 0 from main; a forked child just ends.
 */
#ifndef SCN_SCRIPT_H
#define SCN_SCRIPT_H

#include "../toolkit/scn.h"

#include <stddef.h>
#include <sys/types.h>

struct command {
	const char *name;
	void (*obey)(char **words);     /* without the name, NULL at the end */
};

/* more: another table, or NULL. */
int script_main(const struct command *commands, const struct command *more);

/* And a first line, or NULL, to obey before any other. */
int script_main_with(const struct command *commands,
    const struct command *more, char *first);

/* Obey a line now; also several, with ';' between. */
void script_obey(char *line);

/* One line to the test, in one write, past stdio. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "WHAT 0", "WHAT 5" or "WHAT PROCLC_EBUSY". */
void tell_code(const char *what, int code);

/* Talk over copies of the descriptors, and so on after a daemon's redirects;
 * which they are now. */
void script_move(void);
extern int script_in, script_out;

/* The child of "fork", 0 before; and the words as numbers, -1 without one. */
extern pid_t script_child;
int script_number(const char *word);

#endif
