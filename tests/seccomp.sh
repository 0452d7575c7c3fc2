#!/bin/sh
# doc/syscalls.md holds for a whole program: under a filter that kills at any
# call but those of its units' rows and the program's own, the example server
# lives its life.  On other machines and C libraries other calls are made.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
top_builddir=$(cd "$top_builddir" && pwd) || exit 99
export LC_ALL=C
programs=$top_builddir/examples/prefork
work=$(mktemp -d) || exit 99
trap 'clean' EXIT
trap 'exit 143' HUP INT TERM

# What the demo has not known again is stopped by its pid file.
# shellcheck disable=SC2317 # the trap calls it
clean() {
  find "$work" -name prefork.pid | while IFS= read -r file; do
    "$top_builddir/tools/proclc" stop "$file"
  done
  rm -rf "$work"
}

skip() {
  echo "seccomp: $*"
  exit 77
}

machine="$(uname -m) $(getconf GNU_LIBC_VERSION 2>/dev/null)"
case $machine in
  x86_64\ glibc*) ;;
  *) skip "the table was not made on $machine" ;;
esac
case " ${PROCLC_TEST_BACKENDS- process=pidfd fds=linux } " in
  *' process=pidfd '*) ;;
  *) skip 'the table was made with other backends' ;;
esac
grep -q '^INSTRUMENT_LDFLAGS = *[^ ]' "$top_builddir/Makefile" &&
  skip 'a sanitizer makes calls of its own'
# A script would want more.
for name in prefork tell; do
  [ "$(head -c 2 "$programs/$name")" != '#!' ] || skip "$name is a script here"
done

# --- what may pass -----------------------------------------------------------

# Of the units that prefork is made of; of pairs that do the same, both.
{
  awk -F '|' '/^\| (all of them|dispatch|signals|atexit|orphan|pidfile) / ||
    /^\| (daemon|subprocess|restart) / { print $3 }' \
    "$top_srcdir/doc/syscalls.md"
  echo clone clone3 fork vfork poll ppoll newfstatat fstat statx dup2 dup3 \
    pipe pipe2 unlink unlinkat epoll_wait epoll_pwait
} | tr ' ' '\n' | grep . | sort -u >"$work/library"
[ "$(wc -l <"$work/library")" -gt 60 ] || { echo 'seccomp: no table'; exit 1; }

# The program's own: its start and end, memory, text, and what it serves.
cat >"$work/own" <<'END'
execve arch_prctl set_tid_address set_robust_list rseq prlimit64 access openat
read pread64 close fstat newfstatat mmap munmap mremap mprotect brk madvise
futex getrandom exit exit_group rt_sigreturn write writev lseek ioctl
clock_gettime clock_nanosleep
socket setsockopt getsockname bind listen accept4 accept recvfrom sendto shutdown fcntl
END

# --- the filter --------------------------------------------------------------

tr ' ' '\n' <"$work/own" | sort -u - "$work/library" |
  sed 's/.*/#ifdef __NR_&\n__NR_&,\n#endif/' >"$work/calls.h"
cat >"$work/filter.c" <<'END'
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __GLIBC__
#error "the table is that of another C library"
#endif

static const int calls[] = {
#include "calls.h"
};
enum { N = sizeof(calls) / sizeof(calls[0]) };

int
main(int argc, char *argv[])
{
	struct sock_filter code[2 * N + 5] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	if (argc < 3)
		return 125;
	for (int i = 0; i < N; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
		    BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("seccomp");
		return 77;
	}
	execv(argv[1], argv + 2);
	perror(argv[1]);
	return 125;
}
END
# shellcheck disable=SC2086 # a compiler may come with flags
${CC-cc} -Wall -o "$work/filter" "$work/filter.c" 2>"$work/errors" ||
  skip "no filter can be made: $(head -n 3 "$work/errors")"

# It kills: a call that is not on the list, chroot(2), is nobody's here.
cat >"$work/other.c" <<'END'
#include <unistd.h>

int
main(void)
{
	return chroot("/nowhere") != -1;
}
END
# shellcheck disable=SC2086
${CC-cc} -o "$work/other" "$work/other.c" 2>"$work/errors" || exit 99
# shellcheck disable=SC3045 # where it is not known a core is no harm
(ulimit -c 0 2>/dev/null; "$work/filter" "$work/other" other) 2>"$work/errors"
case $? in
  159) ;;
  77) skip "$(cat "$work/errors")" ;;
  *) echo 'seccomp: the filter lets all pass'; exit 1 ;;
esac

# --- the life of a server ----------------------------------------------------

mkdir "$work/bin" "$work/tmp" || exit 99
for name in prefork tell; do
  # shellcheck disable=SC2016 # for the shell that runs it
  printf '#!/bin/sh\nexec "%s" "%s" "$0" "$@"\n' "$work/filter" \
    "$programs/$name" >"$work/bin/$name"
done
printf '#!/bin/sh\nexec "%s" "$@"\n' "$programs/gone" >"$work/bin/gone"
chmod 755 "$work"/bin/*
TMPDIR=$work/tmp sh "$top_srcdir/examples/prefork/demo.sh" "$work/bin" \
  >"$work/told" 2>&1
case $? in
  0) ;;
  77) cat "$work/told"; exit 77 ;;
  *)
    cat "$work/told"
    echo 'seccomp: a call is missing in doc/syscalls.md ("strace -f" tells)'
    exit 1
    ;;
esac
