/*
 * spawner.c - threads that start programs, where the one that wants it cannot.
 *
 * What dies with its parent is made by a thread that stays: the system kills
 * such a child when the thread ends that has made it.  And a start may take as
 * long as it likes to open a file, so that a restart must not be made on the
 * thread that all others need.
 *
 * Promise: a start waits for no other one for long, as long as there are
 * fewer than WORKERS; who has made nobody that needs him is gone when he has
 * nothing to do.
 */
#include "command.h"

#include "error.h"
#include "fork.h"

enum {
	WORKERS = 32,
	PATIENCE_MS = 100	/* with those there are, who may be slow */
};

struct worker {
	/* FREE: there is none; ENDED: to be joined, JOINED: somebody does. */
	enum { FREE, RUNS, ENDED, JOINED } state;
	bool stays;	/* it has made a child that dies with it */
	bool nearly;	/* it is about to be done with its errand */
	struct pcl_os_thread thread;
};

/* Under PCL_LOCK_SPAWNER. */
static struct {
	bool known, quit;
	bool opening;	/* a thread is being made */
	unsigned running, idle, staying;
	size_t waiting;	/* errands in the list */
	struct worker workers[WORKERS];
	struct worker *newborn;	/* whose thread is to come */
	struct pcl_errand *first, **last;
} s = { .last = &s.first };

static _Thread_local struct worker *self;

static struct pcl_errand *
take(void)
{
	struct pcl_errand *errand = s.first;

	if (errand == NULL)
		return NULL;
	s.first = errand->next;
	if (s.first == NULL)
		s.last = &s.first;
	s.waiting--;
	return errand;
}

static void
put(struct pcl_errand *errand)
{
	errand->next = NULL;
	*s.last = errand;
	s.last = &errand->next;
	s.waiting++;
	pcl_broadcast(PCL_LOCK_SPAWNER);
}

static void
worker_main(void)
{
	struct pcl_errand *errand;

	pcl_lock(PCL_LOCK_SPAWNER);
	self = s.newborn;
	s.newborn = NULL;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	while ((errand = take()) != NULL || (self->stays && !s.quit)) {
		if (errand == NULL) {
			pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
			continue;
		}
		s.idle--;
		pcl_unlock(PCL_LOCK_SPAWNER);
		errand->fn(errand);
		pcl_lock(PCL_LOCK_SPAWNER);
		s.idle++;
		self->nearly = false;
		pcl_broadcast(PCL_LOCK_SPAWNER);
	}
	s.idle--;
	s.running--;
	s.staying -= self->stays;
	self->state = ENDED;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	pcl_unlock(PCL_LOCK_SPAWNER);
}

/* Those that have ended, or are about to, are waited for; the lock is given up
 * for that. */
static void
tidy(void)
{
	for (int i = 0; i < WORKERS; i++) {
		struct worker *worker = &s.workers[i];

		while (worker->state == RUNS && worker->nearly &&
		    worker != self)
			pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
		if (worker->state != ENDED)
			continue;
		worker->state = JOINED;
		pcl_unlock(PCL_LOCK_SPAWNER);
		pcl_os_thread_join(&worker->thread);
		pcl_lock(PCL_LOCK_SPAWNER);
		worker->state = FREE;
	}
}

static void
in_child(void)
{
	for (int i = 0; i < WORKERS; i++)
		s.workers[i].state = FREE;
	s.quit = s.opening = false;
	s.running = s.idle = s.staying = 0;
	s.waiting = 0;
	s.newborn = NULL;
	s.first = NULL;
	s.last = &s.first;
	self = NULL;
}

/* Those who come from now on wait. */
static void
leave(void)
{
	pcl_lock(PCL_LOCK_SPAWNER);
	s.quit = true;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	while (s.running > 0 || s.opening)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	tidy();
	pcl_unlock(PCL_LOCK_SPAWNER);
}

/* It has no children that anybody must go on for: a process with live tasks
 * does not move. */
static int
settle(bool moved)
{
	(void)moved;
	pcl_lock(PCL_LOCK_SPAWNER);
	s.quit = false;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	pcl_unlock(PCL_LOCK_SPAWNER);
	return 0;
}

static const struct pcl_fork_unit unit = {
	.name = "spawner",
	.child = in_child,
	.leave = leave,
	.settle = settle,
};

