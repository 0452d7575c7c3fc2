#!/bin/sh
# twice.sh TARBALL: a second one, made in a fresh clone of the commit in another
# place, at another time and with another umask, is the same to the byte.
set -u
tarball=$(realpath "$1") || exit 1
cd "$(dirname "$0")/.." || exit 1

skip() {
  echo "skipped: $*"
  exit 77
}

git rev-parse HEAD >/dev/null 2>&1 || skip 'no git repository here'
[ -z "$(git status --porcelain)" ] || skip 'the tree has changes'
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
umask 077
{
  git clone -q . "$work/clone" && cd "$work/clone" && autoreconf -fi &&
    mkdir "$work/build" && cd "$work/build" &&
    ../clone/configure --disable-shared --enable-tests=no && make dist
} >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
again=$(basename "$tarball")
sha256sum "$tarball" "$work/build/$again"
cmp "$tarball" "$work/build/$again" && echo 'twice: the same' && exit
tar -tvJf "$work/build/$again" >"$work/list"
tar -tvJf "$tarball" | diff - "$work/list"
exit 1
