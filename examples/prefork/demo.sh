#!/bin/sh
# demo.sh - the life of the example server, told by watching it.
#
#   demo.sh FOLDER
#
# FOLDER holds the programs prefork, tell and gone.  Exit status: 0, every
# step held; 1, one did not; 77, something that the demo needs is not here.
#
# Nothing here sleeps.  It waits for events, the end of a process (gone) or
# lines in a file (wait_for), up to a bound that PROCLC_TEST_MULTIPLIER
# stretches.  Read it from the bottom: tell_story lists the steps, each step is
# a function, and above them are the tools they use.
set -u
export LC_ALL=C
unset CDPATH

workers=4

# --- what the demo stands on -------------------------------------------------

cannot() {
  echo "demo: $*" >&2
  exit 77
}

now() {
  echo $(($(date +%s%N) / 1000000))
}

# (-s alone does not silence every curl's progress of --parallel.)
ask() {
  curl -q -s --no-progress-meter --noproxy '*' --max-time "$limit" "$@"
}

# Fifty at a time.  (Without -immediate curl waits and sees whether one
# connection could do for all.)
ask_many() {
  ask --parallel --parallel-immediate --parallel-max 50 -w "$outcome" "$@"
}
outcome='%{stderr}outcome %{http_code} %{exitcode}\n'

# What came of one request: the HTTP status and curl's own exit code.
answer_of() {
  ask -o "$work/body" -w '%{http_code} %{exitcode}' "$1"
}

# Below the ports that the kernel gives away by itself: the second start wants
# the same one again.
free_port() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v seed="$(date +%N)" '
      { split($2, local, ":"); used[local[2]] = 1 }
      END {
        for (i = 0; i < 10000; i++) {
          port = 20000 + (seed + i) % 10000
          if (!(sprintf("%04X", port) in used)) { print port; exit }
        }
      }'
}

# Wait for lines in a file that grows: wait_for NUMBER FILE ARGUMENTS-OF-GREP.
# When grep has that many and leaves, tail does, too.
wait_for() {
  wanted=$1
  growing=$2
  shift 2
  found=$(timeout "$limit" tail -n +1 -s 0.1 -f "$growing" 2>/dev/null |
    grep -c -m "$wanted" "$@")
  [ "$found" = "$wanted" ]
}

wait_until_gone() {
  "$bin/gone" $((limit * 1000)) "$@"
}

# A fifth of the time: before a worker's grace after its master's end is over.
wait_until_gone_soon() {
  "$bin/gone" $((limit * 200)) "$@"
}

# --- the processes -----------------------------------------------------------

# Is it a live process of our server?  No other one has this program and this
# pid file in its arguments.  (read drops the zero bytes between them; a zombie
# has no arguments any more: it counts as gone.)
is_ours() {
  arguments=
  { IFS= read -r arguments <"/proc/$1/cmdline"; } 2>/dev/null
  case $arguments in
    "$server"*"-P$pid_file"*) return 0 ;;
  esac
  return 1
}

list_ours() {
  for entry in /proc/[0-9]*; do
    is_ours "${entry#/proc/}" && echo "${entry#/proc/}"
  done | sort -n
}

