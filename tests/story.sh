#!/bin/sh
# The life of the example server: the demo's steps, each of which checks itself,
# told to a file; then what the demo promises of itself.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
demo=$top_srcdir/examples/prefork/demo.sh
programs=$top_builddir/examples/prefork
work=$(mktemp -d) || exit 99
told=$work/told
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print 60 * (by > 0 ? by : 1) }')
teller=
trap 'end_teller; rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
# The demo makes its folder here, and takes it away.  (A name with a blank.)
TMPDIR="$work/tmp dir"
export TMPDIR
mkdir "$TMPDIR" || exit 99

fail() {
  echo "story: $*"
  [ ! -s "$told" ] || cat "$told"
  exit 1
}

end_teller() {
  [ -z "$teller" ] || { kill "$teller" && wait "$teller"; } 2>/dev/null
}

nothing_left() {
  [ -z "$(ls -A "$TMPDIR")" ] || fail "left in its folder: $(ls -R "$TMPDIR")"
  for entry in /proc/[0-9]*; do
    { IFS= read -r line <"$entry/cmdline"; } 2>/dev/null
    case ${line-} in
      *-P"$TMPDIR"*) fail "left a process: ${entry#/proc/}" ;;
    esac
    line=
  done
}

whole_story() {
  sh "$demo" "$programs" >"$told" 2>&1
  case $? in
    0) ;;
    77) cat "$told"; exit 77 ;;
    *) fail 'the demo failed' ;;
  esac
  [ "$(grep -c '^ [1-9]  .* held  *[0-9]* ms$' "$told")" = 9 ] ||
    fail 'not nine steps held'
  [ "$(tail -n 1 "$told")" = 'all held' ] || fail 'it does not say so'
  ! LC_ALL=C grep -q "$(printf '\033')" "$told" || fail 'colour in a file'
  nothing_left
}

# Interrupted in the middle, it leaves nothing either.
interrupted_story() {
  : >"$told"
  sh "$demo" "$programs" >"$told" 2>&1 &
  teller=$!
  timeout "$limit" tail -n +1 -s 0.1 -f "$told" 2>/dev/null | grep -q '^4  ' ||
    fail 'it does not come to step 4'
  kill -TERM $teller
  wait $teller
  status=$?
  teller=
  [ $status = 143 ] || fail "interrupted, it ended with $status"
  nothing_left
}

# A server that ends with 0 and does not serve is found out.
untrue_story() {
  mkdir "$work/liar"
  cp "$programs/tell" "$programs/gone" "$work/liar/"
  printf '#!/bin/sh\nexit 0\n' >"$work/liar/prefork"
  chmod +x "$work/liar/prefork"
  sh "$demo" "$work/liar" >"$told" 2>&1
  [ $? = 1 ] || fail 'a server that does not serve passed'
  grep -q '^step 1 failed' "$told" || fail 'the wrong step failed'
  nothing_left
}

whole_story
interrupted_story
untrue_story
