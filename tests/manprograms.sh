#!/bin/sh
# Each whole program in the EXAMPLES of the manual, and that of README, is linked
# as a user's, runs, and does what its page says.  tests/texts.sh compiles the pieces as well.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
top_srcdir=$(cd "$top_srcdir" && pwd) || exit 99
top_builddir=$(cd "$top_builddir" && pwd) || exit 99
export LC_ALL=C
work=$(mktemp -d) || exit 99
status=0
pid=
trap 'clean_up' EXIT
trap 'exit 143' HUP INT TERM
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print 30 * (by > 0 ? by : 1) }')
# One of them aborts.
# shellcheck disable=SC3045 # where it is not known a core is no harm
ulimit -c 0 2>/dev/null

# shellcheck disable=SC2317 # the trap calls it
clean_up() {
  [ -z "$pid" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
  for file in "$work"/*.pid; do
    [ ! -e "$file" ] || "$top_builddir/tools/proclc" stop "$file"
  done
  rm -rf "$work"
}

fail() {
  echo "manprograms: $*"
  status=1
}

from_make() {
  sed -n "s/^$1 = *//p" "$top_builddir/Makefile"
}

# Each program of a page is NAME.1, NAME.2 and so on; what it has in /tmp is
# here.
extract() {
  awk -v to="$work/$(basename "$1")." -v dir="$work/" '
    /^\.Bd .*literal/ { on = 1; text = ""; next }
    /^\.Ed/ {
      if (text ~ /main\(/) {
        n++
        printf "%s", text > (to n ".c")
      }
      on = 0
    }
    on {
      gsub(/\\e/, "\\"); gsub(/\\-/, "-"); gsub(/\\\(dq/, "\""); gsub(/\\&/, "")
      gsub(/"\/tmp\//, "\"" dir)
      text = text $0 "\n"
    }' "$1"
}

build() {
  # shellcheck disable=SC2046,SC2086 # lists of flags
  "$top_builddir/libtool" --silent --tag=CC --mode=link ${CC-cc} -std=gnu11 \
    ${TEST_CFLAGS-} $(from_make INSTRUMENT_LDFLAGS) -no-install \
    -I"$top_srcdir/include" -I"$top_builddir/include" -o "$1" "$1.c" \
    "$top_builddir/src/libproclc.la" >"$work/errors" 2>&1 ||
    { fail "$1: $(cat "$work/errors")"; exit 1; }
}

# runs PROGRAM STATUS ARGUMENT...: what it prints is in $work/said.
runs() {
  program=$1 wanted=$2
  shift 2
  timeout -k 5 "$limit" "$work/$program" "$@" >"$work/said" 2>"$work/errors"
  got=$?
  [ $got = "$wanted" ] ||
    fail "$program $*: $got, not $wanted: $(cat "$work/errors")"
  run="$run $program"
}

# says LINE...: these lines, and no other; numbers of processes are N.
says() {
  printf '%s\n' "$@" >"$work/lines"
  sed -E -e 's/^[0-9]+ (ends|removed)/N \1/' -e 's/pid [0-9]+/pid N/' \
    -e 's,example\.[A-Za-z0-9]{6}$,example.X,' -e "s,$work/,," \
    "$work/said" >"$work/said.alike"
  diff "$work/lines" "$work/said.alike" >"$work/diff" ||
    fail "$program: $(cat "$work/diff")"
}

# holds WORD...: a line of what it printed has it.
holds() {
  grep -q "$1" "$work/said" || fail "$program: no \"$1\": $(cat "$work/said")"
}

# until_says FILE WORD
until_says() {
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout "$limit" sh -c 'until grep -q "$2" "$1" 2>/dev/null; do
    sleep 0.05; done' sh "$1" "$2" || fail "$1: never a \"$2\""
}

for page in "$top_srcdir"/man/*.[137]; do
  extract "$page"
done
awk '/^  #include/ { on = 1 } on { sub(/^  /, ""); print }
  on && /^}/ { exit }' "$top_srcdir/README" >"$work/README.1.c"
for source in "$work"/*.c; do
  build "${source%.c}"
done
run=

runs proclc_version.3.1 0
holds 'runs with '

runs proclc_error.3.1 3
says 'not running'

runs proclc_atexit.3.1 143
says 'N ends with 3' 'N ends by SIGTERM' 'N removed example.X'

runs proclc_orphan.3.1 0
until_says "$work/said" 'so am I'
holds 'watching by '

# MANUAL mode needs a backend of its own.
echo abc >"$work/input"
case ${PROCLC_TEST_BACKENDS- ready=epoll } in
  *' ready=epoll '*)
    runs proclc_dispatch.3.1 0 <"$work/input"
    says '4 bytes'
    ;;
  *)
    runs proclc_dispatch.3.1 1 <"$work/input"
    grep -q 'not supported here' "$work/errors" || fail "$(cat "$work/errors")"
    ;;
esac

runs proclc_pidfile.3.1 0 </dev/null
says 'example.pid is held by pid N'
[ ! -e "$work/example.pid" ] || fail 'proclc_pidfile.3.1: the file is left'

runs proclc_signals.3.1 0
says 'SIGUSR1 from pid N' 'SIGUSR1 from pid N' 'SIGUSR1 from pid N' '3 seen'
runs proclc_signals.3.2 0 "$work/example.pid"
says 'was not running'

runs proclc_subprocess.3.1 0
holds 'child [0-9]* begins'
holds 'tick 1'
holds 'child ends after [1-9][0-9]* ticks'
holds 'exit code 0'

runs proclc_subprocess.3.2 0
grep -qx '168 primes below 1000' "$work/said" || fail "$(cat "$work/said")"

runs proclc_command.3.1 0
says carla berta anna 'exit code 0'

# With a supervisor that waits to be told, and gives it up else.
"$top_builddir/tools/proclc" daemon --ready notify --timeout "$limit" \
  --pidfile "$work/notify.pid" --chdir "$work" -- "$work/proclc_notify.3.1" ||
  fail 'proclc_notify.3.1 does not say that it is ready'
runs proclc_signals.3.2 0 "$work/notify.pid"
says stopped
run="$run proclc_notify.3.1"

# It restarts for ten seconds: the second time is enough, and a restart writes
# what stdout holds.
"$work/proclc_restart.3.1" >"$work/restarts" 2>&1 &
pid=$!
run="$run proclc_restart.3.1"
until_says "$work/restarts" 'ended by signal 6 after 0 restarts'
kill "$pid"
wait "$pid" 2>/dev/null
pid=

runs proclc_daemon.3.1 0 start
runs proclc_daemon.3.1 0 status
says 'pid N runs'
runs proclc_daemon.3.1 1 start
grep -q 'held by pid' "$work/errors" || fail "$(cat "$work/errors")"
runs proclc_daemon.3.1 0 stop
grep -q 'serves' "$work/exampled.log" || fail 'proclc_daemon.3.1: no log'
[ ! -e "$work/exampled.pid" ] || fail 'proclc_daemon.3.1: the file is left'

runs proclc.7.1 0
until_says "$work/example.log" 'works$'
runs proclc_signals.3.2 0 "$work/example.pid"
says 'stopped'

# README's: its daemon has its file where it was started.
cd "$work" || exit 99
runs README.1 0
runs README.1 1
grep -qx 'mine: daemonize: lock mine.pid: held by pid [0-9]*' errors ||
  fail "README.1: $(cat errors)"
"$top_builddir/tools/proclc" stop mine.pid || fail 'README.1 is not stopped'
[ ! -e mine.pid ] || fail 'README.1: the file is left'

# None is left out.
for source in "$work"/*.c; do
  name=$(basename "$source" .c)
  case "$run " in *" $name "*) ;; *) fail "$name is not run" ;; esac
done
exit $status
