#!/bin/sh
# rounds.sh [N [SUITE...]] - the tests for Windows N times (50), all or these
# suites, with a wine prefix of their own.
#
# To be run in a build tree for Windows.  Says of each round what was red, and at
# the end how many were green: 0 when all were.  What a red round said stands in
# rounds.log there, one after the other.
set -u
rounds=${1-50}
[ $# = 0 ] || shift
suites=
for suite; do
  suites="$suites tests/windows/$suite"
done
WINEPREFIX=$(mktemp -d) || exit 99
export WINEPREFIX WINEARCH=win64 WINEDEBUG=-all LC_ALL=C.UTF-8
export WINEDLLOVERRIDES='mscoree,mshtml='
unset DISPLAY
trap 'wineserver -k; rm -rf "$WINEPREFIX" round.log' EXIT
trap 'exit 143' HUP INT TERM
wineserver -p60 </dev/null >/dev/null 2>&1
wineboot --init </dev/null >/dev/null 2>&1 || exit 99
wine winecfg -v win10 </dev/null >/dev/null 2>&1 || exit 99
rm -f rounds.log
make -j2 check TESTS= >round.log 2>&1 || { tail round.log; exit 99; }

green=0
round=0
while [ $round -lt "$rounds" ]; do
  round=$((round + 1))
  if make --no-print-directory -j2 check ${suites:+TESTS="$suites"} \
    </dev/null >round.log 2>&1; then
    green=$((green + 1))
    echo "round $round: green"
    continue
  fi
  echo "round $round:"
  grep -E '^(FAIL|ERROR):' round.log
  { echo "=== round $round"; cat round.log test-suite.log; } >>rounds.log
done
echo "$green of $rounds rounds green"
[ $green = "$round" ]
