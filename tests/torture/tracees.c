/* Who is traced: processes by descent, their threads by birth. */
#define _GNU_SOURCE 1

#include "tracees.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process *processes;
struct role *roles;
struct tracee *tracees;

static void *
make(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

struct tracee *
tracee_find(pid_t tid)
{
	struct tracee *t = tracees;

	while (t != NULL && t->tid != tid)
		t = t->next;
	return t;
}

struct tracee *
tracee_add(pid_t tid)
{
	struct tracee *t = make(sizeof(*t));

	t->tid = tid;
	t->next = tracees;
	tracees = t;
	return t;
}

void
tracee_remove(struct tracee *tracee)
{
	struct tracee **at = &tracees;

	while (*at != tracee)
		at = &(*at)->next;
	*at = tracee->next;
	free(tracee);
}

static void
add_role(struct tracee *tracee, struct process *process)
{
	struct role *role = make(sizeof(*role));

	role->process = process;
	role->thread = process->threads++;
	role->next = roles;
	roles = role;
	tracee->role = role;
}

void
tracee_is_process(struct tracee *tracee, struct process *mother)
{
	struct process *process = make(sizeof(*process));

	process->pid = tracee->tid;
	if (mother == NULL)
		snprintf(process->path, sizeof(process->path), "0");
	else if ((size_t)snprintf(process->path, sizeof(process->path),
	    "%s.%d", mother->path, ++mother->children) >=
	    sizeof(process->path))
		abort();
	process->subject = mother != NULL && mother->subject;
	process->next = processes;
	processes = process;
	add_role(tracee, process);
}

void
tracee_is_thread(struct tracee *tracee, struct process *process)
{
	add_role(tracee, process);
}

/* The newest: a number may have been used again. */
struct process *
process_find(pid_t pid)
{
	struct process *p = processes;

	while (p != NULL && p->pid != pid)
		p = p->next;
	return p;
}

void
role_count(struct role *role, struct call call)
{
	struct tally *tally;
	int i;

	for (i = 0; i < role->tally_count; i++) {
		tally = &role->tallies[i];
		if (tally->call.nr == call.nr &&
		    tally->call.command == call.command) {
			tally->n++;
			return;
		}
	}
	tally = realloc(role->tallies,
	    ((size_t)role->tally_count + 1) * sizeof(*tally));
	if (tally == NULL)
		abort();
	role->tallies = tally;
	tally[role->tally_count++] = (struct tally){ call, 1 };
}

void
role_text(const struct role *role, char *buf, int size)
{
	if (role->thread == 0)
		snprintf(buf, (size_t)size, "%s", role->process->path);
	else
		snprintf(buf, (size_t)size, "%s/%d", role->process->path,
		    role->thread);
}

static bool
read_status(pid_t tid, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

pid_t
thread_group(pid_t tid)
{
	char text[4096];
	const char *at;

	if (!read_status(tid, text, sizeof(text)))
		return tid;
	at = strstr(text, "\nTgid:");
	return at == NULL ? tid : atoi(at + 6);
}

void
thread_name(pid_t tid, char *buf, int size)
{
	char text[4096];
	size_t length;

	if (!read_status(tid, text, sizeof(text)) ||
	    strncmp(text, "Name:\t", 6) != 0)
		return;
	length = strcspn(text + 6, "\n");
	snprintf(buf, (size_t)size, "%.*s", (int)length, text + 6);
}
