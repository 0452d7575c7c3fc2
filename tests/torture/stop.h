/* A thread that is stopped at a system call: what it asks, what it is told. */
#ifndef TORTURE_STOP_H
#define TORTURE_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { STOP_NONE, STOP_ENTRY, STOP_EXIT };

/* The kernel's struct ptrace_syscall_info, which libc has since its 2.30. */
struct stop {
	uint8_t kind;
	uint8_t reserved;
	uint16_t flags;
	uint32_t arch;
	uint64_t ip;
	uint64_t sp;
	union {
		struct {
			uint64_t nr;
			uint64_t args[6];
		} entry;
		struct {
			int64_t value;
			uint8_t is_error;
		} exit;
		uint64_t room[8];
	};
};

bool stop_read(pid_t tid, struct stop *stop);

/* At its entry: the call is not made. */
bool stop_skip(pid_t tid, struct stop *stop);

/* At its exit: value is the result, -errno for a failure. */
bool stop_answer(pid_t tid, struct stop *stop, int64_t value);

/* The same by the registers, where the kernel is older than Linux 6.16:
 * registers-CPU.c.  False where nobody has written that. */
bool registers_skip(pid_t tid);
bool registers_answer(pid_t tid, int64_t value);

#endif
