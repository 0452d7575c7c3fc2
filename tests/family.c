/* A parent and its child in a test. */
#define _GNU_SOURCE 1

#include "family.h"

#include "toolkit/os.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* How long no news is taken for good news. */
enum { QUIET_MS = 100 };

/* As things are here; and as on an older kernel, or under a filter. */
static const char *const refusals[FAMILY_WAYS] = {
	NULL, "pidfd_open=ENOSYS", "pidfd_open=EPERM",
};

static bool adopts;

void
family_setup(void)
{
	toolkit_setup();
	adopts = os_become_subreaper();
	toolkit_expect(TOOLKIT_TRAITS);
}

/* Read on until the child's number; false: nothing of the kind is here. */
static bool
began(struct family *f)
{
	char line[64] = "";

	if (scenario_read_line(&f->s, line, sizeof(line), 0) &&
	    sscanf(line, "child %d", &f->child) == 1)
		return true;
	if (strcmp(line, "no namespace") != 0)
		ck_assert_int_eq(WEXITSTATUS(scenario_wait(&f->s)), 77);
	scenario_wait(&f->s);
	toolkit_skip("what comes of a filter or a namespace");
	return false;
}

/* Words: how the parent is, and the steps of the child. */
bool
family_start(struct family *f, int way, family_words w)
{
	const char *refused = refusals[way];
	char path[1024];

	scenario_path(path, sizeof(path), "scn/orphan");
	if (refused == NULL)
		scenario_start(&f->s, "orphan", w[0], w[1], w[2], w[3], w[4],
		    w[5], w[6], w[7], w[8], w[9], NULL);
	else
		scenario_start(&f->s, "refuse", refused, path, w[0], w[1],
		    w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], NULL);
	return began(f);
}

/* The same, until the child is through with its steps. */
bool
family_arm(struct family *f, int way, family_words words)
{
	char line[64];

	if (!family_start(f, way, words))
		return false;
	f->backend[0] = '\0';
	ck_assert(scenario_read_line(&f->s, line, sizeof(line), 0));
	if (sscanf(line, "backend %15s", f->backend) == 1)
		scenario_expect(&f->s, "armed");
	else
		ck_assert_str_eq(line, "armed");
	return true;
}

void
family_expect_within(struct family *f, const char *expected, int ms)
{
	char line[64] = "nothing";

	scenario_read_line(&f->s, line, sizeof(line), ms);
	ck_assert_str_eq(line, expected);
}

void
family_kill_parent(struct family *f)
{
	scenario_signal(&f->s, SIGKILL);
}

/* The child lives, and goes on to. */
void
family_expect_alive(struct family *f)
{
	scenario_send(&f->s, "ping");
	scenario_expect(&f->s, "pong");
	ck_assert(!process_gone_within(f->child, QUIET_MS));
	scenario_send(&f->s, "ping");
	scenario_expect(&f->s, "pong");
}

void
family_expect_status(pid_t pid, int ms, int expected)
{
	int status;

	process_wait_gone(pid, ms);
	if (!adopts)
		return;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, expected);
}

void
family_expect_end(struct family *f, int ms, int expected)
{
	process_wait_gone(f->child, ms);
	process_wait_gone(f->s.pid, 0);
	family_expect_status(f->child, 0, expected);
	scenario_expect_killed(&f->s, SIGKILL);
	scenario_expect_eof(&f->s);
}
