#!/bin/sh
# abi.sh check|write LIBRARY INCLUDE: is LIBRARY, compiled with -g and the
# headers of INCLUDE, what libproclc.so.0.abi has, but for what it has more?
# write makes that file: README tells when.
set -u
what=$1 library=$2 headers=$3
here=$(cd "$(dirname "$0")" && pwd)/abi
stored=$here/libproclc.so.0.abi

skip() {
  echo "skipped: $*"
  exit 77
}

[ "$(uname -sm)" = 'Linux x86_64' ] || skip 'the stored ABI is of x86-64'
command -v abidw >/dev/null || skip 'no abigail-tools here'
# Without this there is nothing to say of types.
readelf -S "$library" | grep -q debug_info ||
  { echo "abi: $library has no debug information"; exit 1; }
now=$(mktemp) || exit 1
trap 'rm -f "$now"' EXIT
# Nothing in it tells where it was made.
abidw --exported-interfaces-only --drop-private-types --no-show-locs \
  --no-corpus-path --no-comp-dir-path --headers-dir "$headers" \
  --out-file "$now" "$library" || exit 1
if [ "$what" = write ]; then
  cp "$now" "$stored"
  exit
fi
abidiff --no-added-syms --suppressions "$here/suppressions" "$stored" "$now" ||
  exit 1
echo 'abi: nothing is missing or another'
