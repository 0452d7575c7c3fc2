#!/bin/sh
# shellcheck disable=SC2016,SC2086 # inner shells expand; a tool is some words
# The table of doc/supervisors.md: proclc(1) and its peers on the same cases.
#   doc/supervisors.sh PROCLC >table
# Each cell is what happened here; "-": the tool is not installed.  Needs root,
# for a pid namespace.
set -u
proclc=$(cd "$(dirname "$1")" && pwd)/proclc
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
echo "$work" >pattern
PATH=$PATH:/usr/sbin
trap 'clean' EXIT

ours() {
  grep -lsF -f pattern /proc/[0-9]*/cmdline | cut -d / -f 3
}

clean() {
  for left in $(ours); do
    kill -9 "$left" 2>/dev/null
  done
  cd / && rm -rf "$work"
}

# within SECONDS COMMAND...: it succeeds by then.
within() {
  tries=$(($1 * 20))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.05
  done
}

gone() {
  [ -z "$(ours)" ]
}

# The program has written to the FIFO; bounded.
hear() {
  timeout 5 sh -c 'read -r _ <fifo'
}

verdict() {
  if "$@"; then echo yes; else echo no; fi
}

# row WORDS CASE TOOL...
row() {
  printf '| %s |' "$1"
  try=$2
  shift 2
  for tool; do
    if command -v "${tool%% *}" >/dev/null; then
      # A file: who is left behind would keep a pipe open.
      $try "$tool" >cell 2>/dev/null </dev/null
      printf ' %s |' "$(cat cell)"
    else
      printf ' - |'
    fi
    for left in $(ours); do
      kill -9 "$left" 2>/dev/null
    done
    within 5 gone
    rm -f ./*.pid out fifo
  done
  echo
}

# The script of a program that is told by what is in its command line.
program() {
  printf '%s # %s' "$1" "$work"
}

# --- what runs before a program ----------------------------------------------

code() {
  $1 sh -c 'exit 7'
  first=$?
  $1 sh -c 'kill -9 $$'
  echo "$first, $?"
}

not_found() {
  $1 "$work/none"
  first=$?
  $1 "$work/pattern"
  echo "$first, $?"
}

forwards() {
  mkfifo fifo
  $1 sh -c "$(program 'trap "echo told >out; exit 3" USR1
    echo >fifo; while :; do sleep 0.05; done')" &
  hear || return
  sleep 0.3
  kill -USR1 $!
  wait $!
  verdict [ "$?" = 3 ]
}

reaps() {
  timeout 20 unshare --pid --fork --mount-proc $1 sh -c 'i=0
    while [ $i -lt 100 ]; do (: &); i=$((i + 1)); done
    n=0
    while grep -qs "^State:.Z" /proc/[0-9]*/status; do
      n=$((n + 1)); [ $n -lt 200 ] || exit 9; done'
  verdict [ "$?" = 0 ]
}

# A descendant in a session of its own is there when the program ends.
leftover() {
  mkfifo fifo
  timeout 10 $1 sh -c "$(program "(setsid sh -c 'echo >fifo; sleep 60; : $work' &)
    read -r x <fifo")"
  verdict within 5 gone
}

killed() {
  mkfifo fifo
  $1 sh -c "$(program 'echo >fifo; while :; do sleep 1; done')" &
  hear || return
  kill -9 $!
  verdict within 5 gone
}

parent_ends() {
  mkfifo fifo
  sh -c "$1 sh -c 'echo >fifo; while :; do sleep 1; done # $work' & wait" &
  hear || return
  sleep 0.3
  kill -9 $!
  verdict within 8 gone
}

echo '| | proclc run | tini -s | tini -s -p SIGKILL | dumb-init |'
echo '|---|---|---|---|---|'
for line in \
  'exit status after `exit 7`, and after SIGKILL:code' \
  'exit status: no such program, not executable:not_found' \
  'SIGUSR1 is passed on:forwards' \
  'as process 1, 100 orphans are reaped:reaps' \
  'the program ends: a descendant in another session ends, too:leftover' \
  'SIGKILL of the tool: the program ends, too:killed' \
  'SIGKILL of its parent: the program ends, too:parent_ends'; do
  row "${line%:*}" "${line##*:}" "$proclc run --grace 1 --" 'tini -s --' \
    'tini -s -p SIGKILL --' 'dumb-init --'
done

# --- what makes a daemon of a program ----------------------------------------

# make TOOL PROGRAM...: in the background, with the pid file a.pid.
make() {
  tool=$1
  shift
  case $tool in
    start-stop-daemon)
      path=$(command -v "$1") || path=$1
      shift
      start-stop-daemon --start --quiet --background --make-pidfile \
        --pidfile "$work/a.pid" --exec "$path" -- "$@" ;;
    daemonize)
      path=$(command -v "$1") || path=$1
      shift
      daemonize -p "$work/a.pid" -l "$work/a.pid" "$path" "$@" ;;
    daemon)
      daemon --pidfile="$work/a.pid" -- "$@" ;;
    *) "$proclc" daemon --pidfile "$work/a.pid" -- "$@" ;;
  esac
}

no_program() {
  make "$1" "$work/none"
  echo $?
}

names_it() {
  make "$1" sh -c "$(program 'while :; do sleep 1; done')"
  within 5 test -s a.pid
  pid=$(head -n 1 a.pid)
  verdict within 3 grep -q '^sh' "/proc/$pid/comm"
}

second() {
  make "$1" sh -c "$(program 'while :; do sleep 1; done')"
  within 5 test -s a.pid
  make "$1" sh -c "$(program 'while :; do sleep 1; done')"
  verdict [ "$?" != 0 ]
}

# A stale file with the pid of a stranger: does a start mind?
stranger() {
  sh -c "$(program 'while :; do sleep 1; done')" &
  echo $! >a.pid
  make "$1" sh -c "$(program "echo >$work/out; while :; do sleep 1; done")"
  verdict within 3 test -e out
}

descriptors() {
  mkfifo fifo
  exec 9>open
  make "$1" sh -c "$(program "ls /proc/\$\$/fd >$work/fifo; while :; do sleep 1; done")"
  found=$(timeout 5 cat fifo)
  exec 9>&-
  verdict [ -z "$(echo "$found" | grep -x 9)" ]
}

echo
echo '| | proclc daemon | start-stop-daemon | daemonize | daemon |'
echo '|---|---|---|---|---|'
for line in \
  'exit status: no such program:no_program' \
  'the pid file names the program:names_it' \
  'a second start at once is refused, and its exit status says so:second' \
  "a stale pid file with a stranger's pid does not keep it from starting:stranger" \
  'a descriptor that was open here is not open there:descriptors'; do
  row "${line%:*}" "${line##*:}" "$proclc" start-stop-daemon daemonize daemon
done
