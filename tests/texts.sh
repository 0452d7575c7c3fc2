#!/bin/sh
# The texts and the library agree: every name of ours in them exists, every
# program in the manual and in README compiles, and each name of the four Python
# packages has a row in doc/coming-from.md.
# shellcheck disable=SC2016 # what is quoted is for other programs
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
top_builddir=$(cd "$top_builddir" && pwd) || exit 99
cd "$top_srcdir" || exit 99
export LC_ALL=C
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
status=0

fail() {
  echo "texts: $*"
  status=1
}

# --- names -------------------------------------------------------------------

# A name that ends in _ is the beginning of several.
words='PROCLC_[A-Z0-9_]*[A-Z0-9]|proclc_[a-z0-9_]*[a-z0-9]'
{
  cat include/proclc.h include/proclc/*.h include/proclc/*.h.in |
    grep -oE "$words"
  # A page; what is asked for in the environment, or a developer's own.
  printf '%s\n' man/*.3 | sed 's,.*/,,; s,\.3$,,'
  grep -oh 'PROCLC_[A-Z_]*' bootstrap configure.ac
  grep -oh 'PROCLC_TEST_[A-Z_]*' tests/*.[ch] tests/toolkit/*.[ch]
} | sort -u >"$work/known"
for text in README HACKING NEWS doc/*.md doc/*.txt man/*.7 man/*.1; do
  grep -oE "$words" "$text" | sort -u | grep -vxFf "$work/known" |
    grep -vx -e PROCLC_E -e PROCLC_SIG | sed "s,^,$text: ,"
done >"$work/unknown"
[ "$(wc -l <"$work/known")" -gt 300 ] || fail 'hardly a name is known'
[ ! -s "$work/unknown" ] || {
  fail 'there is no such name:'
  cat "$work/unknown"
}

# --- programs ----------------------------------------------------------------

# The literal blocks of a page, each into a file.
blocks() {
  awk -v to="$work/block" '
    /^\.Bd .*literal/ { on = 1; n++; next }
    /^\.Ed/ { on = 0 }
    on { print > (to "." n ".c") }' "$1"
}

compile() {
  # shellcheck disable=SC2086 # a compiler may come with flags
  ${CC-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror \
    -Wno-unused-function -fsyntax-only -Iinclude -I"$top_builddir/include" \
    "$1" 2>"$work/errors" || { fail "$2:"; head -n 20 "$work/errors"; }
  count=$((count + 1))
}

count=0
for page in man/*.[37]; do
  rm -f "$work"/block.*
  blocks "$page"
  for block in "$work"/block.*.c; do
    # What has no function is a piece, or no C.
    grep -q '^{$' "$block" 2>/dev/null || continue
    {
      grep -q '#include' "$block" ||
        printf '#include <%s>\n' proclc.h stdio.h string.h
      sed 's/\\e/\\/g; s/\\-/-/g; s/\\(dq/"/g; s/\\&//g' "$block"
    } >"$work/program.c"
    compile "$work/program.c" "$page"
  done
done
[ $count -ge 12 ] || fail "only $count programs in the manual"

# README's is indented, and of at most 20 lines.
awk '/^  #include/ { on = 1 } on { sub(/^  /, ""); print }
  on && /^}/ { exit }' README >"$work/readme.c"
grep -q 'main(' "$work/readme.c" || fail 'no program in README'
lines=$(grep -c . "$work/readme.c")
[ "$lines" -le 20 ] || fail "the program in README has $lines lines"
compile "$work/readme.c" README

# --- targets -----------------------------------------------------------------

# What "make help" names is there.
sed -n 's/^  make \([a-z][a-z]*\) .*/\1/p' build-aux/targets >"$work/targets"
[ "$(wc -l <"$work/targets")" -gt 8 ] || fail 'make help names hardly a target'
while read -r target; do
  grep -qE "^([a-z -]* )?$target( [a-z -]*)?:" "$top_builddir/Makefile" ||
    fail "make $target: no target"
done <"$work/targets"

# --- names of others ---------------------------------------------------------

# The last word of each name in the list of tests/ancestors.sh stands in code
# quotes in the section of its package.
packages='orphanage|multiexit|offspring|daemoniker'
sed -nE "s/^($packages)\.([A-Za-z_.0-9]*)\$/\1 \2/p" tests/ancestors.sh |
  grep -v -e ' edge\.' -e ' .*\.leave_' -e '_helper$' -e '\.call$' \
  -e '\.exit_without' -e '\.second_use' -e ' return_codes' -e ' readme$' \
  -e '\.func$' -e '\.exec$' -e '\.fork$' -e '\.exitcode$' \
  -e '\.callback$' -e '\.default$' -e '\.signal$' -e '\.user$' -e '\.group$' |
  while read -r package name; do
    awk -v package="$package" '/^## / { on = ($2 == package) } on' \
      doc/coming-from.md | cut -d '|' -f 2 | grep -q "\`${name##*.}\`" ||
      echo "$package: $name"
  done >"$work/missing"
[ ! -s "$work/missing" ] || {
  fail 'without a row in doc/coming-from.md:'
  cat "$work/missing"
}
# A row has three parts, and the first two say something.
awk -F '|' '/^\|/ && (NF != 5 || $2 ~ /^ *$/ || $3 ~ /^ *$/) {
  print FNR ": " $0 }' doc/coming-from.md >"$work/rows"
[ ! -s "$work/rows" ] || fail "doc/coming-from.md, $(cat "$work/rows")"
exit $status
