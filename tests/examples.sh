#!/bin/sh
# The examples of one file each: they compile without a warning as a user
# compiles them, and do what they say, with real signals.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
sources=$top_srcdir/examples
programs=$top_builddir/examples
work=$(mktemp -d) || exit 99
pid=
trap 'kill_example; rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print 20 * (by > 0 ? by : 1) }')

fail() {
  echo "examples: $*"
  exit 1
}

kill_example() {
  [ -z "$pid" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
}

# start PROGRAM ARGUMENT...: its lines come from descriptor 3.
start() {
  rm -f "$work/lines"
  mkfifo "$work/lines" || exit 99
  "$@" >"$work/lines" 2>"$work/errors" &
  pid=$!
  exec 3<"$work/lines"
}

# The next line; empty when it has ended, or says nothing.
next() {
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout "$limit" sh -c 'IFS= read -r line && echo "$line"' <&3
}

expect() {
  line=$(next)
  [ "$line" = "$1" ] || fail "expected '$1', got '$line'; $(cat "$work/errors")"
}

# It says no more and leaves with 0.
expect_end() {
  line=$(next)
  [ -z "$line" ] || fail "after the end: '$line'"
  wait "$pid" || fail "it ended with $?: $(cat "$work/errors")"
  pid=
  exec 3<&-
  [ ! -s "$work/errors" ] || fail "$(cat "$work/errors")"
}

# refused WORD ARGUMENT...: signals fails, and its message has the word.
refused() {
  word=$1
  shift
  "$programs/signals" "$@" >"$work/said" 2>&1
  [ $? = 1 ] || fail "signals $*: not refused"
  grep -q "^signals: .*$word" "$work/said" || fail "$(cat "$work/said")"
}

compile() {
  for source in "$sources"/*.c; do
    case $source in
      */epoll.c) [ -x "$programs/epoll" ] || continue ;;
    esac
    # shellcheck disable=SC2086 # a compiler may come with flags
    ${CC-cc} -Wall -Wextra -Werror -I"$top_srcdir/include" \
      -I"$top_builddir/include" -fsyntax-only "$source" ||
      fail "$source: warnings"
  done
}

# tell SIGNAL: from a second process, whose pid is $teller.
tell() {
  "$programs/signals" "$file" "$1" &
  teller=$!
  wait $teller || fail "signals FILE $1"
}

signals_example() {
  file=$work/a.pid
  start "$programs/signals" "$file"
  expect ready
  [ "$(cat "$file")" = $pid ] || fail 'not its pid in the file'
  for name in HUP SIGHUP 1; do
    tell $name
    expect "reload $file, says pid $teller"
  done
  refused "held by pid $pid" "$file"
  refused NOSUCH "$file" NOSUCH
  kill -HUP "$pid"
  expect "reload $file, says pid $$"
  tell TERM
  expect stop
  expect_end
  [ ! -e "$file" ] || fail 'the pid file is left'
  refused 'no such file' "$file" TERM
  refused 'FILE'
}

epoll_example() {
  case ${PROCLC_TEST_BACKENDS- ready=epoll } in
    *' ready=epoll '*) ;;
    *)
      "$programs/epoll" >"$work/said" 2>&1 && fail 'epoll without the backend'
      grep -q '^epoll: mode: ' "$work/said" || fail "$(cat "$work/said")"
      return
      ;;
  esac
  # Signals alone; then jobs.
  start "$programs/epoll" 3600000
  expect ready
  kill -HUP "$pid"
  expect 'HUP: 0 jobs so far'
  kill -TERM "$pid"
  expect "TERM from pid $$"
  expect_end

  start "$programs/epoll" 1
  expect ready
  for n in 1 2 3 4; do
    expect "job $n begins"
    expect "job $n has ended with $n"
  done
  kill -TERM "$pid"
  # Some jobs more; the last may end in the same turn of the loop.
  told=0
  while line=$(next) && [ -n "$line" ]; do
    case $line in
      "job "*" begins" | "job "*" has ended with "[0-9]) ;;
      "TERM from pid $$") told=$((told + 1)) ;;
      *) fail "'$line'" ;;
    esac
  done
  [ $told = 1 ] || fail "$told times TERM"
  expect_end
}

# The parent kills itself; the child speaks after that.
orphan_example() {
  start "$programs/orphan"
  expect 'child: my parent is gone, and so am I'
  wait "$pid"
  [ $? = 137 ] || fail 'orphan: not killed'
  pid=
  exec 3<&-
}

