/*
 * spawner.c - the thread that makes the children which are killed when their
 * parent ends.
 *
 * The system does that when the thread ends that has made the child.  This one
 * ends with the process.
 */
#include "command.h"

#include "error.h"
#include "fork.h"

struct request {
	const struct pcl_os_exec *exec;
	struct pcl_os_exec_failure *failure;
	int64_t pid;
	bool done;
	struct request *next;
};

/* Under PCL_LOCK_SPAWNER. */
static struct {
	bool known, started, quit;
	bool retiring;	/* somebody waits for its end */
	bool busy;	/* with a request */
	bool needed;	/* it has made a child */
	struct pcl_os_thread thread;
	struct request *first, **last;
} s = { .last = &s.first };

static struct request *
take(void)
{
	struct request *request = s.first;

	if (request == NULL)
		return NULL;
	s.first = request->next;
	if (s.first == NULL)
		s.last = &s.first;
	return request;
}

static void
spawner_main(void)
{
	struct request *request;

	pcl_lock(PCL_LOCK_SPAWNER);
	while (!s.quit) {
		request = take();
		if (request == NULL) {
			pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
			continue;
		}
		s.busy = true;
		pcl_unlock(PCL_LOCK_SPAWNER);
		request->pid = pcl_os_exec(request->exec, request->failure);
		pcl_lock(PCL_LOCK_SPAWNER);
		s.busy = false;
		request->done = true;
		s.needed = s.needed || request->pid >= 0;
		pcl_broadcast(PCL_LOCK_SPAWNER);
	}
	pcl_unlock(PCL_LOCK_SPAWNER);
}

static void
in_child(void)
{
	s.started = s.quit = s.retiring = s.busy = s.needed = false;
	s.first = NULL;
	s.last = &s.first;
}

static void
leave(void)
{
	pcl_lock(PCL_LOCK_SPAWNER);
	while (s.retiring)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	s.quit = true;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	pcl_unlock(PCL_LOCK_SPAWNER);
	if (s.started)
		pcl_os_thread_join(&s.thread);
}

static int
start_locked(void)
{
	int rc;

	s.quit = false;
	s.thread.name = "proclc-spawner";
	s.thread.fn = spawner_main;
	rc = pcl_os_thread_start(&s.thread);
	s.started = rc == 0;
	return rc;
}

/* It has no children that it must go on for: a process with live tasks does
 * not move. */
static int
settle(bool moved)
{
	int rc = 0;

	(void)moved;
	pcl_lock(PCL_LOCK_SPAWNER);
	if (s.started)
		rc = start_locked();
	pcl_unlock(PCL_LOCK_SPAWNER);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_THREAD, "spawner thread");
	return 0;
}

static const struct pcl_fork_unit unit = {
	.name = "spawner",
	.child = in_child,
	.leave = leave,
	.settle = settle,
};

/* It has made nobody, and nobody waits for it: end it.  The lock is given up
 * for that; who comes meanwhile waits. */
static void
retire(void)
{
	s.quit = s.retiring = true;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	pcl_unlock(PCL_LOCK_SPAWNER);
	pcl_os_thread_join(&s.thread);
	pcl_lock(PCL_LOCK_SPAWNER);
	s.retiring = s.started = false;
	pcl_broadcast(PCL_LOCK_SPAWNER);
}

/* The lock is held. */
static int64_t
ask(struct request *request)
{
	int rc = 0;

	while (s.retiring)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	if (!s.started)
		rc = start_locked();
	if (rc < 0)
		return rc;
	*s.last = request;
	s.last = &request->next;
	pcl_broadcast(PCL_LOCK_SPAWNER);
	while (!request->done)
		pcl_wait(PCL_LOCK_SPAWNER, PCL_NEVER);
	if (!s.needed && s.first == NULL && !s.busy && !s.retiring && !s.quit)
		retire();
	return request->pid;
}

int64_t
pcl_spawner_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure)
{
	struct request request = { .exec = exec, .failure = failure };
	int64_t pid;

	if (!pcl_threads_allowed())
		return PROCLC_ENOTSUP;
	pcl_enter(PCL_LOCK_SPAWNER);
	if (!s.known)
		pcl_fork_add_unit(&unit);
	s.known = true;
	pid = ask(&request);
	pcl_unlock(PCL_LOCK_SPAWNER);
	return pid;
}
