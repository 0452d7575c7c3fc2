/* Who is traced: processes by descent, their threads by birth. */
#ifndef TORTURE_TRACEES_H
#define TORTURE_TRACEES_H

#include "calls.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One kind of call of one thread, for the record. */
struct tally {
	struct call call;
	long n;
};

/* What a thread is among all: kept after its end. */
struct role {
	struct process *process;
	int thread;
	char name[32];       /* as the thread was last called */
	struct tally *tallies;
	int tally_count;
	struct role *next;
};

struct process {
	pid_t pid;
	char path[64];       /* "0", "0.1", "0.1.2" */
	int children;        /* that it has had */
	int threads;
	bool subject;        /* tortured; children are as their mother is */
	bool over;
	struct process *next;
};

/* What is to become of the result of the call that it is in. */
struct answer {
	bool wanted;
	bool term;           /* SIGTERM with it */
	int64_t value;
};

struct tracee {
	pid_t tid;
	struct role *role;   /* NULL: its birth was not told yet */
	bool halted;         /* it waits for that */
	struct answer answer;
	int64_t due;         /* it waits until then; 0: it runs */
	struct tracee *next;
};

extern struct process *processes;    /* newest first */
extern struct role *roles;
extern struct tracee *tracees;

struct tracee *tracee_find(pid_t tid);
struct tracee *tracee_add(pid_t tid);
void tracee_remove(struct tracee *tracee);

/* The roles of a new process and of a new thread; mother: who made it. */
void tracee_is_process(struct tracee *tracee, struct process *mother);
void tracee_is_thread(struct tracee *tracee, struct process *process);

struct process *process_find(pid_t pid);

void role_count(struct role *role, struct call call);

/* "0.1/2", and without the thread where it is the first. */
void role_text(const struct role *role, char *buf, int size);

/* The number of the process that a thread is of, and its name. */
pid_t thread_group(pid_t tid);
void thread_name(pid_t tid, char *buf, int size);

#endif