# prints PROGRAM ARGUMENT... with stdin, and leaves with 0: its lines, in $said.
prints() {
  said=$("$@" 2>"$work/errors") || fail "$*: $? $(cat "$work/errors")"
  [ ! -s "$work/errors" ] || fail "$*: $(cat "$work/errors")"
}

says() {
  [ "$said" = "$1" ] || fail "expected '$1', got '$said'"
}

task_example() {
  prints "$programs/task" child parent ''
  says 'child: 5
parent: 6
: 0'
}

command_example() {
  printf 'one\ntwo\nthree\n' >"$work/three"
  : >"$work/none"
  prints "$programs/command" "$work/three" "$work/none"
  [ "$(echo "$said" | tr -d ' ' | tr '\n' ' ')" = \
    "$work/three:3 $work/none:0 " ] || fail "command says '$said'"
  "$programs/command" "$work/missing" >/dev/null 2>"$work/said"
  [ $? = 1 ] || fail 'command: a missing file'
  grep -q "command wc: stdin, $work/missing: no such file" "$work/said" ||
    fail "$(cat "$work/said")"
}

# It is told to stop by the end of its stdin, after the third tick.
loop_example() {
  mkfifo "$work/stdin" || exit 99
  # shellcheck disable=SC2016 # the inner shell expands it
  start sh -c 'exec "$1" <"$2"' sh "$programs/loop" "$work/stdin"
  exec 4>"$work/stdin"
  for line in begin 'tick 1' 'tick 2' 'tick 3'; do
    expect "$line"
  done
  exec 4>&-
  expect 'end after 3'
  expect 'exit code 0, and here 0 ticks'
  expect_end
}

# What the package promises; many times what its README says "always" of.
offspring_example() {
  prints "$programs/offspring" once
  says 'run with this is arg1'
  prints "$programs/offspring" loop
  says 'begin with this is arg1
loop 1
loop 2
loop 3
end'
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    prints "$programs/offspring" always
    says 'This will always print'
  done
  prints "$programs/offspring" patient
  says 'done'
}

# In and out of the background, with a log that is rotated.
daemon_example() {
  daemon=$programs/daemon
  "$daemon" status "$work" >"$work/said" 2>&1 && fail 'status without a daemon'
  "$daemon" start "$work" no-such-user >"$work/said" 2>&1 && fail 'whose?'
  grep -q 'no such user' "$work/said" || fail "$(cat "$work/said")"
  for left in "$work/daemon.pid" "$work/daemon.log"; do
    [ ! -e "$left" ] || fail "$left is left of a refused start"
  done
  "$daemon" start "$work" || fail 'daemon start'
  served=$(cat "$work/daemon.pid")
  "$daemon" start "$work" >"$work/said" 2>&1 && fail 'a second daemon'
  grep -q "held by pid $served\$" "$work/said" || fail "$(cat "$work/said")"
  [ "$("$daemon" status "$work")" = "pid $served runs" ] || fail 'daemon status'
  mv "$work/daemon.log" "$work/daemon.log.1"
  "$daemon" rotate "$work" || fail 'daemon rotate'
  "$daemon" stop "$work" || fail 'daemon stop'
  [ ! -e "$work/daemon.pid" ] || fail 'the pid file is left'
  # The callback may or may not have come before the end.
  cat "$work/daemon.log.1" "$work/daemon.log" >"$work/logs" 2>/dev/null
  for line in "pid $served serves" 'the end'; do
    grep -qx "$line" "$work/logs" || fail "log: $(cat "$work/logs")"
  done
}

# A program that knows nothing of its pid file holds it, until its end.
pidfile_example() {
  file=$work/b.pid
  mkfifo "$work/life" || exit 99
  # shellcheck disable=SC2016 # the inner shell expands it
  "$programs/pidfile" "$file" sh -c 'read -r line <"$0"' "$work/life" &
  pid=$!
  exec 4>"$work/life"
  [ "$("$programs/pidfile" "$file")" = "held by pid $pid" ] ||
    fail 'not held by the program'
  "$programs/pidfile" "$file" true 2>"$work/said" && fail 'held twice'
  grep -q "held by pid $pid\$" "$work/said" || fail "$(cat "$work/said")"
  echo >&4
  exec 4>&-
  wait "$pid" || fail "the program ended with $?"
  pid=
  "$programs/pidfile" "$file" 2>"$work/said" && fail 'held by nobody'
  "$programs/pidfile" "$file" true || fail 'stale'
}

compile
signals_example
task_example
command_example
loop_example
offspring_example
daemon_example
pidfile_example
orphan_example
if [ -x "$programs/epoll" ]; then
  epoll_example
else
  echo 'examples: no epoll on this system'
fi
