#!/bin/sh
# Every public function is called by a program that tests/torture sweeps, or
# stands here with the reason why not.
set -eu

top=${top_srcdir:-$(dirname "$0")/..}
export LC_ALL=C

excused() {
  cat <<'END'
proclc_atexit_run             the runner, which "leave" has run in each way out
proclc_atexit_unregister      no system call, no memory
proclc_command_close          close(2) alone, whose failure is nobody's
proclc_command_fd             no system call, no memory
proclc_daemon_args            no system call, no memory
proclc_daemon_fail            the other end of "daemon": check_daemonpath
proclc_daemon_is_setup        no system call, no memory
proclc_daemon_launcher_exit   _exit(2) alone
proclc_daemon_ready           what "daemon" says by its return
proclc_daemonize              proclc_daemon_fork, and the launcher's exit
proclc_notify_watchdog        no system call, no memory
proclc_register               no system call, no memory of its own
proclc_set_dispatch_stack     no system call, no memory
proclc_shutdown_strays        the second half of proclc_shutdown_descendants
proclc_signal_default         raises a signal, as "leave" does
proclc_signal_name            no system call, no memory
proclc_signal_number          no system call, no memory
proclc_signal_wait            no system call, no memory
proclc_strerror               no system call, no memory
proclc_task_self              no system call, no memory
proclc_version                no system call, no memory
END
}

bad=0
fail() {
  echo "tests/torture: $*"
  bad=1
}

# A name in a comment is no call.
told=$(cat "$top"/tests/torture/story*.c "$top"/tests/torture/born.c \
  "$top"/tests/torture/leave.c "$top"/tests/torture/spawns.c \
  "$top"/tests/torture/watched.c | sed 's:/\*.*\*/::; /\/\*/,/\*\//d' |
  grep -o 'proclc_[a-z_]*' | sort -u)
public=$(grep -o 'proclc_[a-z_]*' "$top/src/libproclc.map" | sort -u)
if [ -z "$told" ] || [ -z "$public" ]; then
  echo "nothing to compare"
  exit 1
fi

for name in $public; do
  in_story=0 in_list=0
  echo "$told" | grep -qx "$name" && in_story=1
  excused | grep -q "^$name " && in_list=1
  case $in_story$in_list in
    00) fail "$name is in no story" ;;
    11) fail "$name is in a story, and excused" ;;
  esac
done
for name in $(excused | awk '{ print $1 }'); do
  echo "$public" | grep -qx "$name" || fail "$name is no function"
done
exit $bad
