#!/bin/sh
# The promise sheet: it has a row for every public function and for nothing
# else, says what the headers say, and names no error that the manual lacks.
set -u
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99
export LC_ALL=C
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
sheet=doc/promises.md
status=0

fail() {
  echo "promises: $*"
  status=1
}

# version.h is made of version.h.in, here too where it is configured in place.
set --
for header in include/proclc/*.h include/proclc/*.h.in; do
  [ "$header" = include/proclc/version.h ] || set -- "$@" "$header"
done

awk -f doc/promises.awk doc/promises.txt "$@" >"$work/sheet" ||
  fail 'doc/promises.txt and the headers do not agree'
diff "$sheet" "$work/sheet" >"$work/diff" || {
  fail "$sheet (<) is not what the headers say (>); \"make promises\" writes it"
  grep '^[<>]' "$work/diff" | cut -c1-160
}

# By another way than that of the sheet's own script.
awk -f tests/api.awk "$@" | sort >"$work/declared"
[ "$(wc -l <"$work/declared")" -gt 80 ] || fail 'hardly a function is declared'
# shellcheck disable=SC2016 # no shell is to expand it
sed -n 's/^| `\(proclc_[a-z_]*\)` |.*/\1/p' "$sheet" | sort >"$work/promised"
diff "$work/declared" "$work/promised" >"$work/diff" || {
  fail 'declared (<), and on the sheet (>):'
  grep '^[<>]' "$work/diff"
}
awk -F '|' '/^\| `/ { for (i = 3; i <= 9; i++) if ($i ~ /^ *$/) print $2 }' \
  "$sheet" >"$work/empty"
[ ! -s "$work/empty" ] || fail "an empty cell: $(cat "$work/empty")"

# Each error of a function is told about on its page.
awk -F '|' '/^## / { unit = $0; sub(/^## /, "", unit); sub(/\.h$/, "", unit) }
  /^\| `/ { n = split($8, word, /[ ,]+/)
    for (i = 1; i <= n; i++) if (word[i] ~ /^E[A-Z0-9]+$/)
      print unit, word[i] }' "$sheet" | sort -u |
  while read -r unit error; do
    grep -q "\(Er\|Dv\) PROCLC_$error\( \|$\)" "man/proclc_$unit.3" ||
      echo "man/proclc_$unit.3: no $error"
  done >"$work/untold"
[ ! -s "$work/untold" ] || fail "$(cat "$work/untold")"

# What is written above the system calls, and a row for each unit that does
# something; which calls they are "make syscalls" finds out.
grep -v 'table was made by' doc/syscalls.txt >"$work/head"
grep -v 'table was made by' doc/syscalls.md | head -n "$(wc -l <"$work/head")" |
  cmp -s - "$work/head" || fail 'doc/syscalls.md is not that of syscalls.txt'
for header in "$@"; do
  unit=$(basename "${header%.h*}")
  case $unit in base | error | version) continue ;; esac
  grep -qE "^\\| $unit \\| ([a-z0-9_]+ )+\\|\$" doc/syscalls.md ||
    fail "doc/syscalls.md: no calls of $unit"
done
exit $status
