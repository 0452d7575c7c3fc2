/*
 * refuse CALL=ERROR... PROGRAM [ARGUMENT...]
 *
 * Becomes PROGRAM in a system that refuses these system calls: as an older
 * kernel does, or a container's filter.  The descendants have it, too.
 * Exits with 77 where there are no such filters.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NO_FILTERS = 77 };

#if defined __has_include
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/filter.h>)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#define CAN_FILTER 1
#endif
#endif

#ifdef CAN_FILTER
static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	{ "pidfd_open", 434 },
	{ "pidfd_send_signal", 424 },
	{ "close_range", 436 },
	{ "getdents64", SYS_getdents64 },
};

static unsigned
call_number(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strncmp(calls[i].name, name, length) == 0 &&
		    calls[i].name[length] == '\0')
			return calls[i].number;
	die_if(1, name);
	return 0;
}

static void
filter(const char *word)
{
	const char *error = strchr(word, '=') + 1;
	unsigned number = call_number(word, (size_t)(error - 1 - word));
	unsigned answer = SECCOMP_RET_ERRNO |
	    (strcmp(error, "EPERM") == 0 ? EPERM : ENOSYS);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(NO_FILTERS);
}
#else
static void
filter(const char *word)
{
	(void)word;
	_exit(NO_FILTERS);
}
#endif

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strchr(argv[i], '=') != NULL; i++)
		filter(argv[i]);
	die_if(i >= argc, "usage");
	execv(argv[i], argv + i);
	die_if(1, argv[i]);
}
