#!/bin/sh
# bare-root.sh DIR: a bare Debian of this system's release in DIR, with a
# compiler, pkg-config and man and nothing else.  It needs the network.
set -u
dir=$1

skip() {
  echo "skipped: $*"
  exit 77
}

[ "$(id -u)" = 0 ] || skip 'only root can make a bare Debian'
command -v debootstrap >/dev/null || skip 'no debootstrap here'
# What it mounts goes with this process, so that nothing of the system can be
# below DIR when that is removed.
if [ "${PROCLC_BARE-}" != yes ]; then
  PROCLC_BARE=yes exec unshare --mount --propagation private -- \
    sh "$0" "$@"
fi
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mkdir -p "$dir" || exit 1
debootstrap --variant=minbase "$release" "$dir" \
  ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} || exit 1
mount -t proc none "$dir/proc" || exit 1
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$dir" apt-get install -y \
  --no-install-recommends gcc libc6-dev man-db pkg-config
