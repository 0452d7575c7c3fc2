/* x86-64: the number of the call in orig_rax, its result in rax. */
#define _GNU_SOURCE 1

#include "stop.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

bool
registers_skip(pid_t tid)
{
	return ptrace(PTRACE_POKEUSER, tid,
	    offsetof(struct user_regs_struct, orig_rax), -1L) == 0;
}

bool
registers_answer(pid_t tid, int64_t value)
{
	return ptrace(PTRACE_POKEUSER, tid,
	    offsetof(struct user_regs_struct, rax), value) == 0;
}
