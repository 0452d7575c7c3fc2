#!/bin/sh
# in-root.sh KIND DIR [ROOT]: the packages of DIR (KIND: deb or rpm) are
# installed, used and removed in a root that is thrown away, and nothing is left
# of them.  Its lower layer is ROOT, or else this system; what is written lies
# in a tmpfs, in a mount namespace of its own.
set -u
kind=$1
dir=$(realpath "$2") || exit 1
lower=${3-/}
here=$(cd "$(dirname "$0")" && pwd)

skip() {
  echo "skipped: $*"
  exit 77
}

ls "$dir"/*."$kind" >/dev/null 2>&1 || skip "no $kind packages in $dir"
if [ "${PROCLC_IN_ROOT-}" != yes ]; then
  [ "$(id -u)" = 0 ] || skip 'only root can mount a root to throw away'
  PROCLC_IN_ROOT=yes exec unshare --mount --propagation private -- \
    sh "$0" "$@"
fi

fail() {
  echo "in-root: $*"
  exit 1
}

# From here on every mount goes with this process.
layer=$(mktemp -d) || exit 1
root=$layer/root
trap 'umount -l "$layer"; rmdir "$layer"' EXIT
mount -t tmpfs -o mode=755 none "$layer" || exit 1
mkdir "$layer/upper" "$layer/work" "$root" || exit 1
mount -t overlay overlay "$root" \
  -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" ||
  skip 'no overlay can be mounted here'
mount -t proc none "$root/proc" || fail 'no /proc'
mount --bind /dev "$root/dev" || fail 'no /dev'
mkdir -p "$root/mnt/packages" &&
  cp "$here/debian/tests/consumer" "$here/../doc/guide/1-hello.c" \
    "$dir"/*."$kind" "$root/mnt/packages" || exit 1

inside() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive HOME=/root "$@" </dev/null
}

# Files that are there now and were not, or are others: but for what every
# package manager writes down for itself.
left() {
  (cd "$layer/upper" && find . ! -type d | sed 's/^\.//' |
    grep -vE '^/(mnt/packages|tmp|var/(cache|log)|var/lib/(dpkg|rpm))/' |
    grep -vE '^/(etc/ld\.so\.cache|root/\.rpmdb/.*)$')
  inside ldconfig -p | grep proclc
}

cd "$root/mnt/packages" || exit 1
case $kind in
  deb)
    packages='libproclc0 libproclc-dev proclc-tools'
    install='dpkg -i' remove='dpkg --purge'
    rm -f ./*-dbgsym_*
    ;;
  rpm)
    packages='libproclc libproclc-devel libproclc-static proclc-tools'
    # Debian's rpm knows nothing of what dpkg has installed.
    install='rpm -i --nodeps' remove='rpm -e'
    rm -f ./*.src.rpm ./*-debuginfo-* ./*-debugsource-*
    mkdir -p "$root/var/lib/rpm"
    ;;
esac
! inside pkg-config --exists proclc || fail 'the library is there already'
# shellcheck disable=SC2046,SC2086 # a command, and a list of names
inside $install $(printf '/mnt/packages/%s ' ./*."$kind") ||
  fail 'not installed'
[ "$kind" = deb ] || inside ldconfig
inside sh /mnt/packages/consumer /mnt/packages/1-hello.c || fail 'not usable'
# shellcheck disable=SC2086
inside $remove $packages || fail 'not removed'
[ "$kind" = deb ] || inside ldconfig
rest=$(left)
[ -z "$rest" ] || fail "removed, and still there: $rest"
echo "in-root: the packages ($kind) were installed, used and removed: good"
