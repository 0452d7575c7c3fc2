/* program.h - programs to run as commands: this one, in a role. */
#ifndef PCL_TESTS_PROGRAM_H
#define PCL_TESTS_PROGRAM_H

#include "tap.h"

#include <proclc.h>

/* The file of this program. */
char *
this_program(void);

/* A command that is this program in a role; its arguments end with NULL. */
struct proclc_task *
run_role(const struct proclc_command_options *options, const char *role, ...);

/* What a program has said; each with a 0 behind it. */
struct said {
	char *out, *err;
	size_t n_out, n_err;
};

/* Talk to it until its end, which must come: its exit code, -1: killed.
 * in: NULL: nothing; the last call's texts are freed by the next one. */
int
talk_to(struct proclc_task *task, const void *in, size_t size,
    struct said *said);
/* The same, and it is freed. */
int
hear_out(struct proclc_task *task, struct said *said);

/* What has failed, as the library tells it. */
int
failed_stage(void);

/* A role: what comes in goes out. */
int
copy_through(int argc, char **argv);

/* Text of the system's, as the library has it; of the last few calls. */
const char *
narrow(const wchar_t *wide);
/* And back. */
const wchar_t *
widen(const char *text);

#endif
