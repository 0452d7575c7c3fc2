#!/bin/sh
# proclc(1): each command and option, on real programs.
set -u
top_builddir=${top_builddir-$(dirname "$0")/../build}
tool=$(cd "$top_builddir/tools" && pwd)/proclc
commands='daemon keep run send status stop'
sources=$(cd "${top_srcdir-$(dirname "$0")/..}" && pwd)
[ -x "$tool" ] || { echo 'tool: not built for this system'; exit 77; }
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
file=$work/a.pid
trap 'clean' EXIT
trap 'exit 143' HUP INT TERM
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print 20 * (by > 0 ? by : 1) }')

clean() {
  for left in "$work"/*.pid; do
    [ ! -e "$left" ] || "$tool" stop --timeout 0 "$left" 2>/dev/null
  done
  rm -rf "$work"
}

fail() {
  echo "tool: $*"
  exit 1
}

# ends CODE ARGUMENT...: it does; what it prints is in said and errors.
ends() {
  code=$1
  shift
  "$tool" "$@" >said 2>errors </dev/null
  rc=$?
  [ "$rc" = "$code" ] ||
    fail "$*: ended with $rc, not $code: $(cat said errors)"
}

# says CODE LINE ARGUMENT...: just that, on stdout or stderr.
says() {
  line=$2
  code=$1
  shift 2
  ends "$code" "$@"
  [ "$(cat said errors)" = "$line" ] ||
    fail "$*: expected '$line', got '$(cat said errors)'"
}

# The next line of a FIFO; bounded.
line_of() {
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout "$limit" sh -c 'IFS= read -r line <"$0" && echo "$line"' "$1"
}

# A zombie waits for init only.
gone() {
  [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null ||
    [ ! -e "/proc/$1" ]
}

helps() {
  ends 0 --version
  grep -qx 'proclc [0-9]*\.[0-9]*\.[0-9]*' said || fail "$(cat said)"
  ends 0 --help
  for command in $commands; do
    grep -q "^  proclc $command " said || fail "--help: no $command"
  done
  for command in $commands; do
    ends 0 "$command" --help
    grep -q "^usage: proclc $command " said || fail "$command --help"
  done
}

# Each option of the help is in the manual and both completions, and no other.
documented() {
  for command in $commands; do
    ends 0 "$command" --help
    { grep -o -- '--[a-z-]\{2,\}' said; echo --help; } | sort -u >options
    awk -v name="$command" '$1 == name ")" { on = 1 } on { print }
      /;;/ { on = 0 }' \
      "$sources/tools/completion/proclc" | grep -o -- '--[a-z-]\{2,\}' |
      sort -u | diff options - >differ ||
      fail "$command, bash completion: $(cat differ)"
    awk -v name="$command" '$1 == name ")" { on = 1 } on { print }
      /;;/ { on = 0 }' "$sources/tools/completion/_proclc" |
      grep -o -- "'\\**--[a-z-]\{2,\}" | tr -d "'*" | sort -u |
      diff options - >differ || fail "$command, zsh completion: $(cat differ)"
    awk -v name="$command" '$1 == ".Ss" { on = $2 == name }
      $1 == ".Sh" { on = 0 } on { print }' "$sources/man/proclc.1" |
      grep -o 'Fl Fl [a-z-]*' | sed 's/Fl Fl /--/' | sort -u >page
    awk -v name="$command" '$1 == ".Cm" { on = $2 == name } /^\.Sh DESC/ { exit }
      on { print }' "$sources/man/proclc.1" | grep -o 'Fl Fl [a-z-]*[a-z]' |
      sed 's/Fl Fl /--/' >>page
    grep -vx -e --help options | while IFS= read -r option; do
      grep -qx -e "$option" page || echo "$option"
    done >differ
    [ ! -s differ ] || fail "$command, manual: $(cat differ)"
  done
}

# What it says of a file that nobody holds.
nobody() {
  says 3 stopped status "$file"
  says 0 '' stop "$file"
  ends 3 send "$file" TERM
  echo 4194304 >"$file"
  says 1 dead status "$file"
  ends 3 send "$file" 0
  says 0 '' stop "$file"
  [ ! -e "$file" ] || fail 'stop has left the stale file'
  echo nonsense >"$file"
  ends 4 status "$file"
  grep -qx malformed said || fail "$(cat said)"
  ends 1 send "$file" TERM
  ends 1 stop "$file"
  says 4 "{\"pidfile\": \"$file\", \"state\": \"malformed\", \"error\": \"PROCLC_EMALFORMED\"}" \
    status --json "$file"
  rm "$file"
  says 3 '{"pidfile": "a\"\\b", "state": "stopped", "error": "PROCLC_ENOENT"}' \
    status --json 'a"\b'
}

# The file names the program; who is told to end, ends.
life() {
  says 0 '' daemon --pidfile "$file" -- sleep 1000
  pid=$(cat "$file")
  says 0 "running $pid" status "$file"
  says 0 "{\"pidfile\": \"$file\", \"state\": \"running\", \"pid\": $pid}" \
    status --json "$file"
  [ "$(cat "/proc/$pid/comm")" = sleep ] || fail 'it is not the program'
  says 0 '' send "$file" 0
  says 1 "proclc daemon: lock $file: held by pid $pid" \
    daemon --pidfile "$file" -- true
  says 0 '' stop --signal INT --kill-wait 1 "$file"
  gone "$pid" || fail 'stop came back too early'
  [ ! -e "$file" ] || fail 'stop has left the file'
}

signals() {
  mkfifo told
  # shellcheck disable=SC2016 # the inner shell expands it
  says 0 '' daemon --pidfile "$file" --ready fd=7 -- sh -c \
    'trap "echo usr1 >$0/told" USR1; trap "" TERM; echo >&7
    while :; do sleep 0.1; done' "$work"
  for name in USR1 SIGUSR1 usr1 10; do
    says 0 '' send "$file" "$name"
    [ "$(line_of told)" = usr1 ] || fail "$name did not come"
  done
}

# Who does not hear TERM is killed, or not, as it was asked for.
stubborn() {
  ends 1 stop --no-kill --timeout 0.1 "$file"
  ends 0 status "$file"
  # Not the 10 s that are the default.
  began=$(date +%s)
  says 0 "proclc stop: $file: had to be killed" stop --timeout 0 "$file"
  [ $(($(date +%s) - began)) -lt 9 ] || fail 'no time is no time'
  says 3 stopped status "$file"
}

# A daemon that locks nothing.
unlocked() {
  sleep 1000 &
  stranger=$!
  echo $stranger >"$file"
  ends 1 send "$file" 0
  ends 4 status "$file"
  if "$tool" send --unlocked "$file" CONT 2>&1 | grep -q 'not supported'; then
    echo 'tool: how old a process is cannot be told here'
    kill $stranger
    rm -f "$file"
    return
  fi
  says 0 '' send --unlocked "$file" CONT
  ends 0 stop --unlocked "$file"
  wait $stranger
  [ $? = 143 ] || fail 'it was not ended by TERM'
  rm -f "$file"
}

place() {
  mkdir dir
  echo input >in
  # shellcheck disable=SC2016 # the inner shell expands it
  says 0 '' daemon --pidfile "$file" --stdin in --stdout out --stderr err \
    --chdir dir --umask 0123 --ready fd=3 -- sh -c \
    'read -r line; pwd; umask; echo "$line"; echo wrong >&2; echo >&3
    exec sleep 1000'
  printf '%s\n' "$work/dir" 0123 input | cmp -s - out || fail "$(cat out)"
  [ "$(cat err)" = wrong ] || fail "$(cat err)"
  [ "$(stat -c %a out)" = 640 ] || fail 'mode of the log'
  ends 0 stop "$file"
}

user() {
  [ "$(id -u)" = 0 ] || { echo 'tool: not root: no other user'; return; }
  chmod 755 .
  mkfifo -m 666 who
  says 0 '' daemon --pidfile "$file" --user nobody --group daemon --chdir / \
    -- sh -c 'id -un; id -gn; id -Gn' >/dev/null
  ends 0 daemon --user nobody --stdout ids --ready fd=3 -- \
    sh -c 'id -un; echo >&3'
  [ "$(cat ids)" = nobody ] || fail "user: $(cat ids)"
  rm ids
  ends 0 daemon --user nobody --group daemon --stdout ids --ready fd=3 -- \
    sh -c 'id -gn; echo >&3'
  [ "$(cat ids)" = daemon ] || fail "group: $(cat ids)"
  says 1 'proclc daemon: daemonize: user no-such-user, group his own: no such user or group' \
    daemon --user no-such-user -- true
}

descriptors() {
  exec 8>kept 9>other
  # shellcheck disable=SC2016 # the inner shell expands it
  ends 0 daemon --keep-fd 8 --ready fd=3 -- sh -c \
    'echo kept >&8; (echo other >&9) 2>/dev/null || :; echo >&3'
  exec 8>&- 9>&-
  [ "$(cat kept)" = kept ] || fail 'not kept'
  [ ! -s other ] || fail 'not closed'
}

environment() {
  for option in '' --keep-environment; do
    rm -f out
    # shellcheck disable=SC2086,SC2016 # no option; the inner shell expands
    WATCHDOG_USEC=7 ends 0 daemon $option --stdout out --ready fd=3 -- \
      sh -c 'echo "${WATCHDOG_USEC-none}"; echo >&3'
    [ "$(cat out)" = "$([ -z "$option" ] && echo none || echo 7)" ] ||
      fail "$option: WATCHDOG_USEC $(cat out)"
  done
}

modes() {
  for mode in foreground auto; do
    # shellcheck disable=SC2016 # the inner shell expands it
    NOTIFY_SOCKET=/none "$tool" daemon --mode $mode --pidfile "$file" -- \
      sh -c 'cat "$0"; echo $$ $NOTIFY_SOCKET' "$file" >said &
    wait $! || fail "$mode: ended with $?"
    [ "$(cat said)" = "$!
$! /none" ] || fail "$mode: $(cat said)"
  done
  "$tool" daemon --mode auto --pidfile "$file" -- sleep 1000 &
  launcher=$!
  wait $launcher || fail "auto: ended with $?"
  [ "$(cat "$file")" != $launcher ] || fail 'auto: it has stayed'
  ends 0 stop "$file"
  says 127 'proclc daemon: ./none: No such file or directory' \
    daemon --mode foreground --pidfile "$file" -- ./none
  [ ! -e "$file" ] || fail 'the file has stayed'
}

# Sockets of a supervisor are the program's, which finds its own pid there;
# with those of somebody else nothing is done.
sockets() {
  # shellcheck disable=SC2016 # the inner shells expand
  program='echo "$$ $LISTEN_PID $LISTEN_FDS $LISTEN_FDNAMES $LISTEN_PIDFDID"
    (echo first >&3; echo second >&4) 2>/dev/null; echo >&7'
  for listed in '$$ 2' '$$ 2+' '$$ 3' '1 2'; do
    [ "${listed%+}" = "$listed" ] && option= || option=--keep-environment
    listed=${listed%+}
    rm -f out first second
    # shellcheck disable=SC2086 # no option
    sh -c "LISTEN_PID=${listed% *} LISTEN_FDS=${listed#* } \
      LISTEN_FDNAMES=web:admin LISTEN_PIDFDID=77
      export LISTEN_PID LISTEN_FDS LISTEN_FDNAMES LISTEN_PIDFDID
      exec \"\$@\"" sh "$tool" daemon $option --ready fd=7 --stdout out -- \
      sh -c "$program" 3>first 4>second 5<&- 6<&- || fail "$listed: ended with $?"
    read -r pid rest <out
    case $listed in
      '$$ 2') expected="$pid 2 web:admin" ;;
      *) expected= ;;
    esac
    [ "$rest" = "$expected" ] || fail "$listed: $pid finds '$rest'"
    [ "$(cat first second)" = "$([ -z "$expected" ] || printf 'first\nsecond')" ] ||
      fail "$listed: they are not as they were: $(cat first second)"
  done
  # shellcheck disable=SC2016 # the inner shell expands it
  LISTEN_FDS=1 sh -c 'LISTEN_PID=$$; export LISTEN_PID; exec "$@"' sh \
    "$tool" daemon --ready fd=3 -- true 3>first 2>errors
  [ $? = 64 ] || fail 'a socket of LISTEN_FDS for --ready'
  [ "$(cat errors)" = 'proclc daemon: --ready: descriptor 3 is a socket of LISTEN_FDS; see proclc daemon --help' ] ||
    fail "$(cat errors)"
}

# Not ready: told, and nothing is left.
not_ready() {
  says 127 'proclc daemon: ./none: No such file or directory' \
    daemon --pidfile "$file" -- ./none
  [ ! -e "$file" ] || fail 'the file has stayed'
  : >plain
  says 126 'proclc daemon: ./plain: Permission denied' \
    daemon --pidfile "$file" -- ./plain
  says 1 'proclc daemon: sh ended before it was ready' \
    daemon --pidfile "$file" --ready notify -- sh -c 'exit 3'
  says 1 'proclc daemon: sleep was not ready in time' \
    daemon --pidfile "$file" --ready fd=3 --timeout 0.2 -- sleep 1000
  [ ! -e "$file" ] || fail 'the file has stayed'
  says 1 'proclc daemon: sh has closed its descriptor, and was not ready' \
    daemon --pidfile "$file" --ready fd=3 -- sh -c \
    'exec 3>&-; exec sleep 1000'
  says 1 'proclc daemon: sh ended before it was ready' \
    daemon --pidfile "$file" --ready notify -- sh -c 'exit 3'
  [ ! -e "$file" ] || fail 'the file has stayed'
  says 1 'proclc daemon: daemonize: user no-such-user, group his own: no such user or group' \
    daemon --pidfile "$file" --user no-such-user -- true
  [ ! -e "$file" ] || fail 'the file has stayed'
  # Without a file, too.
  # shellcheck disable=SC2016 # the inner shell expands it
  says 1 'proclc daemon: sh was not ready in time' \
    daemon --stdout out2 --ready notify --timeout 0.5 -- sh -c \
    'echo $$; exec sleep 1000'
  gone "$(cat out2)" || fail 'the program has stayed'
}

# It has any number, and none of the tool's own is under it.
numbers() {
  for fd in 3 4 5 6 7 8 9; do
    says 0 '' daemon --pidfile "$file" --ready fd=$fd -- sh -c \
      "echo >&$fd; exec sleep 1000"
    ends 0 status "$file"
    ends 0 stop "$file"
    ends 127 daemon --ready fd=$fd -- ./none
  done
  "$tool" daemon -- ./none <&- >&- 2>errors
  rc=$?
  [ $rc = 127 ] || fail "closed descriptors: ended with $rc"
}

notify() {
  command -v python3 >/dev/null || { echo 'tool: no python3'; return; }
  cat >notify.py <<'EOF'
import os, socket, sys
name = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for word in sys.argv[1:]:
    s.sendto(word.encode(), "\0" + name[1:])
os.execlp("sleep", "sleep", "1000")
EOF
  says 0 '' daemon --pidfile "$file" --ready notify -- python3 notify.py \
    STATUS=begins "STATUS=x
READY=1"
  ends 0 stop "$file"
  says 1 'proclc daemon: python3 was not ready in time' \
    daemon --pidfile "$file" --ready notify --timeout 1 -- \
    python3 notify.py READY=10 XREADY=1 READY=0
  [ "$(id -u)" = 0 ] || return 0
  # Anybody can find the socket; only some are believed.
  sed 's/^os.exec.*/print("said", flush=True)/' notify.py >spoken.py
  cat >stranger.py <<'EOF'
import os, socket, sys
text = open("spoken.py").read()
if os.fork() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    exec(text)
    os._exit(0)
os.wait()
os.execlp("sleep", "sleep", "1000")
EOF
  says 1 'proclc daemon: python3 was not ready in time' \
    daemon --ready notify --timeout 2 --stdout out3 -- \
    python3 stranger.py READY=1
  grep -q said out3 || fail 'no stranger has spoken'
}

