#!/bin/sh
# models.sh [run] - do the models (doc/models) speak of the code as it is?
#
# Each step of a model names the functions that take it: they are there.  With
# "run", as by "make models", Spin also looks at every interleaving of each
# model, and finds nothing, but the fault of each wrong one (runs.txt).
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd) || exit 99
cd "$top/doc/models" || exit 99
export LC_ALL=C
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# --- the code's names --------------------------------------------------------

# Of each "file.c: name, name" in a comment, a pair a line.
pairs() {
  grep -ho '[a-z/-]*\.c:[ 	][a-z_, ]*' "$@" | awk -F ': ' '{
    n = split($2, names, /, */)
    for (i = 1; i <= n; i++)
      if (names[i] ~ /^[a-z_]+$/) print $1, names[i]
  }' | sort -u
}

names() {
  for model in *.pml *.inc; do
    pairs "$model" >"$work/pairs"
    [ -s "$work/pairs" ] || echo "$model: no function of the library"
    while read -r file name; do
      [ -e "$top/src/$file" ] || echo "$model: no file src/$file"
      grep -q "^$name(" "$top/src/$file" 2>/dev/null ||
        echo "$model: no function $name in src/$file"
    done <"$work/pairs"
  done
}

# A step, in a paragraph that names nobody whose step it is.
steps() {
  awk '
    /(\.c: [a-z_]|\/\* (kernel|program))/ { named = 1 }
    /^$/ { named = 0 }
    /atomic \{/ && !/^#/ && !named {
      print FILENAME ":" FNR ": a step of whom?"
    }' ./*.pml ./*.inc
}

{
  names
  steps
} >"$work/faults"
if [ -s "$work/faults" ]; then
  cat "$work/faults"
  exit 1
fi
[ "${1-}" = run ] || exit 0

# --- the checker -------------------------------------------------------------

command -v spin >/dev/null || {
  echo 'models: no spin here'
  [ -z "${CI-}" ] || exit 1
  exit 77
}

# check MODEL KIND SWITCH...: a line for the table, or why there is none.
check() {
  model=$1 kind=$2
  shift 2
  how='-DSAFETY -DCOLLAPSE' search=
  [ "$kind" = safety ] || how=-DNFAIR=6 search='-a -f'
  cp "$model.pml" ./*.inc "$work/" && cd "$work" || return
  # shellcheck disable=SC2086 # lists of words
  spin -a "$@" "$model.pml" >said 2>&1 &&
    ${CC:-cc} -O1 -w -DMEMLIM=900 -DVECTORSZ=1024 $how -o pan pan.c \
      >>said 2>&1 &&
    timeout 120 ./pan -m100000 $search >said 2>&1
  cd "$top/doc/models" || return
  awk '
    /errors: [0-9]/ { errors = $NF; seen = 1 }
    /states, stored/ { states = $1 }
    /^pan:1: / { found = $0; sub(/ \(at depth.*/, "", found)
      sub(/^pan:1: /, "", found) }
    /not completed|truncated|too small|out of memory|limit/ { cut = 1 }
    END {
      if (!seen || (cut && !errors)) print "failed", 0
      else print (errors ? "fault" : "none"), states, found
    }' "$work/said"
}

bad=0
printf '%-8s %-5s %9s  %s\n' model came states switches
while read -r model must kind switches; do
  case $model in '' | '#'*) continue ;; esac
  # shellcheck disable=SC2086 # a list of words
  came=$(check "$model" "$kind" $switches)
  case $must/$came in
    good/none* | wrong/fault* | open/fault*) ;;
    *)
      bad=1
      echo "models: $model $switches: it was to be $must, and came: $came"
      tail -n 5 "$work/said"
      ;;
  esac
  states=${came#* }
  printf '%-8s %-5s %9s  %s\n' "$model" "$must" "${states%% *}" "$switches"
done <runs.txt
exit $bad
