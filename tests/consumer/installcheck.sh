#!/bin/sh
# After "make install": a consumer finds the library through pkg-config and
# nothing else, links it shared and static, and runs.  make installcheck sets
# DESTDIR, libdir, pkgconfigdir and PACKAGE_VERSION.
set -u
: "${top_srcdir:?}" "${libdir:?}" "${pkgconfigdir:?}" "${CC:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
source=$top_srcdir/tests/consumer/consumer.c
built=0

PKG_CONFIG_LIBDIR=$DESTDIR$pkgconfigdir
PKG_CONFIG_SYSROOT_DIR=$DESTDIR
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
unset PKG_CONFIG_PATH

die() {
  echo "installcheck: $*"
  exit 1
}

pkg() {
  "${PKG_CONFIG-pkg-config}" "$@" proclc
}

# The static C library is not on every system.
static_libc() {
  echo 'int main(void) { return 0; }' >"$work/empty.c"
  $CC -static -o "$work/empty" "$work/empty.c" 2>/dev/null && "$work/empty"
}

# try WHAT FLAG...: compile the consumer with the flags, and run it.
try() {
  what=$1
  shift
  # shellcheck disable=SC2068,SC2086 # lists of flags
  $CC $TEST_CFLAGS -o "$work/consumer" "$source" $@ ||
    die "the consumer does not compile ($what)"
  got=$(LD_LIBRARY_PATH=$DESTDIR$libdir "$work/consumer") ||
    die "the consumer fails ($what)"
  [ "$got" = "$PACKAGE_VERSION" ] || die "$what: version '$got'"
  # shellcheck disable=SC2068,SC2086 # lists of flags
  $CC $TEST_CFLAGS -Wall -Wextra -o "$work/example" \
    "$top_srcdir/examples/signals.c" $@ ||
    die "the example does not compile ($what)"
  echo "installcheck: $what: good"
  built=$((built + 1))
}

pkg --validate || die 'proclc.pc is not valid'
[ "$(pkg --modversion)" = "$PACKAGE_VERSION" ] || die 'the wrong version'
if [ -e "$DESTDIR$libdir/libproclc.so" ]; then
  try shared "$(pkg --cflags --libs)"
fi
if [ -e "$DESTDIR$libdir/libproclc.a" ]; then
  if static_libc; then
    try static "-static $(pkg --static --cflags --libs)"
  else
    try archive "$(pkg --cflags) $DESTDIR$libdir/libproclc.a \
      $(pkg --static --libs-only-other)"
  fi
fi
[ $built -gt 0 ] || die 'no library is installed'
