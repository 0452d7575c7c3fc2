#!/bin/sh
# build-zip.sh BUILD: the bundle for Windows, of a build for that: the DLL, the
# import and the static library, headers, proclc.exe, the licence.  Then it is
# unpacked elsewhere, and a program is linked with it and run.
set -u
build=$(realpath "$1") || exit 1
source=$(cd "$(dirname "$0")/.." && pwd)
: "${VERSION:?}" "${HOST:?}" "${TEST_RUNNER=}"
name=libproc-lifecycle-$VERSION-$HOST
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
  echo "zip: $*"
  exit 1
}

command -v zip >/dev/null || { echo 'skipped: no zip here'; exit 77; }
make -C "$build" --no-print-directory install DESTDIR="$work/root" \
  prefix=/bundle exec_prefix=/bundle bindir=/bundle/bin libdir=/bundle/lib \
  includedir=/bundle/include pkgconfigdir=/bundle/lib/pkgconfig \
  docdir=/bundle/doc mandir=/man >"$work/log" 2>&1 ||
  { tail "$work/log"; exit 1; }
mv "$work/root/bundle" "$work/$name" && cd "$work/$name" || exit 1
rm -f lib/*.la
cp "$source/doc/windows.md" "$source/doc/guide.md" doc || exit 1
mv doc/COPYING . || exit 1
"$HOST-strip" --strip-unneeded bin/*.dll bin/*.exe || exit 1
# It works from any folder.
# shellcheck disable=SC2016 # pkg-config expands it
sed -e 's,^prefix=.*,prefix=${pcfiledir}/../..,' \
  -e 's,^exec_prefix=.*,exec_prefix=${prefix},' \
  -e 's,^libdir=.*,libdir=${prefix}/lib,' \
  -e 's,^includedir=.*,includedir=${prefix}/include,' \
  "$build/proclc.pc" >lib/pkgconfig/proclc.pc || exit 1

{
  printf '%s\n' COPYING bin/libproclc-0.dll bin/proclc.exe doc/AUTHORS \
    doc/NEWS doc/README doc/guide.md doc/windows.md include/proclc.h \
    lib/libproclc.a lib/libproclc.dll.a lib/pkgconfig/proclc.pc \
    include/proclc/version.h
  (cd "$source" && ls include/proclc/*.h)
} | LC_ALL=C sort -u >"$work/wanted"
find . -type f | sed 's,^\./,,' | LC_ALL=C sort >"$work/packed"
diff "$work/wanted" "$work/packed" ||
  fail 'it is to have (<), and has (>)'
date=$(sh "$source/packaging/epoch.sh") || exit 1
find . -exec touch -h -d "@$date" {} +
cd "$work" || exit 1
rm -f "$build/$name.zip"
find "$name" | LC_ALL=C sort | TZ=UTC zip -qX "$build/$name.zip" -@ || exit 1

mkdir "$work/elsewhere" && cd "$work/elsewhere" || exit 1
unzip -q "$build/$name.zip" || exit 1
export PKG_CONFIG_LIBDIR="$PWD/$name/lib/pkgconfig"
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
pkg-config --validate proclc || fail 'proclc.pc is not valid'
# shellcheck disable=SC2046 # lists of flags
"$HOST-gcc" -o consumer.exe "$source/tests/consumer/consumer.c" \
  $(pkg-config --cflags --libs proclc) || fail 'nothing links with it'
"$HOST-objdump" -p consumer.exe | grep -q 'DLL Name: libproclc-0\.dll' ||
  fail 'the consumer does without the DLL'
if [ -z "$TEST_RUNNER" ]; then
  echo 'zip: nothing here runs its programs'
else
  cp "$name/bin/libproclc-0.dll" . || exit 1
  # shellcheck disable=SC2086 # a command
  got=$($TEST_RUNNER ./consumer.exe | tr -d '\r') || fail 'the consumer fails'
  [ "$got" = "$VERSION" ] || fail "the consumer says '$got'"
  # shellcheck disable=SC2086
  got=$($TEST_RUNNER "$name/bin/proclc.exe" --version | tr -d '\r')
  case $got in
    *"$VERSION"*) ;;
    *) fail "proclc.exe says '$got'" ;;
  esac
fi
echo "zip: $name.zip: good"
