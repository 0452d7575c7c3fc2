#!/bin/sh
# What the library exports == what the linker map lists == what the headers
# declare; and the static archive defines no name outside our prefixes.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
nm=${NM-nm}
lib=$top_builddir/src/.libs/libproclc.so
dll=$top_builddir/src/.libs/libproclc-0.dll
archive=$top_builddir/src/.libs/libproclc.a
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
status=0

fail() {
  echo "exports: $*"
  status=1
}

same() {
  diff "$work/$1" "$work/$2" >"$work/diff" && return
  fail "$1 (<) and $2 (>) differ:"
  grep '^[<>]' "$work/diff"
}

awk -f "$top_srcdir/tests/api.awk" "$top_srcdir"/include/*.h \
  "$top_srcdir"/include/proclc/*.h "$top_srcdir"/include/proclc/*.h.in |
  sort -u >"$work/headers"
[ -s "$work/headers" ] || fail 'the headers declare nothing'

# Names stand in the map's global: parts, each with its semicolon.
awk '{ gsub(/\/\*.*\*\//, ""); sub(/#.*/, "") }
  /^[ \t]*global:/ { on = 1; next }
  /^[ \t]*local:/ || /}/ { on = 0 }
  on && /;/ { gsub(/[ \t;]/, ""); print }' \
  "$top_srcdir/src/libproclc.map" | sort >"$work/map"
[ -z "$(uniq -d "$work/map")" ] || fail 'a name stands twice in the map'
same map headers

if [ -f "$archive" ]; then
  $nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' |
    grep -Ev '^(proclc_|pcl_|__|\.refptr\.)' >"$work/foreign" &&
    fail "names without prefix in the archive: $(cat "$work/foreign")"
fi

# A DLL has the names, and no versions.
if [ -f "$dll" ]; then
  ${OBJDUMP-objdump} -p "$dll" |
    sed -n '/Ordinal.Name Pointer/,/^$/s/^.*\] *//p' | grep -v Table |
    sort >"$work/library"
  same library map
  exit $status
fi

if [ ! -f "$lib" ]; then
  echo 'exports: no shared library here: map and headers compared only'
  [ $status = 0 ] && exit 77
  exit $status
fi
$nm -D --defined-only "$lib" | awk '$2 != "A" { print $3 }' >"$work/exported"
sed 's/@.*//' "$work/exported" | sort >"$work/library"
same library map

# Every exported name carries a version of ours.
grep -vE '@@?PROCLC_[0-9.]+$' "$work/exported" >"$work/bare"
[ -s "$work/bare" ] && fail "without a version: $(cat "$work/bare")"
exit $status