/* One more, where one is free.  The lock is given up until it is there. */
static int
open_worker(void)
{
	struct worker *worker = s.workers;
	int rc;

	while (worker < s.workers + WORKERS && worker->state != FREE)
		worker++;
	if (worker == s.workers + WORKERS)
		return s.running > 0 ? 0 : PROCLC_EAGAIN;
	worker->thread = (struct pcl_os_thread){ .name = "proclc-spawner",
	    .fn = worker_main };
	worker->stays = worker->nearly = false;
	s.newborn = worker;
	rc = pcl_os_thread_start(&worker->thread);
	if (rc < 0) {
		s.newborn = NULL;
		/* The others will come to it. */
		return s.running > 0 ? 0 : rc;
	}
	worker->state = RUNS;
	s.running++;
	s.idle++;
	s.opening = true;
	while (s.newborn != NULL)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	s.opening = false;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	return 0;
}

/* The lock is held.  Where nobody runs, it is the only errand. */
static int
open_or_give_up(void)
{
	int rc;

	while (s.opening)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	rc = s.waiting > s.idle ? open_worker() : 0;
	if (rc < 0)
		take();
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_THREAD, "spawner thread") :
	    0;
}

static int
enter(void)
{
	if (!pcl_threads_allowed())
		return PROCLC_ENOTSUP;
	pcl_enter(PCL_LOCK_SPAWNER);
	if (!s.known)
		pcl_fork_add_unit(&unit);
	s.known = true;
	return 0;
}

int
pcl_spawner_send(struct pcl_errand *errand)
{
	int rc = enter();

	if (rc < 0)
		return rc;
	tidy();
	/* Its caller may be one that the move waits for. */
	if (s.quit) {
		rc = pcl_fail(PROCLC_EAGAIN, PROCLC_STAGE_THREAD,
		    "spawner thread: the process moves");
	} else {
		put(errand);
		rc = open_or_give_up();
	}
	pcl_unlock(PCL_LOCK_SPAWNER);
	return rc;
}

/* A start that its caller waits for. */
struct request {
	struct pcl_errand errand;
	const struct pcl_os_exec *exec;
	struct pcl_os_exec_failure *failure;
	int64_t pid;
	bool begun, done;
};

static void
serve(struct pcl_errand *errand)
{
	struct request *request = (struct request *)errand;

	pcl_lock(PCL_LOCK_SPAWNER);
	request->begun = true;
	pcl_unlock(PCL_LOCK_SPAWNER);
	request->pid = pcl_os_exec(request->exec, request->failure);
	pcl_lock(PCL_LOCK_SPAWNER);
	request->done = true;
	self->nearly = true;
	if (request->pid >= 0 && !self->stays) {
		self->stays = true;
		s.staying++;
	}
	pcl_broadcast(PCL_LOCK_SPAWNER);
	pcl_unlock(PCL_LOCK_SPAWNER);
}

/* The lock is held. */
static int
ask(struct request *request)
{
	int64_t due = pcl_os_now() + PATIENCE_MS;
	int rc = 0;

	while (s.quit)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	put(&request->errand);
	while (s.running > 0 && !request->begun && pcl_os_now() < due)
		pcl_wait(PCL_LOCK_SPAWNER, due);
	if (!request->begun)
		rc = open_or_give_up();
	while (rc == 0 && !request->done)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	tidy();
	return rc;
}

int64_t
pcl_spawner_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure)
{
	struct request request = { .errand = { .fn = serve }, .exec = exec,
	    .failure = failure };
	int rc = enter();

	if (rc < 0)
		return rc;
	/* A worker is as good as another one; and where no other is free, all
	 * may be waiting here for one. */
	if (self != NULL && (s.staying == 0 || s.idle <= s.waiting)) {
		pcl_unlock(PCL_LOCK_SPAWNER);
		serve(&request.errand);
		return request.pid;
	}
	rc = ask(&request);
	pcl_unlock(PCL_LOCK_SPAWNER);
	return rc < 0 ? rc : request.pid;
}

void
pcl_spawner_tidy(void)
{
	pcl_enter(PCL_LOCK_SPAWNER);
	tidy();
	pcl_unlock(PCL_LOCK_SPAWNER);
}

void
pcl_spawner_nearly(void)
{
	if (self == NULL)
		return;
	pcl_lock(PCL_LOCK_SPAWNER);
	self->nearly = true;
	pcl_unlock(PCL_LOCK_SPAWNER);
}
