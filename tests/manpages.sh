#!/bin/sh
# The manual against the headers: every function is named by one page and found
# under its own name; the pages are clean; a rendered SYNOPSIS is C, and says
# the same as the headers; each page has the parts that it has to have, and what
# the header of its unit has.
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

# --- parts -------------------------------------------------------------------

# part PAGE NAME: the source of a section.
part() {
  awk -v name="$2" '/^\.Sh / { on = (substr($0, 5) == name); next } on' "$1"
}

# A word of a heading that is also a macro makes something else of it.
while IFS= read -r page; do
  sed -n 's/^\.S[hs] //p' "$page" | sort >"$work/written"
  mandoc -Tascii "$page" | sed "s/.$(printf '\b')//g" |
    sed -n -e '1d;$d' -e 's/^ \{0,3\}\([^ ]\)/\1/p' | sort >"$work/shown"
  diff "$work/written" "$work/shown" >"$work/diff" || {
    fail "$page: a heading (<) is not shown as it is written (>):"
    grep '^[<>]' "$work/diff"
  }
done <"$work/pages"

printf '%s\n' NAME LIBRARY SYNOPSIS DESCRIPTION SAFETY 'RETURN VALUES' EXAMPLES \
  'SEE ALSO' >"$work/needed"
while IFS= read -r page; do
  sed -n 's/^\.Sh //p' "$page" | grep -Fxf "$work/needed" |
    diff "$work/needed" - >"$work/diff" || {
    fail "$page: sections, and their order (<), and what is there (>):"
    grep '^[<>]' "$work/diff"
  }
  part "$page" EXAMPLES | grep -q '^main(' || fail "$page: no program"
  part "$page" DESCRIPTION >"$work/description"
  page_names "$page" | grep -Fx -f "$work/declared" | while IFS= read -r name
  do
    grep -qE "^\.Fn $name( |\$)|It Fn $name( |\$)" "$work/description" ||
      echo "$name"
  done >"$work/absent"
  [ -s "$work/absent" ] &&
    fail "$page: nothing is said about $(cat "$work/absent")"
done <"$work/pages3"

# The pages of ours that a page sends its reader to.
{
  sed 's,^man/\(.*\)\.\([0-9]\)$,\1 \2,' "$work/pages"
  sed 's/.*:\(.*\)\.3$/\1 3/' "$work/links"
} | sort -u >"$work/there"
grep -ohE '^\.(It )?Xr proclc[a-z_]* [0-9]| Xr proclc[a-z_]* [0-9]' man/*.[1-9] |
  sed 's/.*Xr //' | sort -u >"$work/sent"
[ "$(wc -l <"$work/sent")" -gt 50 ] || fail 'hardly a page is referred to'
grep -vxFf "$work/there" "$work/sent" >"$work/nowhere" &&
  fail "no such page: $(cat "$work/nowhere")"

# --- what the header has -----------------------------------------------------

# Each struct of a file, on one line, as it is written but for blanks.
structs() {
  awk '{ gsub(/\/\*[^*]*\*\//, ""); if (sub(/\/\*.*/, "")) inside = 1
      else if (inside) { if (!sub(/.*\*\//, "")) $0 = ""; else inside = 0 } }
    /^struct proclc_[a-z_]+ \{$/ { on = 1; text = "" }
    on { text = text " " $0 }
    on && /^};$/ { on = 0; gsub(/[ \t]+/, " ", text); print text }' "$1" | sort
}

structs_seen=0
while IFS= read -r page; do
  header=include/proclc/$(basename "$page" .3 | sed 's/^proclc_//').h
  [ -e "$header" ] || continue
  structs "$header" >"$work/in_header"
  structs "$page" >"$work/in_page"
  structs_seen=$((structs_seen + $(wc -l <"$work/in_header")))
  diff "$work/in_header" "$work/in_page" >"$work/diff" || {
    fail "structs of $header (<) and $page (>):"
    grep '^[<>]' "$work/diff"
  }
  grep -oE '(^[[:space:]]+|define )PROCLC_[A-Z0-9_]+' "$header" |
    sed 's/.*PROCLC_/PROCLC_/' | grep -v '_H$' | sort -u |
    while IFS= read -r name; do
      grep -qE "(^|[^A-Z0-9_])$name([^A-Z0-9_]|\$)" "$page" || echo "$name"
    done >"$work/absent"
  [ -s "$work/absent" ] && fail "$page: no $(cat "$work/absent")"
done <"$work/pages3"
[ $structs_seen -gt 15 ] || fail "only $structs_seen structs in the headers"
exit $status
