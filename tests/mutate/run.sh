#!/bin/sh
# run.sh [-n LINES] [-s SEED] [-d DIR] [FILE...] - would the tests see it?
#
# Breaks the library in one place at a time, in a copy of the tree, and runs the
# suites of that unit (suites.txt) until one fails.  LINES (30) lines are drawn
# with SEED (1), of all files of the table or of those that are named as there
# (pidfile, os/lock-ofd), and one change of each line.  What came of it is in
# DIR (mutate, in the folder where it is called): results.tsv, a line a change,
# and of those that no suite has noticed survivors.txt.
#
# A test runs in tests/isolate, in a pid namespace of its own: a library that
# is wrong may signal anybody.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 99
here=$top/tests/mutate
lines=30
seed=1
dir=mutate
while getopts n:s:d: option; do
  case $option in
    n) lines=$OPTARG ;;
    s) seed=$OPTARG ;;
    d) dir=$OPTARG ;;
    *) sed -n '2s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit 99
tree=$dir/tree
build=$dir/build
# A namespace that is refused must not pass unseen.
unshare -p -f -r true 2>/dev/null || {
  echo 'mutate: no pid namespaces here, and without them a wrong library may'
  echo 'mutate: signal anybody'
  exit 77
}

# --- the copy ----------------------------------------------------------------

files() {
  sed '/^#/d; s/ *:.*//' "$here/suites.txt" | tr ' ' '\n' | sort
}

suites_of() {
  awk -v file="$1" '!/^#/ && / : / {
    split($0, half, " : ")
    n = split(half[1], names, " ")
    for (i = 1; i <= n; i++) if (names[i] == file) print half[2]
  }' "$here/suites.txt"
}

prepare() {
  mkdir -p "$tree" "$build" || return
  (cd "$top" && tar -cf - --exclude=./build --exclude=./.git \
    --exclude=./mutate --exclude=./config.status .) | tar -xf - -C "$tree" || return
  cd "$build" || return
  [ -e config.status ] || "$tree/configure" --enable-tests=yes \
    --disable-static CFLAGS='-O1' || return
  make -j2 && make -j2 check TESTS=
}

# try SUITE: does it fail?
try() {
  [ -x "tests/check_$1" ] || return 1
  ! top_builddir=. top_srcdir=$tree tests/isolate -t 60 "tests/check_$1" \
    >"$dir/suite.log" 2>&1 </dev/null
}

# Which suites pass with nothing broken?  The others cannot judge.
judges() {
  for suite in $(sed '/^#/d; s/.* : //' "$here/suites.txt" | tr ' ' '\n' |
    sort -u); do
    if try "$suite" && try "$suite"; then
      echo "mutate: check_$suite fails already: left out" >&2
    else
      echo "$suite"
    fi
  done
}

# --- the changes -------------------------------------------------------------

# Of each file that the build has, one change of each of its lines, in an order
# that the seed makes.
draw() {
  cd "$tree/src" || return
  for file in "$@"; do
    [ -e "$build/src/$file.lo" ] && echo "$file.c"
  done | xargs awk -f "$here/mutants.awk" | awk -F '\t' -v seed="$seed" '
    BEGIN { srand(seed) }
    {
      at = $1 "\t" $2
      if (!(at in n)) order[++lines] = at
      of[at, ++n[at]] = $0
    }
    END {
      for (i = lines; i > 1; i--) {
        j = int(rand() * i) + 1
        swap = order[i]; order[i] = order[j]; order[j] = swap
      }
      for (i = 1; i <= lines; i++)
        print of[order[i], int(rand() * n[order[i]]) + 1]
    }'
}

# judge FILE: what comes of the tree as it is.
judge() {
  if ! make -s src/libproclc.la >"$dir/make.log" 2>&1; then
    echo 'void -'
    return
  fi
  for suite in $(suites_of "$1"); do
    grep -qx "$suite" "$dir/judges" || continue
    case $suite in
      fork | fork_units | log | backoff) make -s "tests/check_$suite" >"$dir/make.log" 2>&1 ;;
    esac
    if try "$suite"; then
      echo "noticed $suite"
      return
    fi
  done
  echo 'survived -'
}

one() {
  file=$tree/src/$1
  cp "$file" "$dir/right.c"
  was=$(sed -n "$2p" "$file")
  now=$4 awk -v at="$2" 'NR == at { print ENVIRON["now"]; next } { print }' \
    "$dir/right.c" >"$file"
  came=$(judge "${1%.c}")
  cp "$dir/right.c" "$file"
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$came" "$1" "$2" "$3" "$was" "$4" \
    >>"$dir/results.tsv"
  case $came in
    survived*) printf 'src/%s:%s: %s\n-%s\n+%s\n' "$1" "$2" "$3" "$was" "$4" \
      >>"$dir/survivors.txt" ;;
  esac
}

say_sum() {
  awk -F '\t' -v seed="$seed" '
    { split($1, came, " "); n[came[1]]++ }
    END {
      judged = n["noticed"] + n["survived"]
      printf "mutate: seed %s: %d changes, %d noticed, %d not (%d %%); " \
        "%d do not compile\n", seed, judged, n["noticed"], n["survived"],
        judged ? 100 * n["noticed"] / judged + 0.5 : 0, n["void"]
    }' "$dir/results.tsv"
}

echo "mutate: building a copy in $dir"
prepare >"$dir/prepare.log" 2>&1 || {
  tail "$dir/prepare.log"
  exit 1
}
cd "$build" || exit 99
# Who has judged here before does so again.
[ -s "$dir/judges" ] || judges >"$dir/judges"
: >"$dir/results.tsv"
: >"$dir/survivors.txt"
[ $# -gt 0 ] || {
  # shellcheck disable=SC2046 # a list of words
  set -- $(files)
}
(draw "$@") | head -n "$lines" >"$dir/drawn.tsv"
tab=$(printf '\t')
# What is drawn may begin with tabs, which a read by IFS would take away.
while IFS= read -r line; do
  name=${line%%"$tab"*} line=${line#*"$tab"}
  number=${line%%"$tab"*} line=${line#*"$tab"}
  one "$name" "$number" "${line%%"$tab"*}" "${line#*"$tab"}"
done <"$dir/drawn.tsv"
say_sum
