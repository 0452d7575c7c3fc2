/* execrun.c - what a child needs before its program, in one piece of memory
 * that was there before it. */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/exec.h"

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

/* PR_SET_PDEATHSIG is. */
const bool pcl_os_exec_ties_to_thread = true;

/* From a piece of memory, or only counted. */
struct room {
	char *base;
	size_t used;
};

static void *
take(struct room *room, size_t size, size_t align)
{
	void *at;

	room->used = (room->used + align - 1) / align * align;
	at = room->base == NULL ? NULL : room->base + room->used;
	room->used += size;
	return at;
}

extern char **environ;

/* Where programs are, when nobody says it. */
static const char *
search_path(void)
{
	const char *path = getenv("PATH");

	return path == NULL ? "/bin:/usr/bin" : path;
}

/* Of struct pcl_exec_run the parts that follow it; path: to look in. */
static void
lay_out(struct pcl_exec_run *run, const struct pcl_os_exec *exec,
    const char *path, struct room *room)
{
	size_t search = path == NULL ? 0 : strlen(path) + 1;

	run->stack = take(room, run->stack_size, 16);
	run->n_moves = 3 + exec->n_passes;
	run->moves = take(room, run->n_moves * sizeof(*run->moves), 16);
	if (exec->user != NULL) {
		run->ids = pcl_posix_user_ids(exec->user);
		run->groups = take(room, sizeof(*run->groups) *
		    (size_t)(run->ids.n_groups + PCL_EXEC_SPARE_GROUPS),
		    sizeof(*run->groups));
	}
	run->search = take(room, search, 1);
	run->path = take(room, search == 0 ? 0 :
	    search + strlen(exec->file) + 1, 1);
	if (search == 0)
		run->search = NULL;
}

static struct pcl_exec_move
standard_move(int number, const struct pcl_os_stdio *from)
{
	struct pcl_exec_move move = { .from = PCL_NONE, .to = number };

	move.flags = O_NOCTTY | O_CLOEXEC;
	switch (from->kind) {
	case PCL_OS_STDIO_NULL:
		move.path = "/dev/null";
		move.flags |= number == 0 ? O_RDONLY : O_WRONLY;
		break;
	case PCL_OS_STDIO_FILE:
		move.path = from->path;
		move.flags |= number == 0 ? O_RDONLY :
		    O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case PCL_OS_STDIO_APPEND:
		move.path = from->path;
		move.flags |= number == 0 ? O_RDONLY :
		    O_WRONLY | O_CREAT | O_APPEND;
		break;
	case PCL_OS_STDIO_HANDLE:
		move.from = (int)from->handle;
		break;
	case PCL_OS_STDIO_OUT:
		move.like_out = true;
		break;
	default:
		break;
	}
	return move;
}

static void
fill(struct pcl_exec_run *run, const struct pcl_os_exec *exec,
    const char *path)
{
	run->exec = exec;
	run->heard = (int)exec->channel[1];
	run->env = exec->env == NULL ? environ : exec->env;
	if (exec->die_with_parent)
		run->parent = getpid();
	for (int i = 0; i < 3; i++)
		run->moves[i] = standard_move(i, &exec->stdio[i]);
	for (size_t i = 0; i < exec->n_passes; i++)
		run->moves[3 + i] = (struct pcl_exec_move){
		    .from = exec->passes[i].fd, .to = exec->passes[i].as };
	if (run->search != NULL)
		memcpy(run->search, path, strlen(path) + 1);
}

struct pcl_exec_run *
pcl_exec_make(const struct pcl_os_exec *exec, size_t stack_size, bool shared)
{
	struct pcl_exec_run made = { .stack_size = stack_size };
	const char *path = exec->search ? search_path() : NULL;
	struct room room = { NULL, 0 };
	struct pcl_exec_run *run;
	void *memory;

	take(&room, sizeof(made), 16);
	lay_out(&made, exec, path, &room);
	made.size = room.used;
	memory = shared ? mmap(NULL, made.size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0) : malloc(made.size);
	if (memory == NULL || memory == MAP_FAILED)
		return NULL;
	room = (struct room){ memory, 0 };
	run = take(&room, sizeof(*run), 16);
	lay_out(&made, exec, path, &room);
	*run = made;
	fill(run, exec, path);
	return run;
}

void
pcl_exec_free(struct pcl_exec_run *run, bool shared)
{
	if (shared)
		munmap(run, run->size);
	else
		free(run);
}

bool
pcl_exec_failed(const struct pcl_exec_run *run)
{
	return run->error != 0 || !run->running;
}

int
pcl_exec_report(const struct pcl_exec_run *run,
    struct pcl_os_exec_failure *failure)
{
	const char *path = run->tried == NULL ? "" : run->tried;
	size_t length = strlen(path);

	failure->step = run->step;
	failure->index = run->index;
	if (length >= sizeof(failure->path))
		path += length - sizeof(failure->path) + 1;
	snprintf(failure->path, sizeof(failure->path), "%s", path);
	return run->error == 0 ? PROCLC_ESTARTFAILED : -run->error;
}
