#!/bin/sh
# syscalls.sh BUILD [UNIT...] >doc/syscalls.md: the system calls of each unit,
# for who writes a seccomp profile.  strace (with -k) runs the unit's tests and
# shows the stack of each call; it counts when the first frame outside of libc
# is the library's, so what the tests do themselves is not there.  Takes long.
#
# Whether a call is made is often a matter of chance, or of rights.  So all is
# run RUNS times (2), each time as root, if we are, and as nobody; and what the
# table has already stays, unless FRESH=yes.  With UNITs only these are run.
set -u
build=${1?usage: syscalls.sh BUILD [UNIT...]}
shift
only=" $* "
cd "$(dirname "$0")/.." || exit 99
build=$(cd "$build" && pwd) || exit 99
export LC_ALL=C
work=$(mktemp -d) || exit 99
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

# A suite with storms of signals is not waited for until its end.
seconds=100

# A unit, and the suites that have it do everything that it can.
units='
dispatch check_dispatch_manual check_dispatch
signals check_send check_stop check_sigwait check_signals
atexit check_atexit check_atexit_signals check_atexit_fork check_crash
orphan check_orphan check_watch check_orphan_fd
pidfile check_pidfile check_pidfile_exec check_pidfile_removal
daemon check_daemon check_daemon_user check_daemon_logs check_daemon_foreground
subprocess check_task check_loop check_shutdown check_spawn check_group
  check_tree check_result check_strays check_task_fd check_gone
restart check_restart
notify check_notify
command check_command check_command_fds check_command_file check_command_talk
  check_command_tree check_command_parent'

# The calls of a trace that the library has made.  An exec shows the stack of
# the new program, so it is known by what it was given up for.
ours() {
  awk '
    /^[0-9]+ +[a-z0-9_]+\(/ || /^[0-9]+ +<\.\.\. [a-z0-9_]+ resumed/ {
      call = $2
      if (call == "<...")
        call = $3
      sub(/\(.*/, "", call)
      looking = 1
      next
    }
    /^ > / && looking && !/\/(libc|libpthread|ld-[a-z0-9-]*|libdl)[.-]/ {
      looking = 0
      if ($0 ~ /libproclc\.so/)
        print call
    }'
}

as_root() {
  "$@"
}

as_nobody() {
  if [ "$(id -u)" != 0 ]; then
    "$@"
  else
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
  fi
}

# trace WHO UNIT SUITE...
trace() {
  who=$1
  unit=$2
  shift 2
  for suite in "$@"; do
    rm -f "$work/pipe"
    mkfifo -m 666 "$work/pipe" || exit 99
    # Held open, so that it also ends where strace has never come to it.
    exec 9<>"$work/pipe"
    (exec 9>&-
      ours <"$work/pipe" >>"$work/$unit") &
    # A session of its own: what is killed as a group is not this script.
    (exec 9>&-
      cd "$build" && "as_$who" setsid -w tests/isolate -t "$seconds" strace -f \
        -qq -k -e signal=none -o "$work/pipe" "tests/$suite" >"$work/said" 2>&1)
    exec 9>&-
    wait
    grep '^[0-9]*%' "$work/said" | sed "s/^/$suite: /" >&2
    sort -u -o "$work/$unit" "$work/$unit"
  done
}

echo "$units" | awk '/^  / { line = line $0; next } { print line; line = $0 }
  END { print line }' | sed '/^$/d' >"$work/units"
# In the table: what all units make, and this one.
had() {
  [ "${FRESH-no}" = yes ] || awk -F '|' -v unit=" $1 " '
    /^\|/ && ($2 == unit || $2 == " all of them ") {
      gsub(/^ +| +$/, "", $3); gsub(/ +/, "\n", $3); print $3 }' doc/syscalls.md
}

while read -r unit suites; do
  had "$unit" >"$work/$unit"
  for run in $(seq "${RUNS-2}"); do
    case $only in *" $unit "* | '  ') ;; *) break ;; esac
    # shellcheck disable=SC2086 # a list of names
    [ "$(id -u)" != 0 ] || trace root "$unit" $suites </dev/null
    # shellcheck disable=SC2086
    trace nobody "$unit" $suites </dev/null
    echo "$unit: run $run, $(wc -l <"$work/$unit") calls" >&2
  done
  case $unit in subprocess | command) echo execve >>"$work/$unit" ;; esac
  sort -u -o "$work/$unit" "$work/$unit"
  echo "$unit" >>"$work/order"
done <"$work/units"

# What every unit makes stands once.
while read -r unit; do cat "$work/$unit"; done <"$work/order" | sort | uniq -c |
  awk -v n="$(wc -l <"$work/order")" '$1 == n { print $2 }' >"$work/all"
machine="$(uname -m), $(getconf GNU_LIBC_VERSION 2>/dev/null || echo unknown libc)"
sed "s/@MACHINE@/$machine/" doc/syscalls.txt
echo '| unit | calls |'
echo '|---|---|'
echo "| all of them | $(paste -sd ' ' "$work/all") |"
while read -r unit; do
  echo "| $unit | $(comm -13 "$work/all" "$work/$unit" | paste -sd ' ') |"
done <"$work/order"
