/*
 * victim WORD...: one thing after the other, for the drivers' own tests.
 *
 *	open PATH       tells "open" and the error's number, 0 for none
 *	remove PATH     so does this
 *	add PATH        a byte to the file; tells nothing
 *	close           a descriptor; tells the error, and whether it is open
 *	fork, thread    the rest happens in a child, in a thread; the victim
 *	                waits for it, and ends
 *	leave           the rest happens in a child that nobody waits for
 *	catch           tells "caught N" for each SIGTERM, SIGUSR1 from now on
 *	wait            for a line or the end of stdin
 *	pause           for ever
 *	begin, end      marks; end tells the number of injections
 *	allocate N      tells "allocate" and how many of N were refused
 *	grow            the same for realloc and aligned_alloc, one each
 *	lose            a block of memory
 *	allocating      a handler for SIGUSR1 that does
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "../toolkit/scn.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>

static char **word;

/* Kept from the compiler, which knows what malloc does. */
static volatile size_t size = 100;
static void *volatile lost;

static char *
next_word(void)
{
	die_if(*word == NULL, "a word is missing");
	return *word++;
}

static void
on_signal(int signo)
{
	say("caught %d", signo);
}

static void
on_usr1(int signo)
{
	(void)signo;
	lost = malloc(size);
}

static void
do_catch(void)
{
	signal(SIGTERM, on_signal);
	signal(SIGUSR1, on_signal);
}

static void
do_open(void)
{
	int fd = openat(AT_FDCWD, next_word(), O_RDONLY | O_CREAT | O_CLOEXEC,
	    0600);

	say("open %d", fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
}

static void
do_remove(void)
{
	say("remove %d", unlinkat(AT_FDCWD, next_word(), 0) < 0 ? errno : 0);
}

static void
do_close(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 50);
	int error = close(fd) < 0 ? errno : 0;

	say("close %d open %d", error, fcntl(fd, F_GETFD) >= 0);
}

static void
do_add(void)
{
	int fd = open(next_word(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);

	die_if(fd < 0, "add");
	(void)!write(fd, "x", 1);
	close(fd);
}

static void
do_allocate(void)
{
	int n = atoi(next_word()), refused = 0;

	while (n-- > 0) {
		void *p = n % 2 == 0 ? malloc(size) : calloc(2, size);

		refused += p == NULL;
		free(p);
	}
	say("allocate %d", refused);
}

static void
do_grow(void)
{
	void *volatile p = realloc(NULL, size);
	void *volatile q = aligned_alloc(64, size + 28);
	void *r = NULL;
	int refused = (p == NULL) + (q == NULL);

	refused += posix_memalign(&r, 64, size) != 0;
	free(p);
	free(q);
	free(r);
	say("grow %d", refused);
}

static void obey(void);

static sem_t named;

static void *
thread_main(void *unused)
{
	sem_wait(&named);
	obey();
	return unused;
}

static void
do_thread(void)
{
	pthread_t thread;

	die_if(pthread_create(&thread, NULL, thread_main, NULL) != 0,
	    "thread");
	pthread_setname_np(thread, "second");
	sem_post(&named);
	pthread_join(thread, NULL);
	exit(0);
}

static void
do_fork(bool waits)
{
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid == 0)
		return;
	if (waits)
		waitpid(pid, NULL, 0);
	exit(0);
}

static void
obey_one(const char *name)
{
	char line[16];

	if (strcmp(name, "open") == 0)
		do_open();
	else if (strcmp(name, "remove") == 0)
		do_remove();
	else if (strcmp(name, "close") == 0)
		do_close();
	else if (strcmp(name, "add") == 0)
		do_add();
	else if (strcmp(name, "fork") == 0 || strcmp(name, "leave") == 0)
		do_fork(strcmp(name, "fork") == 0);
	else if (strcmp(name, "thread") == 0)
		do_thread();
	else if (strcmp(name, "catch") == 0)
		do_catch();
	else if (strcmp(name, "allocating") == 0)
		signal(SIGUSR1, on_usr1);
	else if (strcmp(name, "wait") == 0)
		hear(line, sizeof(line));
	else if (strcmp(name, "begin") == 0)
		torture_begin();
	else if (strcmp(name, "end") == 0)
		say("end %ld", torture_end());
	else if (strcmp(name, "allocate") == 0)
		do_allocate();
	else if (strcmp(name, "grow") == 0)
		do_grow();
	else if (strcmp(name, "lose") == 0)
		lost = malloc(size);
	else
		die_if(strcmp(name, "pause") != 0 || pause() == 0, name);
}

static void
obey(void)
{
	while (*word != NULL)
		obey_one(next_word());
}

int
main(int argc, char **argv)
{
	(void)argc;
	word = argv + 1;
	obey();
	return 0;
}
