#!/bin/sh
# build-deb.sh TARBALL DIR: Debian's packages, built from the release tarball in
# DIR (made anew), and judged by lintian and hardening-check.
# DEB_BUILD_OPTIONS=nocheck leaves out the tests.
set -u
tarball=$(realpath "$1") || exit 1
dir=$2
name=$(basename "$tarball" .tar.xz)
version=${name##*-}
source=${name%-*}
rm -rf "$dir" && mkdir -p "$dir" && cd "$dir" || exit 1

for tool in dh dpkg-buildpackage lintian; do
  command -v "$tool" >/dev/null || { echo "skipped: no $tool here"; exit 77; }
done
cp "$tarball" "${source}_$version.orig.tar.xz" || exit 1
tar -xJf "$tarball" && cp -r "$name/packaging/debian" "$name/debian" || exit 1
(cd "$name" && dpkg-buildpackage -us -uc) || exit 1

echo '--- lintian'
lintian --pedantic --display-info --allow-root \
  --fail-on error,warning,info,pedantic "${source}_$version"-*.changes ||
  exit 1
command -v hardening-check >/dev/null ||
  { echo 'hardening: as lintian says: no hardening-check here'; exit 0; }
echo '--- hardening'
for deb in libproclc0 proclc-tools; do
  dpkg -x "$deb"_*.deb "$deb" || exit 1
done
hardening-check --nocfprotection libproclc0/usr/lib/*/libproclc.so.*.*.* \
  proclc-tools/usr/bin/proclc
