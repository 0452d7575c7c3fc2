#!/bin/sh
# What packaging/ says twice: the version is configure.ac's, and the symbols of
# Debian's package are those of the linker's map.
set -u
cd "${top_srcdir-$(dirname "$0")/..}" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
status=0

fail() {
  echo "packages: $*"
  status=1
}

version=$(sed -n 's/^AC_INIT(\[[^]]*\], *\[\([^]]*\)\].*/\1/p' configure.ac)
[ -n "$version" ] || fail 'no version in configure.ac'
debian=$(sed -n '1s/.*(\(.*\)-[0-9]*).*/\1/p' packaging/debian/changelog)
[ "$debian" = "$version" ] || fail "debian/changelog has '$debian'"
spec=$(sed -n 's/^Version: *//p' packaging/rpm/libproc-lifecycle.spec)
[ "$spec" = "$version" ] || fail "the spec has '$spec'"

LC_ALL=C awk -f packaging/symbols.awk src/libproclc.map >"$work/symbols"
diff packaging/debian/libproclc0.symbols "$work/symbols" >"$work/diff" || {
  fail 'libproclc0.symbols is not what the map says: "make symbols"'
  grep '^[<>]' "$work/diff"
}
exit $status