# Lines of PID PARENT STATE NAME.
read_processes() {
  for pid in $(list_ours); do
    { IFS= read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    name=${line#*(}
    # shellcheck disable=SC2086 # its words
    set -- ${line##*) }
    echo "$pid $2 $1 ${name%)*}"
  done
}

children_of() {
  read_processes | awk -v parent="$1" '$2 == parent { print $1 }'
}

holder() {
  pid=
  { read -r pid <"$pid_file"; } 2>/dev/null
  echo "$pid"
}

# The tree, roots first; the log knows the workers by their numbers.
draw_tree() {
  awk -v master="$(holder)" -v known=" $known " '
    function show(pid, depth,   i) {
      printf "%*s%-*s %8d  %-10s %s%s\n", 2 * depth, "", 14 - 2 * depth,
        name[pid], pid, role(pid), word[state[pid]],
        index(known, " " pid " ") ? "" : ", new"
      for (i = 1; i <= n; i++)
        if (parent[order[i]] == pid)
          show(order[i], depth + 1)
    }
    function role(pid) {
      if (pid == master) return "master"
      return parent[pid] in parent ? number[pid] : "no parent"
    }
    BEGIN {
      word["R"] = "running"; word["S"] = "sleeping"; word["D"] = "waiting"
      word["T"] = word["t"] = "stopped"; word["Z"] = "zombie"
    }
    FILENAME != "-" {
      if ($2 == "worker" && $4 == "begins") number[$1] = "worker " $3
      next
    }
    { order[++n] = $1; parent[$1] = $2; state[$1] = $3; name[$1] = $4 }
    END {
      for (i = 1; i <= n; i++)
        if (!(parent[order[i]] in parent))
          show(order[i], 0)
      if (!n) print "none"
    }' "$log" -
}

# --- telling -----------------------------------------------------------------

choose_colours() {
  bold='' good='' bad='' plain=''
  [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ] || return
  bold=$(printf '\033[1m') good=$(printf '\033[32m')
  bad=$(printf '\033[31m') plain=$(printf '\033[0m')
}

say() {
  printf '   %-10s%s\n' "$1" "$2"
}

show_processes() {
  read_processes >"$work/processes"
  label=processes
  draw_tree <"$work/processes" | while IFS= read -r line; do
    say "$label" "$line"
    label=
  done
  known="$known $(cut -d ' ' -f 1 "$work/processes" | tr '\n' ' ')"
}

# check WHAT-IS-WRONG COMMAND...: the command says whether it is right.
check() {
  complaint=$1
  shift
  "$@" && return
  say 'but' "$bad$complaint$plain"
  result=failed
}

# step NAME TITLE: the function step_NAME does it, and leaves in $took how
# many milliseconds what it is about has taken.
step() {
  number=$((number + 1)) result=held took=0
  printf '\n%s%d  %s%s\n' "$bold" $number "$2" "$plain"
  "step_$1"
  show_processes
  colour=$good
  [ $result = held ] || colour=$bad
  printf '   %s%-10s%s%d ms\n' "$colour" $result "$plain" "$took"
  printf ' %d  %-36s%s%-8s%s%6d ms\n' $number "$2" "$colour" $result \
    "$plain" "$took" >>"$work/table"
  [ $result = held ]
}

# --- steps of the steps ------------------------------------------------------

run_server() {
  "$server" -p "$port" -w $workers "-P$pid_file" -l "$log" 2>"$work/refusal"
  status=$?
}

# Start the server: sets $status, $master, and $took from the command to the
# first answer.  Nothing stands between the launcher's end and the looks at
# the pid file and the answer.
start_server() {
  begun=$(now)
  run_server
  master=$(holder)
  answer=$(answer_of "$url/")
  took=$(($(now) - begun))
  check "the launcher says: $(cat "$work/refusal")" test $status = 0
  check 'the pid file is not exactly a pid' pid_file_is "$master"
  check "pid ${master:-?} is not our server" is_ours "${master:-0}"
  check "HTTP status and exit code of curl: $answer" test "$answer" = '200 0'
}

pid_file_is() {
  echo "$1" | cmp -s - "$pid_file"
}

# Requests without a pause until the file "enough" is there, slow enough for
# every worker to have one in its hands, and more to be waiting, at any time.
# Of each, a line says which worker it was (the body), another one the outcome.
load() {
  end=$(($(now) + 4000 * limit))
  until [ -e "$work/enough" ] || [ "$(now)" -gt $end ]; do
    ask_many -N "$url/slow?ms=2&[1-1000]"
  done
}

begin_load() {
  rm -f "$work/enough"
  : >"$work/answers"
  load >>"$work/answers" 2>&1 &
  loader=$!
  wait_for 100 "$work/answers" 'outcome 200 0'
}

# Sets how many were $answered, and how many $failed.
end_load() {
  : >"$work/enough"
  wait "$loader"
  loader=
  count_answers
}

count_answers() {
  answered=$(grep -c 'outcome 200 0$' "$work/answers")
  failed=$(($(grep -c outcome "$work/answers") - answered))
}

# Wait until somebody answers who is none of these.
wait_for_answer_by_other_than() {
  set -- "$@" end
  while [ "$1" != end ]; do
    set -- "$@" -e "pid $1\$"
    shift
  done
  shift
  wait_for 1 "$work/answers" -v -e outcome "$@"
}

all_differ() {
  [ -z "$(echo "$1 $2" | tr ' ' '\n' | sort | uniq -d)" ]
}

count() {
  echo $#
}

# Connection refused is what curl calls 7.
port_is_free() {
  [ "$(answer_of "$url/")" = '000 7' ] && ! listening
}

listening() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v port="$(printf ':%04X' "$port")" '
      substr($2, length($2) - 4) == port && $4 == "0A" { found = 1 }
      END { exit !found }'
}

# The lines of the log that these processes have written.
log_of() {
  awk -v pids=" $* " 'index(pids, " " $1 " ")' "$log"
}

# --- the steps ---------------------------------------------------------------

step_start() {
  say command "$command"
  say expected 'the launcher ends with 0 when the server serves, and at that'
  say '' 'very instant the pid file is right and a request is answered'
  start_server
  say seen "exit status $status, pid file \"$master\", first answer: $answer"
  started="$(children_of "$master" | tr '\n' ' ')"
  # shellcheck disable=SC2086 # a list of pids
  check "not $workers workers" test "$(count $started)" = $workers
}

step_second() {
  say command "$command"
  say expected "exit status 1 and the holder's pid; the first one untouched"
  cp -p "$pid_file" "$work/pid_file"
  begun=$(now)
  run_server
  took=$(($(now) - begun))
  say seen "exit status $status, and"
  say '' "$(first_refusal)"
  check 'the exit status is not 1' test $status = 1
  check 'the holder is not named' grep -q "held by pid $master\$" \
    "$work/refusal"
  check 'the pid file has changed' cmp -s "$work/pid_file" "$pid_file"
  check 'the workers have changed' test "$started" = \
    "$(children_of "$master" | tr '\n' ' ')"
  check 'no answer any more' test "$(answer_of "$url/")" = '200 0'
}

# Its line, with the files by their names alone.
first_refusal() {
  IFS= read -r line <"$work/refusal"
  line=${line#"$bin/"}
  echo "${line%%"$home/"*}${line#*"$home/"}"
}

step_requests() {
  say command "curl --parallel --parallel-immediate '$url/?[1-2000]'"
  say expected 'each is answered with 200 (fifty are under way at a time)'
  begun=$(now)
  ask_many -o /dev/null "$url/?[1-2000]" 2>"$work/answers"
  took=$(($(now) - begun))
  count_answers
  say seen "$answered answered, $failed failed, $((answered * 1000 / took)) a second"
  check 'not all of them' test "$answered $failed" = '2000 0'
}

step_worker() {
  # shellcheck disable=SC2046 # a list of pids
  set -- $(children_of "$master")
  victim=$1
  say command "kill -9 $victim"
  say expected 'another one in its place; at most the request that it has in'
  say '' 'its hands fails'
  check 'no load' begin_load
  check "pid $victim is not ours" is_ours "$victim" || return
  begun=$(now)
  kill -9 "$victim"
  check 'it lives' wait_until_gone "$victim"
  check 'nobody has taken its place' wait_for_answer_by_other_than "$@"
  took=$(($(now) - begun))
  end_load
  say seen "a new worker answers $took ms later; $answered requests answered,"
  say '' "$failed failed"
  check 'more than one failed' test "$failed" -le 1
  # shellcheck disable=SC2046 # a list of pids
  check "not $workers workers" test \
    "$(count $(children_of "$master"))" = $workers
}

step_hup() {
  say command "tell ${pid_file##*/} HUP"
  say expected 'every worker is another one, and no request fails'
  before=$(children_of "$master")
  check 'no load' begin_load
  begun=$(now)
  check 'not sent' "$bin/tell" "$pid_file" HUP
  # shellcheck disable=SC2086 # a list of pids
  check 'old workers are left' wait_until_gone $before
  took=$(($(now) - begun))
  # shellcheck disable=SC2086
  check 'no new one answers' wait_for_answer_by_other_than $before
  after=$(children_of "$master")
  end_load
  # shellcheck disable=SC2086
  say seen "$(count $after) new workers; $answered requests answered, $failed failed"
  check 'not all are new' all_differ "$before" "$after"
  # shellcheck disable=SC2086
  check "not $workers workers" test "$(count $after)" = $workers
  check 'requests have failed' test "$failed" = 0
}

step_master() {
  say command "kill -9 $master"
  say expected 'no worker outlives it; the port is free'
  orphans=$(children_of "$master")
  check "pid $master is not ours" is_ours "$master" || return
  begun=$(now)
  kill -9 "$master"
  # shellcheck disable=SC2086 # a list of pids
  check 'they are not gone soon' wait_until_gone_soon "$master" $orphans
  took=$(($(now) - begun))
  check 'the port is not free' port_is_free
  check 'processes are left' test -z "$(list_ours)"
  say seen "the last of them is gone $took ms later; connection refused"
}

step_again() {
  say command "$command"
  say expected "a start as the first, although the pid file still says $master"
  check 'the pid file is not there' pid_file_is "$master"
  dead=$master
  start_server
  say seen "exit status $status, pid file \"$master\", first answer: $answer"
  check 'the pid file says the old pid' test "$master" != "$dead"
}

step_term() {
  slow=$((limit < 50 ? limit * 100 : 5000))
  say command "curl '$url/slow?ms=$slow' &  tell ${pid_file##*/} TERM"
  say expected 'a request that is being answered is answered to its end; then'
  say '' 'exit handlers run, newest first, and the pid file goes'
  last=$(children_of "$master")
  ask -w "$outcome" "$url/slow?ms=$slow" >"$work/slow" 2>&1 &
  client=$!
  check 'the slow request has not begun' wait_for 1 "$log" 'slow request'
  begun=$(now)
  check 'not sent' "$bin/tell" "$pid_file" TERM
  check 'the slow request was over before' test ! -s "$work/slow"
  # shellcheck disable=SC2086 # a list of pids
  check 'processes are left' wait_until_gone "$master" $last
  took=$(($(now) - begun))
  wait "$client"
  client=
  say seen "$(paste -s -d ' ' "$work/slow")"
  say '' 'and then, in the log:'
  log_of "$master" | grep -e closing -e goodbye | while IFS= read -r line; do
    say '' "$line"
  done
  check 'the slow request failed' slow_was_answered
  check 'not newest first, once each' handlers_ran_right
  check 'the pid file is there' test ! -e "$pid_file"
}

slow_was_answered() {
  grep -q 'at last' "$work/slow" && grep -q 'outcome 200 0$' "$work/slow"
}

# The master closes the listener, then says goodbye; a worker, which does not
# own the first handler, says goodbye only.
handlers_ran_right() {
  # shellcheck disable=SC2086 # a list of pids
  log_of "$master" $last | awk -v master="$master" -v all="$workers" '
    /closing/ { closed++; if ($1 != master || bye[$1]) wrong = 1 }
    /goodbye/ { if (bye[$1]++) wrong = 1; else said++ }
    END { exit wrong || closed != 1 || said != all + 1 }'
}

step_nothing() {
  say command "ls ${home##*/}, and a look into /proc"
  say expected 'no process, no socket, no file but the log'
  begun=$(now)
  processes=$(list_ours)
  files=$(ls -A "$home")
  check "processes: $processes" test -z "$processes"
  check 'the port is not free' port_is_free
  check "files: $files" test "$files" = "${log##*/}"
  took=$(($(now) - begun))
  say seen "${processes:-no process}, port $port refused, file: $files"
}

# --- the story ---------------------------------------------------------------

tell_story() {
  step start 'start' &&
    step second 'a second start' &&
    step requests '2000 requests' &&
    step worker 'kill -9 of a worker, under load' &&
    step hup 'HUP by pid file, under load' &&
    step master 'kill -9 of the master' &&
    step again 'start again over the stale pid file' &&
    step term 'TERM by pid file' &&
    step nothing 'nothing is left'
}

sum_up() {
  printf '\n%sThe life of a server%s\n' "$bold" "$plain"
  cat "$work/table"
  [ $result != held ] || { echo "${good}all held$plain"; return; }
  echo "${bad}step $number failed$plain; the server's log:"
  cat "$log"
  return 1
}

# Whatever happens, nothing stays.  Only what is ours is ended: the server's
# processes by their arguments, looked at right before, and own children.
clean_up() {
  trap '' HUP INT TERM PIPE
  : >"$work/enough"
  while left=$(list_ours) && [ -n "$left" ]; do
    for pid in $left; do
      is_ours "$pid" && kill -9 "$pid"
    done
    # shellcheck disable=SC2086 # a list of pids
    wait_until_gone $left || break
  done
  [ -z "$client" ] || wait "$client"
  [ -z "$loader" ] || wait "$loader"
  rm -rf "$work"
} 2>/dev/null

prepare() {
  [ $# = 1 ] || { echo 'usage: demo.sh FOLDER' >&2; exit 64; }
  bin=$(cd "$1" && pwd) || exit 64
  server=$bin/prefork
  # The time that anything may take, in seconds.
  limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
    'BEGIN { printf "%d", 10 * (by > 0 ? by : 1) + 0.99 }')
  self=
  { read -r self line </proc/self/stat; } 2>/dev/null
  [ "$self" = $$ ] || cannot 'needs /proc, of this pid namespace'
  "$bin/gone" 0 $$ 2>/dev/null
  [ $? != 69 ] || cannot 'needs MANUAL dispatch, which this build has not'
  command -v curl >/dev/null || cannot 'needs curl'
  work=$(mktemp -d "${TMPDIR:-/tmp}/prefork-demo.XXXXXX") || exit 1
  work=$(cd "$work" && pwd)
  home=$work/home
  log=$home/prefork.log pid_file=$home/prefork.pid
  client='' loader='' known='' number=0
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 141' PIPE
  trap 'exit 143' TERM
  mkdir "$home" && : >"$work/table" && : >"$log" || exit 1
  port=$(free_port)
  url=http://127.0.0.1:$port
  command="prefork -p $port -w $workers -P ${pid_file##*/} -l ${log##*/}"
  [ "$(answer_of "$url/")" = '000 7' ] ||
    cannot 'needs curl 7.75 or newer'
}

exec </dev/null
choose_colours
prepare "$@"
tell_story
sum_up
