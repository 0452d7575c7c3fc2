#!/bin/sh
# tarball.sh TARBALL: it holds every file of the commit, unchanged, and beside
# them only what autotools generate.  Not in TESTS: it needs git and a tarball.
set -u
tarball=$1
cd "$(dirname "$0")/.." || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
status=0

tar -xJf "$tarball" -C "$work" || exit 1
top=$(echo "$work"/libproc-lifecycle-*)
[ -d "$top" ] || { echo 'tarball: not one folder in it'; exit 1; }
git ls-files | sort >"$work/committed"
(cd "$top" && find . ! -type d | sed 's,^\./,,' | sort) >"$work/packed"

comm -23 "$work/committed" "$work/packed" >"$work/lost"
if [ -s "$work/lost" ]; then
  echo 'tarball: committed, and not in it:'
  cat "$work/lost"
  status=1
fi
aux='ar-lib|compile|config\.(guess|sub)|depcomp|install-sh|ltmain\.sh|missing'
aux="build-aux/($aux|tap-driver\\.sh|test-driver)"
top_files='Makefile\.in|aclocal\.m4|config\.h\.in|configure'
comm -13 "$work/committed" "$work/packed" |
  grep -vxE "$top_files|m4/(libtool|lt.*|pkg)\\.m4|$aux" >"$work/more"
if [ -s "$work/more" ]; then
  echo 'tarball: in it, and neither committed nor generated:'
  cat "$work/more"
  status=1
fi
while IFS= read -r file; do
  [ ! -e "$top/$file" ] || cmp -s "$file" "$top/$file" ||
    { echo "tarball: $file differs from the tree"; status=1; }
done <"$work/committed"
exit $status