# What they say on the way.
supervised() {
  if "$tool" run true 2>&1 | grep -q 'not supported here'; then
    echo 'tool: no orphans come to this process here'
    return
  fi
  says 127 'proclc run: ./none: No such file or directory' run ./none
  : >plain
  says 126 'proclc run: ./plain: Permission denied' run ./plain
  says 127 'proclc keep: ./none: No such file or directory' keep ./none
  says 3 'proclc keep: sh ended with 3; it is run again
proclc keep: sh ended with 3; it is given up' \
    keep --limit 2 --delay 0 --min-uptime 100 sh -c 'exit 3'
  says 3 '' keep --quiet --limit 2 --delay 0 --min-uptime 100 sh -c 'exit 3'
  rm plain
  # As a daemon it does not give its pid file up.
  # shellcheck disable=SC2016 # the inner shell expands it
  says 0 '' daemon --pidfile "$file" --ready fd=3 -- "$tool" run \
    --outlive-parent -- sh -c 'while [ "$(readlink /proc/self/fd/3)" = \
    "$(readlink "/proc/$(cat "$0")/fd/3")" ]; do sleep 0.01; done
    echo >&3; exec sleep 1000' "$file"
  ends 0 status "$file"
  ends 0 stop "$file"
  # Who gets rights by its exec is run without what would not hold it.
  if [ "$(id -u)" = 0 ]; then
    cp "$(command -v sleep)" gains && chown nobody gains && chmod 4755 gains
    says 0 '' run ./gains 0
  fi
}

helps
documented
supervised
nobody
life
signals
stubborn
unlocked
place
user
descriptors
environment
modes
sockets
not_ready
numbers
notify
