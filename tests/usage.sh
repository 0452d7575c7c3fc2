#!/bin/sh
# proclc(1): a wrong command line of each kind is one clear line on stderr, and
# 64; each option of each command, with a value too few, too many and a bad one.
set -u
top_builddir=${top_builddir-$(dirname "$0")/../build}
tool=$(cd "$top_builddir/tools" && pwd)/proclc
[ -x "$tool" ] || { echo 'usage: not built for this system'; exit 77; }
# Not by the script of libtool, which takes its time.
if [ -x "${tool%proclc}.libs/proclc" ]; then
  LD_LIBRARY_PATH=$(cd "$top_builddir/src/.libs" && pwd)
  export LD_LIBRARY_PATH
  tool=${tool%proclc}.libs/proclc
fi
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM

fail() {
  echo "usage: $*"
  exit 1
}

# refuses LINE ARGUMENT...: that line, with where to read on, and nothing else.
refuses() {
  line=$1
  shift
  "$tool" "$@" >said 2>errors </dev/null
  rc=$?
  [ $rc = 64 ] || fail "$*: ended with $rc"
  [ ! -s said ] || fail "$*: says $(cat said)"
  case $line in
    'no command'*) line="proclc: $line; see proclc --help" ;;
    *) line="proclc $1: $line; see proclc $1 --help" ;;
  esac
  [ "$(cat errors)" = "$line" ] || fail "$*: '$line' is '$(cat errors)'"
}

refuses 'no command'
refuses 'no command nonsense' nonsense
refuses 'no command --none' --none
for command in send stop status; do
  refuses 'too few arguments' "$command"
done
refuses 'too few arguments' send x
refuses 'too many arguments' send x TERM y
refuses 'too many arguments' stop x y
refuses 'too many arguments' status x y
refuses 'no signal NONE' send x NONE
refuses 'no signal -1' send x -1
for command in daemon run keep; do
  refuses 'no program to run' "$command"
  refuses 'no program to run' "$command" --
done
for command in daemon keep run send status stop; do
  refuses 'no option --none' "$command" --none x y
  refuses 'no option -q' "$command" -q x y
done
refuses 'no option --limit' run --limit 1 true

# What each option takes is in the help.
for command in daemon keep run send status stop; do
  "$tool" "$command" --help >help
  grep -o '^  --[a-z-]* [^ ]' help | sed 's/^  \(--[a-z-]*\).*/\1/' |
    sort -u >valued
  grep -o '^  --[a-z-]*  ' help | tr -d ' ' | sort -u >plain
  while IFS= read -r option; do
    refuses "option $option needs a value" "$command" "$option"
    echo "$command $option" >>all
  done <valued
  while IFS= read -r option; do
    refuses "option $option=1 takes no value" "$command" "$option=1" x y
  done <plain
done

# bad COMMAND OPTION LINE VALUE...: each value is refused; LINE may name it.
bad() {
  command=$1 option=$2 text=$3
  shift 3
  echo "$command $option" >>tried
  for value; do
    refuses "$(echo "$text" | sed "s|VALUE|$value|")" "$command" \
      "$option=$value" x y
  done
}

time='is no number of seconds'
bad daemon --umask '--umask: VALUE is no number from 0 to 511' 8 -1 1000 x ''
bad daemon --ready '--ready: VALUE is none of exec, notify, fd=N' x fd EXEC ''
for value in x -1 1024 ''; do
  refuses "--ready: $value is no number from 0 to 1023" daemon \
    --ready=fd=$value true
done
refuses "--keep-fd 8 is --ready's" daemon --keep-fd 8 --ready fd=8 true
bad daemon --timeout "--timeout: VALUE $time" x -1 1x nan inf 1000001 ''
bad daemon --keep-fd '--keep-fd: VALUE is no number from 0 to 1048576' x -1 \
  1048577 ''
bad daemon --mode '--mode: VALUE is none of detach, foreground, auto' x ''
i=0
set --
while [ $i -lt 257 ]; do
  set -- "$@" --keep-fd $i
  i=$((i + 1))
done
refuses 'too many descriptors to keep' daemon "$@" true
for command in run keep; do
  bad "$command" --grace "--grace: VALUE $time" x -1 1x nan inf ''
  bad "$command" --expect '--expect: VALUE is no number from 0 to 255' 256 -1 x ''
  bad "$command" --rewrite '--rewrite: VALUE is not of the form SIGNAL=SIGNAL' \
    TERM '' 01234567890123456789012345678901=TERM
  refuses 'no signal NONE' "$command" --rewrite TERM=NONE true
  refuses 'no signal NONE' "$command" --rewrite NONE=TERM true
  refuses 'no signal ' "$command" --rewrite TERM= true
  for value in KILL STOP CHLD; do
    refuses "--rewrite: $value is never passed on" "$command" \
      --rewrite $value=TERM true
  done
done
bad keep --when '--when: VALUE is none of never, on-failure, always' x ''
bad keep --min-uptime "--min-uptime: VALUE $time" x -1 ''
bad keep --delay "--delay: VALUE $time" x -1 ''
bad keep --max-delay "--max-delay: VALUE $time" x -1 ''
refuses '--max-delay is less than --delay' keep --delay 2 --max-delay 1 true
bad keep --limit '--limit: VALUE is no number from 0 to 1073741824' x -1 \
  1073741825 ''
bad stop --signal 'no signal VALUE' NONE 0 -1 ''
bad stop --timeout "--timeout: VALUE $time" x -1 1x nan ''
bad stop --kill-wait "--kill-wait: VALUE $time" x -1 ''

# Paths and names of users are whatever they are.
for option in pidfile stdin stdout stderr chdir user group; do
  echo "daemon --$option" >>tried
done
sort -u tried | comm -3 - all >differ
[ ! -s differ ] || fail "options whose values are not tried: $(cat differ)"
