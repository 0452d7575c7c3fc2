#!/bin/sh
# The manual against the headers: every function is named by one page and found
# under its own name; the pages are clean; a rendered SYNOPSIS is C, and says
# the same as the headers.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
top_builddir=$(cd "$top_builddir" && pwd) || exit 99
cd "$top_srcdir" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
status=0

fail() {
  echo "manpages: $*"
  status=1
}

command -v mandoc >/dev/null || { echo 'manpages: no mandoc here'; exit 77; }

# The names in a page's NAME section.
page_names() {
  awk '/^\.Sh / { on = ($2 == "NAME") }
    on && $1 == ".Nm" { for (i = 2; i <= NF; i++) if ($i != ",") print $i }' \
    "$1" | tr -d ,
}

ls man/*.[1-9] >"$work/pages" 2>/dev/null
ls man/*.3 >"$work/pages3" 2>/dev/null
[ -s "$work/pages3" ] || fail 'no page in section 3'

# --- names -------------------------------------------------------------------

awk -f tests/api.awk include/*.h include/proclc/*.h include/proclc/*.h.in |
  sort -u >"$work/declared"
while IFS= read -r page; do
  own=$(basename "$page" .3)
  page_names "$page" | while IFS= read -r name; do
    echo "$name $own"
  done
done <"$work/pages3" | sort >"$work/named"
[ -z "$(cut -d ' ' -f 1 "$work/named" | uniq -d)" ] ||
  fail "on two pages: $(cut -d ' ' -f 1 "$work/named" | uniq -d)"

# A page may be called after its unit; every other name is a function's.
awk '$1 != $2 { print $1 }' "$work/named" >"$work/functions"
awk '$1 == $2 { print $1 }' "$work/named" |
  grep -Fxf "$work/declared" >>"$work/functions"
sort -o "$work/functions" "$work/functions"
diff "$work/declared" "$work/functions" >"$work/diff" || {
  fail 'declared in a header (<), in the NAME of a page (>):'
  grep '^[<>]' "$work/diff"
}

# A function is found under its own name: the page's file, or a link to it.
awk '$1 != $2 { print $2 ".3:" $1 ".3" }' "$work/named" | sort >"$work/wanted"
awk '/^MLINKS/ { on = 1 }
  on { for (i = 1; i <= NF; i++) if ($i ~ /:/) print $i }
  on && !/\\$/ { on = 0 }' man/local.mk | sort >"$work/links"
diff "$work/wanted" "$work/links" >"$work/diff" || {
  fail 'missing in MLINKS (<), without such a name on the page (>):'
  grep '^[<>]' "$work/diff"
}

while IFS= read -r page; do
  grep -q "%D%/$(basename "$page")\( \|\$\)" man/local.mk ||
    fail "$page is not in man/local.mk"
done <"$work/pages"

# --- form --------------------------------------------------------------------

while IFS= read -r page; do
  # Its two streams would meet in the middle of a line.
  mandoc -Tlint -Wstyle "$page" >"$work/said" 2>"$work/errors"
  cat "$work/said" "$work/errors" |
    grep -v -e 'referenced manual not found' -e 'outdated mandoc\.db' \
      >"$work/lint" &&
    { fail "$page:"; cat "$work/lint"; }
  if command -v groff >/dev/null; then
    groff -mandoc -Tutf8 -ww -z "$page" >"$work/lint" 2>&1
    [ -s "$work/lint" ] && { fail "groff, $page:"; cat "$work/lint"; }
  fi
  grep -q '^\.so ' "$page" && fail "$page: a page that only includes another"
done <"$work/pages"

# --- synopsis ----------------------------------------------------------------

synopsis() {
  mandoc -Tascii -Owidth=500 "$1" | sed "s/.$(printf '\b')//g" |
    awk '/^[A-Z]/ { on = ($1 == "SYNOPSIS"); next } on { print }'
}

while IFS= read -r page; do
  synopsis "$page" >"$work/synopsis.c"
  grep -q '#include' "$work/synopsis.c" || fail "$page: SYNOPSIS without header"
  echo 'extern int pcl_not_empty;' >>"$work/synopsis.c"
  # shellcheck disable=SC2086 # a compiler may come with flags
  ${CC-cc} -std=c11 -Wall -Wextra -Werror -fsyntax-only -Iinclude \
    -I"$top_builddir/include" "$work/synopsis.c" 2>"$work/errors" ||
    { fail "$page: its SYNOPSIS is not the header's C:"
      head -n 20 "$work/errors"; }
  # Every function of the page stands in it.
  page_names "$page" | grep -Fx -f "$work/declared" | while IFS= read -r name
  do
    grep -q "[ *]$name(" "$work/synopsis.c" || echo "$page: $name"
  done >"$work/absent"
  [ -s "$work/absent" ] &&
    fail "not in the SYNOPSIS: $(cat "$work/absent")"
done <"$work/pages3"
exit $status
