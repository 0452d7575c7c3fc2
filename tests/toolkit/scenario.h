/*
 * Running scenario programs from a Check test.
 *
 *	struct scenario s;
 *
 *	scenario_start(&s, "daemon", "--pid-file", path, NULL);
 *	scenario_expect(&s, "ready");
 *	scenario_send(&s, "go on");
 *	scenario_signal(&s, SIGTERM);
 *	scenario_expect_killed(&s, SIGTERM);
 *	ck_assert_str_eq(scenario_stderr(&s), "");
 *
 * NAME is tests/scn/NAME in PROCLC_TEST_BUILDDIR (the build's tests folder;
 * default: where the test program lies); a name with a slash is a path.
 * It starts with default signal actions, an empty mask, pipes for fd 0-2,
 * no other descriptor but what the test itself opened without close-on-exec,
 * and in the test's process group, so that Check's timeout takes it along.
 *
 * Whatever does not go as said fails the test, with both sides told and the
 * program's stderr.  No wait is longer than 10 s times
 * PROCLC_TEST_MULTIPLIER.  The end of the test closes all scenarios; one
 * that still runs then fails it.
 */
#ifndef TOOLKIT_SCENARIO_H
#define TOOLKIT_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct scenario_run;

struct scenario {
	pid_t pid;
	struct scenario_run *run;
};

#define SCENARIO_SIGNAL(signo) (UINT64_C(1) << ((signo) - 1))
#define SCENARIO_ALL_SIGNALS UINT64_MAX

/* How it starts; zero is the default everywhere. */
struct scenario_options {
	unsigned closed;     /* bit n: fd n (0-2) is closed at start */
	uint64_t blocked;    /* SCENARIO_SIGNAL(SIGTERM) | ... */
	uint64_t ignored;
	const char *cwd;
	uid_t uid;           /* and the same gid, no other groups; not 0 */
	bool own_group;      /* its own process group */
};

/* The path of a program of the tests folder: "isolate", "scn/echo". */
void scenario_path(char *path, size_t size, const char *name);

void scenario_start(struct scenario *s, const char *name, ...)
    __attribute__((sentinel));
/* Skips the test, and says why, where a scenario cannot run as another user:
 * only root can become one, and the folder must be open to all. */
bool scenario_skip_user(void);
void scenario_start_with(struct scenario *s,
    const struct scenario_options *options, const char *name, ...)
    __attribute__((sentinel));

/* Its next line without the end of line; false: EOF or too late (ms). */
bool scenario_read_line(struct scenario *s, char *buf, size_t size,
    int timeout_ms);

/* Its next line is exactly this. */
void scenario_expect(struct scenario *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Its next line is format's text, then a number, which is returned. */
long scenario_expect_number(struct scenario *s, const char *text);

/* It says no more: stdout and stderr are closed by all who held them. */
void scenario_expect_eof(struct scenario *s);

/* A line to its stdin; and the end of its stdin. */
void scenario_send(struct scenario *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void scenario_close_stdin(struct scenario *s);

void scenario_signal(struct scenario *s, int signo);

/* Waits for its end and reaps it: the status as of waitpid(). */
int scenario_wait(struct scenario *s);
void scenario_expect_exit(struct scenario *s, int code);
void scenario_expect_killed(struct scenario *s, int signo);

/* Whether it can be reaped already; it is not. */
bool scenario_ended(struct scenario *s);

/* What it wrote to stderr until now, and what of stdout is not yet read. */
const char *scenario_stderr(struct scenario *s);
const char *scenario_stdout(struct scenario *s);

/*
 * For the fixture: kills what still runs and frees everything.  Returns the
 * number of those, with their names in buf.
 */
int scenario_close_all(char *buf, size_t size);

#endif
