#!/bin/sh
# The benchmarks run: every row has positive figures, and they can be read by
# programs.  What the figures are is no test's business.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
bench=$top_builddir/bench/bench
[ -x "$bench" ] || { echo 'the benchmarks are for Linux'; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
# Where the cases have their files: nothing may be left there.
TMPDIR=$work/tmp
export TMPDIR
mkdir "$TMPDIR" || exit 99

fail() {
  echo "bench: $*"
  [ ! -s "$work/said" ] || cat "$work/said"
  exit 1
}

run() {
  "$bench" --smoke --output="$work/results" "$@" >"$work/table" 2>"$work/said"
}

# A line a row, in the order of --list, and no figure that cannot be.
read_tsv() {
  awk -F '\t' -v backends="${PROCLC_TEST_BACKENDS-}" '
    function say(text) { print FNR ": " text ": " $0 }
    FNR == 1 {
      for (i = 1; i <= NF; i++) column[$i] = i
      columns = NF
      next
    }
    NF != columns { say(NF " columns"); next }
    $column["verdict"] == "skipped" {
      if (!($column["skipped"] ~ /MANUAL/ && backends ~ / ready=none /) &&
          $column["skipped"] !~ /is refused here$/)
        say("skipped")
      next
    }
    {
      count = $column["kind"] == "count"
      for (i = column["floor_median"]; i <= column["ratio_of_minima"]; i++)
        if ($i !~ /^[0-9]+\.[0-9]+$/ || (!count && $i + 0 <= 0))
          say("not positive: " $i)
      if ($column["verdict"] !~ /^(-|good|MISSED)$/)
        say("no verdict")
      if (!count && $column["ratio_min"] > $column["ratio_median"])
        say("a least ratio above the median")
    }' "$1"
}

# JSON without its blanks, read by the grammar itself: values are folded until
# one is left.
read_json() {
  tr '\n' ' ' <"$1" | sed -E '
    s/"([^"\\]|\\.)*"/S/g
    s/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/V/g
    s/\<(true|false|null)\>/V/g
    s/ //g
    s/S:S/P/g
    :fold
    s/\[([VS](,[VS])*)?\]/V/g
    s/S:V/P/g
    s/\{(P(,P)*)?\}/V/g
    t fold
    s/^V$//'
}

rows_are_sound() {
  run "$@" || fail "left with $?"
  [ ! -s "$work/said" ] || fail 'something on stderr'
  "$bench" --list "$@" >"$work/listed" || fail 'no list'
  tail -n +2 "$work/results.tsv" | cut -f 1-3 | cmp -s - "$work/listed" ||
    fail 'not the rows that it lists'
  read_tsv "$work/results.tsv" >"$work/said"
  [ ! -s "$work/said" ] || fail 'figures that cannot be'
  [ -z "$(read_json "$work/results.json")" ] || fail 'no JSON'
  [ "$(grep -c '^{"bench": ' "$work/results.json")" = \
    "$(wc -l <"$work/listed")" ] || fail 'not as many rows in JSON'
  [ -z "$(ls -A "$TMPDIR")" ] || fail "left behind: $(ls -A "$TMPDIR")"
}

rows_are_sound
all=$(wc -l <"$work/listed")
[ "$all" -gt 30 ] || fail "$all rows are all"

rows_are_sound send,handler
[ "$(cut -f 1 "$work/listed" | uniq | tr '\n' ' ')" = 'send handler ' ] ||
  fail 'not the benches that were asked for'

run sendd && fail 'a bench that is not there has run'
[ $? = 2 ] || fail "an unknown bench: left with $?"

# A case that does not do its work is found out, with its reason.
TMPDIR=$work/nowhere run pidfile
[ $? = 3 ] || fail 'a case that fails passed'
grep -q 'nowhere.*: No such file' "$work/said" || fail 'it does not say why'
exit 0
