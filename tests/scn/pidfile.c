/*
 * Pid files, told what to do line by line.
 *
 *	open A PATH; write A; remove A; close A        files a to d
 *	open_beside A PATH                             in another thread
 *	status PATH; ping PATH; send PATH SIG
 *	touch PATH         open and close it
 *	umask OCTAL; ignore SIG; note; limit_size BYTES
 *	race N PATH        N processes at once; the winner holds it meanwhile
 *	turns N M PATH     N processes hold and remove it, M times each
 *	starts N PATH      one after the other, while another process asks
 *	low_fds            exit code: which of 0-2 are open; +8: not all others
 *	                   are closed by exec
 * A first argument is obeyed before stdin.
 */
#define _GNU_SOURCE 1

#include "script.h"
#include "../toolkit/os.h"

#include <proclc.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { FILES = 4, MAX_RACERS = 200 };

static struct proclc_pidfile *files[FILES];

static struct proclc_pidfile **
file(const char *word)
{
	int i = word[0] - 'a';

	die_if(i < 0 || i >= FILES, word);
	return &files[i];
}

static void
do_open(char **words)
{
	tell_code("open", proclc_pidfile_open(file(words[0]), words[1], NULL));
}

static char beside_path[1000];

static void *
open_now(void *slot)
{
	tell_code("beside", proclc_pidfile_open(slot, beside_path, NULL));
	return NULL;
}

/* Not waited for. */
static void
do_open_beside(char **words)
{
	pthread_t thread;

	snprintf(beside_path, sizeof(beside_path), "%s", words[1]);
	pthread_create(&thread, NULL, open_now, file(words[0]));
	pthread_detach(thread);
}

static void
do_write(char **words)
{
	tell_code("write", proclc_pidfile_write(*file(words[0])));
}

static void
do_remove(char **words)
{
	tell_code("remove", proclc_pidfile_remove(*file(words[0])));
	*file(words[0]) = NULL;
}

static void
do_close(char **words)
{
	proclc_pidfile_close(*file(words[0]));
	*file(words[0]) = NULL;
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
do_ping(char **words)
{
	tell_code("ping", proclc_ping(words[0]));
}

static void
do_send(char **words)
{
	tell_code("send", proclc_send(words[0], script_number(words[1])));
}

static void
do_umask(char **words)
{
	umask((mode_t)strtol(words[0], NULL, 8));
}

static void
do_ignore(char **words)
{
	signal(script_number(words[0]), SIG_IGN);
	tell("ignored");
}

static void
on_note(int signum)
{
	tell("got %d", signum);
}

/* Every signal that somebody may send. */
static void
do_note(char **words)
{
	(void)words;
	for (int signum = 1; signum <= 64; signum++)
		if (signum != SIGCHLD)
			signal(signum, on_note);
	tell("noting");
}

static void
do_limit_size(char **words)
{
	struct rlimit limit = { 0, 0 };

	limit.rlim_cur = limit.rlim_max = (rlim_t)script_number(words[0]);
	die_if(setrlimit(RLIMIT_FSIZE, &limit) != 0, "setrlimit");
}

static void
do_low_fds(char **words)
{
	int bits = 0;

	(void)words;
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			bits |= 1 << fd;
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) == 0)
			bits |= 8;
	_exit(bits);
}

/* What a racer found: written whole, for it is small. */
struct outcome {
	int rc;
	pid_t pid;
	int64_t holder;
};

static void
run_racer(const char *path, int start, int results, int finish)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	struct proclc_pidfile *pf;
	struct outcome outcome;
	char c;

	memset(&outcome, 0, sizeof(outcome));
	outcome.pid = getpid();
	(void)!read(start, &c, 1);
	outcome.rc = proclc_pidfile_open(&pf, path, NULL);
	if (outcome.rc == 0) {
		outcome.rc = proclc_pidfile_write(pf);
	} else {
		proclc_error_detail(&detail);
		outcome.holder = detail.pid;
	}
	scn_write(results, (char *)&outcome, sizeof(outcome));
	(void)!read(finish, &c, 1);
	_exit(0);
}

/* Wrong: refused for no reason.  Misnamed: refused, for another's sake. */
static void
judge_race(const struct outcome *o, int n, const char *path)
{
	int winners = 0, wrong = 0, misnamed = 0;
	int64_t winner = 0, named = 0;

	for (int i = 0; i < n; i++)
		if (o[i].rc == 0) {
			winners++;
			winner = o[i].pid;
		}
	for (int i = 0; i < n; i++) {
		if (o[i].rc == PROCLC_ERUNNING)
			misnamed += o[i].holder != winner;
		else if (o[i].rc != 0 && o[i].rc != PROCLC_ESTARTING)
			wrong++;
	}
	if (proclc_pidfile_status(path, &named) != 0 || named != winner)
		wrong++;
	tell("race: %d won, %d wrong, misnamed %d", winners, wrong, misnamed);
}

