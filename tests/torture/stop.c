/* A thread that is stopped at a system call. */
#define _GNU_SOURCE 1

#include "stop.h"

#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Past libc, whose header may not know the requests. */
enum { GET_SYSCALL_INFO = 0x420e, SET_SYSCALL_INFO = 0x4212 };

bool
stop_read(pid_t tid, struct stop *stop)
{
	stop->kind = STOP_NONE;
	return syscall(SYS_ptrace, GET_SYSCALL_INFO, tid, sizeof(*stop),
	    stop) > 0;
}

/* TORTURE_REGISTERS: do as on an older kernel. */
static bool
write_stop(pid_t tid, struct stop *stop)
{
	stop->reserved = 0;
	stop->flags = 0;
	return getenv("TORTURE_REGISTERS") == NULL &&
	    syscall(SYS_ptrace, SET_SYSCALL_INFO, tid, sizeof(*stop),
	    stop) == 0;
}

bool
stop_skip(pid_t tid, struct stop *stop)
{
	stop->entry.nr = UINT64_MAX;
	return write_stop(tid, stop) || registers_skip(tid);
}

bool
stop_answer(pid_t tid, struct stop *stop, int64_t value)
{
	stop->exit.value = value;
	stop->exit.is_error = value < 0;
	return write_stop(tid, stop) || registers_answer(tid, value);
}
