#!/bin/sh
# The recipes of doc/recipes, as they are written there: s6's, the container's
# entry point as process 1, the batch job; the units, where systemd reads them.
set -u
top_builddir=${top_builddir-$(dirname "$0")/../build}
tools=$(cd "$top_builddir/tools" && pwd)
prefork=$(cd "$top_builddir/examples/prefork" && pwd)
recipes=$(cd "${top_srcdir-$(dirname "$0")/..}/doc/recipes" && pwd)
[ -x "$tools/proclc" ] || { echo 'recipes: not built here'; exit 77; }
if "$tools/proclc" run true 2>&1 | grep -q 'not supported here'; then
  echo 'recipes: no orphans come to this process here'
  exit 77
fi
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
PATH=$work/bin:$tools:$prefork:$PATH
export PATH
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print int(30 * (by > 0 ? by : 1)) }')
supervisor=
trap 'clean' EXIT
trap 'exit 143' HUP INT TERM

# shellcheck disable=SC2317 # the trap calls it
clean() {
  [ -z "$supervisor" ] || kill "$supervisor" 2>/dev/null
  cd / && rm -rf "$work"
}

fail() {
  echo "recipes: $*"
  exit 1
}

have() {
  command -v "$1" >/dev/null && return
  echo "recipes: no $1 here"
  return 1
}

s6() {
  have s6-supervise && have s6-svwait && have s6-svc || return
  mkdir service
  echo 3 >service/notification-fd
  cp "$recipes/s6-run" service/run
  s6-supervise "$work/service" >log &
  supervisor=$!
  due=$(($(date +%s) + limit))
  until [ -e service/supervise/status ]; do
    [ "$(date +%s)" -lt "$due" ] || fail 's6 does not begin'
    sleep 0.05
  done
  s6-svwait -U -t "${limit}000" service || fail 's6 does not hear "ready"'
  s6-svc -xd service
  wait $supervisor
  supervisor=
}

# Its words, with a program that tells the signal that it was ended by.
container() {
  unshare --pid --fork --mount-proc true 2>/dev/null ||
    { echo 'recipes: no pid namespace'; return; }
  entry=$(sed -n 's/^ENTRYPOINT \[\(.*\)\]$/\1/p' "$recipes/Dockerfile" |
    tr -d '",')
  # shellcheck disable=SC2016,SC2086 # the inner shell; these are words
  timeout "$limit" unshare --pid --fork --kill-child --mount-proc $entry \
    sh -c 'trap "exit 42" QUIT
    [ $PPID = 1 ] || exit 1
    while :; do kill -TERM 1; sleep 0.1; done'
  [ $? = 42 ] || fail 'the entry point has not passed on QUIT for TERM'
}

# What it leaves in another session ends with it.
job() {
  mkdir bin
  cat >bin/work <<'END'
#!/bin/sh
mkfifo there
setsid sh -c 'echo $$ >left; echo >there; exec sleep 1000' &
read -r _ <there
exit "$1"
END
  chmod +x bin/work
  "$recipes/job.sh" 5
  [ $? = 5 ] || fail 'the status of the job'
  [ ! -e "/proc/$(cat left)" ] || fail 'the job has left somebody'
}

units() {
  have systemd-analyze || return
  mkdir units
  sed -e 's|^\(Exec[A-Za-z]*=\).*|\1/bin/true|' "$recipes/notify.service" \
    >units/n.service
  sed -e 's|^\(Exec[A-Za-z]*=\).*|\1/bin/true|' "$recipes/forking.service" \
    >units/f.service
  systemd-analyze verify units/n.service units/f.service ||
    fail 'systemd does not like a unit'
}

s6
container
job
units
exit 0
