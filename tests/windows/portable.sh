#!/bin/sh
# Each suite of tests/ runs on Windows, or stands with its reason in the list of
# those that do not; and the list names nothing that is not there.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/../..}
tests=$top_srcdir/tests
list=$tests/windows/portable.txt
status=0

fail() {
  echo "portable: $*"
  status=1
}

for suite in "$tests"/check_*.c; do
  suite=$(basename "$suite" .c)
  n=$(grep -cE "^(run|not)  $suite( |\$)" "$list")
  [ "$n" -eq 1 ] || fail "$suite stands in the list $n times"
done
for example in "$top_srcdir"/examples/*.c "$top_srcdir"/examples/*/; do
  example=$(basename "$example" .c)
  n=$(grep -cE "^(no-)?example +$example( |\$)" "$list")
  [ "$n" -eq 1 ] || fail "example $example stands in the list $n times"
done
runs=$(sed -n 's/^run  //p' "$list")
while read -r word what reason; do
  suite=${what%%:*}
  case $word in
    '' | '#'*) continue ;;
    run)
      grep -q "%D%/$suite\( \\\\\)\{0,1\}\$" "$tests/windows/local.mk" ||
        fail "$suite is not built for Windows"
      ;;
    example)
      grep -q "examples.*[/\\]$what.exe" "$tests"/windows/check_win_*.c ||
        fail "example $what is not run"
      ;;
    not | skip | no-example) [ -n "$reason" ] || fail "$what has no reason" ;;
    *) fail "'$word' is no word of the list" ;;
  esac
  case $word in
    *example)
      [ -e "$top_srcdir/examples/$what.c" ] ||
        [ -d "$top_srcdir/examples/$what" ] || fail "there is no $what"
      continue
      ;;
  esac
  [ -f "$tests/$suite.c" ] || fail "there is no $suite"
  [ "$word" != skip ] && continue
  echo "$runs" | grep -qx "$suite" || fail "$suite is skipped, and does not run"
  test=${what#*:}
  grep -q "^START_TEST(${test%%:*})" "$tests/$suite.c" || fail "no test $what"
done <"$list"
# What a reason points at.
names=$(grep -oE 'check_win_[a-z]+' "$list" | sort -u)
for name in $names; do
  [ -f "$tests/windows/$name.c" ] || fail "there is no $name"
done
exit $status
