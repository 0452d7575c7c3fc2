#!/bin/sh
# One version: configure.ac, the newest entry of NEWS, the header, and what the
# library answers.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
status=0

expect() {
  [ "$2" = "$configured" ] && return
  echo "version: configure.ac says '$configured', $1 '$2'"
  status=1
}

configured=$(sed -n 's/^AC_INIT(\[[^]]*\], *\[\([^]]*\)\].*/\1/p' \
  "$top_srcdir/configure.ac")
[ -n "$configured" ] || { echo 'version: none in configure.ac'; exit 1; }
expect NEWS "$(sed -n 's/^\([0-9][0-9.a-z-]*\).*/\1/p' "$top_srcdir/NEWS" |
  head -n 1)"

cat >"$work/version.c" <<'END'
#include <stdio.h>
#include <proclc.h>

int
main(void)
{
	printf("%s %s %d.%d.%d\n", proclc_version(), PROCLC_VERSION,
	    PROCLC_VERSION_MAJOR, PROCLC_VERSION_MINOR, PROCLC_VERSION_PATCH);
	return 0;
}
END
# libtool finds the library in the build tree, shared or static.
# shellcheck disable=SC2086 # lists of flags
sh "$top_builddir/libtool" --silent --tag=CC --mode=link ${CC-cc} \
  ${TEST_CFLAGS-} -I"$top_srcdir/include" -I"$top_builddir/include" \
  ${TEST_LDFLAGS-} -no-install -o "$work/version" "$work/version.c" \
  "$top_builddir/src/libproclc.la" || exit 1
got=$("$work/version") || { echo 'version: the program failed'; exit 1; }
# shellcheck disable=SC2086 # three words
set -- $got
expect 'proclc_version()' "${1-}"
expect PROCLC_VERSION "${2-}"
expect 'its numbers' "${3-}"
exit $status
