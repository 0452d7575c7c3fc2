/*
 * exec-clone.c - a program in a child that borrows our memory until it runs
 * (Linux): what it costs does not depend on how much memory that is.
 *
 * clone3(2) with CLONE_CLEAR_SIGHAND (Linux 5.5) also forgets the signal
 * handlers; where it is refused clone(2) makes the child, which forgets them
 * itself.  Who becomes another user gets a copy of the memory instead: the
 * kernel would take the parent for less trusted, too, and a process of that
 * user could stop, or trace, a child that shares it.
 */
#include <config.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/exec.h"

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

enum { STACK_SIZE = 16 * 1024 };

const bool pcl_os_exec_forks = false;

/* All signals, libc's own too: as long as the child has our memory. */
static void
block_all(unsigned char saved[128])
{
	unsigned char all[128];

	memset(all, 0xff, sizeof(all));
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, all, saved, NSIG / 8);
}

static int PCL_BARE
be_child(void *arg)
{
	pcl_exec_steps(arg);
	syscall(SYS_exit_group, 127);
	return 127;
}

#if defined __x86_64__ && defined __LP64__
/* The kernel's struct clone_args, as of Linux 5.5. */
struct clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls;
};

enum { HAVE_CLONE3 = 1 };

/* The child has no frame to return to: it calls be_child on its own stack. */
static long PCL_BARE
clone3_call(struct clone_args *args, struct pcl_exec_run *run)
{
	register int (*fn)(void *) __asm__("r8") = be_child;
	register void *arg __asm__("r9") = run;
	long rc;

	__asm__ volatile("syscall\n\t"
	    "test %%rax, %%rax\n\t"
	    "jnz 1f\n\t"
	    "xor %%ebp, %%ebp\n\t"
	    "mov %%r9, %%rdi\n\t"
	    "call *%%r8\n\t"
	    "hlt\n"
	    "1:"
	    : "=a"(rc)
	    : "a"((long)SYS_clone3), "D"(args), "S"(sizeof(*args)), "r"(fn),
	      "r"(arg)
	    : "rcx", "r11", "memory", "cc");
	return rc;
}

static long
clone_clear(struct pcl_exec_run *run, uint64_t flags)
{
	struct clone_args args = {
		.flags = flags | 0x100000000u,	/* CLONE_CLEAR_SIGHAND */
		.parent_tid = (uintptr_t)run->exec->born,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)run->stack,
		.stack_size = run->stack_size,
	};

	return clone3_call(&args, run);
}
#else
enum { HAVE_CLONE3 = 0 };

static long
clone_clear(struct pcl_exec_run *run, uint64_t flags)
{
	(void)run;
	(void)flags;
	return -ENOSYS;
}
#endif

/* Returns the pid, when the program runs or the child has left. */
static int64_t
bear(struct pcl_exec_run *run, bool shared)
{
	unsigned flags = CLONE_VFORK | CLONE_PARENT_SETTID |
	    (shared ? 0 : CLONE_VM);
	unsigned char mask[128];
	int64_t pid = -ENOSYS;
	int error = errno;

	block_all(mask);
	if (HAVE_CLONE3)
		pid = clone_clear(run, flags);
	/* Not there, or not known, or a filter. */
	if (pid == -ENOSYS || pid == -EINVAL || pid == -EPERM) {
		run->handlers = true;
		pid = clone(be_child, run->stack + run->stack_size,
		    (int)flags | SIGCHLD, run,
		    (pid_t *)(uintptr_t)run->exec->born);
		if (pid < 0)
			pid = -errno;
	}
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, NSIG / 8);
	errno = error;
	return pid;
}

int64_t
pcl_os_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure)
{
	bool shared = exec->user != NULL;
	struct pcl_exec_run *run = pcl_exec_make(exec, STACK_SIZE, shared);
	int64_t pid;

	*failure = (struct pcl_os_exec_failure){ .step = PCL_OS_EXEC_BIRTH };
	if (run == NULL)
		return PROCLC_ENOMEM;
	pid = bear(run, shared);
	if (pid >= 0 && pcl_exec_failed(run)) {
		failure->child = pid;
		pid = pcl_exec_report(run, failure);
	}
	pcl_exec_free(run, shared);
	return pid;
}
