#!/bin/sh
# build-rpm.sh TARBALL DIR: the rpm packages, built from the release tarball in
# DIR (made anew), and judged by rpmlint.  NOCHECK=1 leaves out the tests.  On a
# Debian system what the spec wants to build with is not looked for.
set -u
tarball=$(realpath "$1") || exit 1
here=$(cd "$(dirname "$0")" && pwd)
dir=$2
nodeps=
check=

for tool in rpmbuild rpmlint; do
  command -v "$tool" >/dev/null || { echo "skipped: no $tool here"; exit 77; }
done
[ ! -e /etc/debian_version ] || nodeps=--nodeps
[ -z "${NOCHECK-}" ] || check=--nocheck
rm -rf "$dir" && mkdir -p "$dir/SOURCES" && cd "$dir" || exit 1
# The spec is what travels in the tarball.
name=$(basename "$tarball" .tar.xz)
tar -xJf "$tarball" "$name/packaging/rpm/libproc-lifecycle.spec" \
  --strip-components=3 && cp "$tarball" SOURCES || exit 1

# The library is in lib on Debian, too; a linker there looks nowhere else.
libdir=
[ ! -e /etc/debian_version ] || libdir=/usr/lib
# shellcheck disable=SC2086 # flags
rpmbuild -ba $nodeps $check --define "_topdir $PWD" \
  --define '_smp_mflags -j2' --define "_tmppath $PWD" \
  ${libdir:+--define "_libdir $libdir"} libproc-lifecycle.spec || exit 1
mv RPMS/*/*.rpm SRPMS/*.rpm . || exit 1

echo '--- rpmlint'
rpmlint --rpmlintrc "$here/rpm/rpmlintrc" ./*.spec ./*.rpm
