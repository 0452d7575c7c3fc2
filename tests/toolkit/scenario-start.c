/* Starting a scenario program. */
#define _GNU_SOURCE 1

#include "fixture.h"
#include "os.h"
#include "scenario-run.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ARGS = 64 };

struct scenario_run *scenario_runs;

void
scenario_path(char *path, size_t size, const char *name)
{
	const char *dir = getenv("PROCLC_TEST_BUILDDIR");
	char self[1024] = "";
	char *slash;

	if (dir == NULL) {
		dir = os_program_path(self, sizeof(self));
		slash = strrchr(self, '/');
		if (dir == NULL || slash == NULL)
			ck_abort_msg("set PROCLC_TEST_BUILDDIR");
		*slash = '\0';
	}
	snprintf(path, size, "%s/%s", dir, name);
}

static void
find_program(char *path, size_t size, const char *name)
{
	char scenario[256];

	if (strchr(name, '/') != NULL) {
		snprintf(path, size, "%s", name);
		return;
	}
	snprintf(scenario, sizeof(scenario), "scn/%s", name);
	scenario_path(path, size, scenario);
}

/*
 * The state that posix_spawn() cannot give is given by the program "start",
 * which then becomes the scenario: its arguments, how many.
 */
static int
start_arguments(const struct scenario_options *options, char **args)
{
	static char path[1024], text[4][32], cwd[1024];
	int n = 0;

	find_program(path, sizeof(path), "start");
	snprintf(text[0], 32, "%llx", (unsigned long long)options->blocked);
	snprintf(text[1], 32, "%llx", (unsigned long long)options->ignored);
	snprintf(text[2], 32, "%x", options->closed);
	snprintf(text[3], 32, "%lu", (unsigned long)options->uid);
	args[n++] = path;
	args[n++] = text[0];
	args[n++] = text[1];
	args[n++] = text[2];
	args[n++] = text[3];
	snprintf(cwd, sizeof(cwd), "%s",
	    options->cwd == NULL ? "." : options->cwd);
	args[n++] = cwd;
	return n;
}

static bool
needs_start(const struct scenario_options *options)
{
	return options->blocked != 0 || options->ignored != 0 ||
	    options->closed != 0 || options->uid != 0 || options->cwd != NULL;
}

static int
spawn(pid_t *pid, char **args, const int pipes[3][2], bool own_group)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	sigset_t set;
	int rc;

	posix_spawnattr_init(&attr);
	if (own_group)
		flags |= POSIX_SPAWN_SETPGROUP;
	posix_spawnattr_setflags(&attr, flags);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[0][0], 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipes[2][1], 2);
	rc = posix_spawn(pid, args[0], &actions, &attr, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static void
start(struct scenario *s, const struct scenario_options *options, char **args)
{
	struct scenario_run *run = calloc(1, sizeof(*run));
	int pipes[3][2];
	int i, rc;

	if (run == NULL)
		abort();
	for (i = 0; i < 3; i++)
		if (os_pipe(pipes[i]) < 0)
			ck_abort_msg("pipe: %s", strerror(errno));
	rc = spawn(&run->pid, args, (const int (*)[2])pipes,
	    options->own_group);
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	run->in = pipes[0][1];
	run->out.fd = pipes[1][0];
	run->err.fd = pipes[2][0];
	if (rc != 0)
		ck_abort_msg("start %s: %s", args[0], strerror(rc));
	run->next = scenario_runs;
	scenario_runs = run;
	s->run = run;
	s->pid = run->pid;
}

static void
start_list(struct scenario *s, const struct scenario_options *options,
    const char *name, va_list list)
{
	char path[1024];
	char *args[MAX_ARGS];
	const char *base = strrchr(name, '/');
	int n = needs_start(options) ? start_arguments(options, args) : 0;

	find_program(path, sizeof(path), name);
	args[n] = path;
	do {
		ck_assert_int_lt(n + 1, MAX_ARGS);
		args[++n] = va_arg(list, char *);
	} while (args[n] != NULL);
	start(s, options, args);
	snprintf(s->run->name, sizeof(s->run->name), "%s",
	    base == NULL ? name : base + 1);
}

void
scenario_start(struct scenario *s, const char *name, ...)
{
	static const struct scenario_options none;
	va_list list;

	va_start(list, name);
	start_list(s, &none, name, list);
	va_end(list);
}

/* May everybody enter the folder of the programs, and those above it? */
static bool
open_to_all(void)
{
	char name[1024], *path, *slash;
	struct stat st;
	bool open = true;

	scenario_path(name, sizeof(name), "scn");
	path = realpath(name, NULL);
	ck_assert_ptr_nonnull(path);
	while (open && (slash = strrchr(path, '/')) != NULL) {
		open = stat(path, &st) == 0 && (st.st_mode & S_IXOTH) != 0;
		*slash = '\0';
	}
	free(path);
	return open;
}

bool
scenario_skip_user(void)
{
	if (geteuid() != 0)
		toolkit_skip("another user: only root can become one");
	else if (!open_to_all())
		toolkit_skip("another user: the folder is closed to others");
	else
		return false;
	return true;
}

void
scenario_start_with(struct scenario *s,
    const struct scenario_options *options, const char *name, ...)
{
	va_list list;

	va_start(list, name);
	start_list(s, options, name, list);
	va_end(list);
}