/* Racers wait for the end of a pipe, tell, and wait for another one's. */
static void
do_race(char **words)
{
	int n = script_number(words[0]), start[2], results[2], finish[2];
	struct outcome outcomes[MAX_RACERS];
	pid_t pids[MAX_RACERS];

	die_if(n > MAX_RACERS || os_pipe(start) != 0 ||
	    os_pipe(results) != 0 || os_pipe(finish) != 0, "pipe");
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		die_if(pids[i] < 0, "fork");
		if (pids[i] == 0) {
			close(start[1]);
			close(finish[1]);
			run_racer(words[1], start[0], results[1], finish[0]);
		}
	}
	close(start[1]);
	for (int i = 0; i < n; i++)
		die_if(read(results[0], &outcomes[i], sizeof(outcomes[i])) !=
		    (ssize_t)sizeof(outcomes[i]), "results");
	judge_race(outcomes, n, words[1]);
	close(finish[1]);
	for (int i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	close(start[0]);
	close(finish[0]);
	close(results[0]);
	close(results[1]);
}

static pid_t
start_asker(const char *path)
{
	int ready[2];
	pid_t pid;
	char c;

	die_if(os_pipe(ready) != 0, "pipe");
	pid = fork();
	if (pid == 0) {
		proclc_pidfile_status(path, NULL);
		scn_write(ready[1], ".", 1);
		for (;;) {
			proclc_ping(path);
			proclc_pidfile_status(path, NULL);
		}
	}
	die_if(pid < 0 || read(ready[0], &c, 1) != 1, "asker");
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
do_starts(char **words)
{
	int n = script_number(words[0]), refused = 0;
	pid_t asker = start_asker(words[1]);
	struct proclc_pidfile *pf;

	for (int i = 0; i < n; i++) {
		if (proclc_pidfile_open(&pf, words[1], NULL) < 0) {
			refused++;
			continue;
		}
		if (proclc_pidfile_write(pf) < 0)
			refused++;
		if (i % 2 == 0)
			proclc_pidfile_remove(pf);
		else
			proclc_pidfile_close(pf);
	}
	kill(asker, SIGKILL);
	waitpid(asker, NULL, 0);
	tell("starts: %d refused", refused);
}

/* How many are inside at once, seen by all. */
static atomic_int *inside;

/* Hold the file n times, removing it; the exit code: was anybody else in? */
static void
take_turns(int n, const char *path)
{
	struct proclc_pidfile *pf;
	int together = 0;

	while (n > 0) {
		if (proclc_pidfile_open(&pf, path, NULL) < 0)
			continue;
		if (atomic_fetch_add(inside, 1) != 0 ||
		    proclc_pidfile_write(pf) < 0)
			together = 1;
		atomic_fetch_sub(inside, 1);
		proclc_pidfile_remove(pf);
		n--;
	}
	_exit(together);
}

static void
do_turns(char **words)
{
	int status, together = 0, n = script_number(words[0]);
	pid_t pids[MAX_RACERS];

	inside = mmap(NULL, sizeof(*inside), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	die_if(n > MAX_RACERS || inside == MAP_FAILED, "mmap");
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		die_if(pids[i] < 0, "fork");
		if (pids[i] == 0)
			take_turns(script_number(words[1]), words[2]);
	}
	for (int i = 0; i < n; i++)
		if (waitpid(pids[i], &status, 0) < 0 || status != 0)
			together++;
	tell("turns: %d together", together);
}

/* What no holder should do to its own file. */
static void
do_touch(char **words)
{
	int fd = open(words[0], O_RDONLY | O_CLOEXEC);

	die_if(fd < 0, words[0]);
	close(fd);
	tell("touched");
}

static const struct command commands[] = {
	{ "open", do_open }, { "open_beside", do_open_beside },
	{ "write", do_write }, { "remove", do_remove }, { "close", do_close },
	{ "status", do_status }, { "ping", do_ping }, { "send", do_send },
	{ "umask", do_umask }, { "ignore", do_ignore }, { "note", do_note },
	{ "limit_size", do_limit_size }, { "low_fds", do_low_fds },
	{ "race", do_race }, { "starts", do_starts }, { "turns", do_turns },
	{ "touch", do_touch },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	return script_main_with(commands, NULL, argc > 1 ? argv[1] : NULL);
}
