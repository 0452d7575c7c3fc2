#!/bin/sh
# proclc(1) in front of real programs: nginx, redis, python, a pipeline; and s6
# in front of the example server.  What is not installed is said, and left out.
set -u
top_builddir=${top_builddir-$(dirname "$0")/../build}
tool=$(cd "$top_builddir/tools" && pwd)/proclc
prefork=$(cd "$top_builddir/examples/prefork" && pwd)/prefork
[ -x "$tool" ] || { echo 'programs: not built for this system'; exit 77; }
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
echo "$work" >pattern
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print int(30 * (by > 0 ? by : 1)) }')
trap 'clean' EXIT
trap 'exit 143' HUP INT TERM

# Every process of this test has the directory in its command line.
ours() {
  grep -lsF -f pattern /proc/[0-9]*/cmdline | cut -d / -f 3
}

clean() {
  for left in $(ours); do
    kill -9 "$left" 2>/dev/null
  done
  cd / && rm -rf "$work"
}

fail() {
  echo "programs: $*"
  cat "$work/log" 2>/dev/null
  exit 1
}

# soon WHAT COMMAND...: it succeeds, bounded.
soon() {
  what=$1
  shift
  due=$(($(date +%s) + limit))
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$due" ] || fail "$what"
    sleep 0.05
  done
}

nobody() {
  [ -z "$(ours)" ]
}

have() {
  command -v "$1" >/dev/null && return
  echo "programs: no $1 here"
  return 1
}

cat >nginx.conf <<END
error_log $work/log;
pid $work/nginx.pid;
worker_processes 2;
events { }
http {
  access_log off;
  server { listen unix:$work/web; return 200 "well\n"; }
}
END
PATH=$PATH:/usr/sbin:/usr/local/sbin

web_answers() {
  [ "$(curl -s --unix-socket "$work/web" http://x/)" = well ]
}

redis_answers() {
  [ "$(redis-cli -s "$work/redis" ping)" = PONG ]
}

workers() {
  [ "$(ours | wc -l)" -ge "$1" ]
}

nginx_gone() {
  have nginx && have curl || return
  "$tool" run --grace 2 -- nginx -p "$work" -c "$work/nginx.conf" \
    -g 'daemon off;' >>log 2>&1 &
  run=$!
  soon 'nginx does not answer' web_answers
  kill -9 $run
  wait $run 2>/dev/null
  soon "kill -9 before nginx leaves $(ours)" nobody
  rm -f web nginx.pid
}

redis_gone() {
  have redis-server && have redis-cli || return
  "$tool" run --grace 2 -- redis-server --port 0 --unixsocket "$work/redis" \
    --save '' --dir "$work" >>log 2>&1 &
  run=$!
  soon 'redis does not answer' redis_answers
  kill -9 $run
  wait $run 2>/dev/null
  soon "kill -9 before redis leaves $(ours)" nobody
  rm -f redis
}

nginx_daemon() {
  have nginx && have curl || return
  "$tool" daemon --pidfile "$work/a.pid" --stderr "$work/log" -- \
    nginx -p "$work" -c "$work/nginx.conf" -g 'daemon off;' ||
    fail 'nginx is no daemon'
  soon 'nginx does not answer' web_answers
  [ "$(cat a.pid)" = "$(cat nginx.pid)" ] || fail 'the file is not of nginx'
  "$tool" send a.pid HUP || fail 'HUP'
  web_answers || fail 'nginx does not answer after HUP'
  "$tool" stop --signal QUIT a.pid || fail 'nginx does not stop'
  soon "stop of nginx leaves $(ours)" nobody
  rm -f web
}

# Debian's speaks to systemd.
redis_daemon() {
  have redis-server && have redis-cli || return
  "$tool" daemon --pidfile "$work/a.pid" --stdout "$work/log" \
    --ready notify -- redis-server --supervised systemd --port 0 \
    --unixsocket "$work/redis" --save '' --dir "$work" ||
    fail 'redis is no daemon'
  redis_answers || fail 'redis was not ready'
  "$tool" stop a.pid || fail 'redis does not stop'
  soon "stop of redis leaves $(ours)" nobody
}

python_daemon() {
  have python3 || return
  "$tool" daemon --pidfile "$work/a.pid" --stdout "$work/web.log" \
    --keep-environment -- python3 -u -m http.server --bind 127.0.0.1 \
    --directory "$work" 0 || fail 'python is no daemon'
  soon 'python does not serve' grep -q '^Serving HTTP' web.log
  "$tool" status a.pid >/dev/null || fail 'python is not there'
  "$tool" stop a.pid || fail 'python does not stop'
  soon "stop of python leaves $(ours)" nobody
}

# A shell that is ended leaves the others; proclc run before it does not.
pipeline_daemon() {
  "$tool" daemon --pidfile "$work/a.pid" -- "$tool" run --grace 1 \
    --outlive-parent -- sh -c "yes '$work' | cat >/dev/null" ||
    fail 'the pipeline is no daemon'
  soon 'the pipeline does not run' workers 4
  "$tool" stop a.pid || fail 'the pipeline does not stop'
  soon "stop of the pipeline leaves $(ours)" nobody
}

s6_prefork() {
  have s6-supervise && have s6-svwait && have s6-svc || return
  # prefork drives the dispatcher by itself.
  case ${PROCLC_TEST_BACKENDS- ready=epoll } in
    *' ready=epoll '*) ;;
    *) echo 'programs: no MANUAL mode for prefork here'; return ;;
  esac
  mkdir service
  echo 3 >service/notification-fd
  printf '#!/bin/sh\nexec "%s" -f -r 3 -w 2 -p 0 2>>"%s"\n' "$prefork" \
    "$work/log" >service/run
  chmod +x service/run
  s6-supervise "$work/service" &
  supervisor=$!
  soon 's6 does not begin' test -e service/supervise/status
  s6-svwait -U -t "${limit}000" service || fail 's6 does not hear "ready"'
  s6-svc -d service
  s6-svwait -D -t "${limit}000" service || fail 'prefork does not end'
  s6-svc -x service
  wait $supervisor
  soon "s6 leaves $(ours)" nobody
}

runs='nginx_gone redis_gone pipeline_daemon'
if "$tool" run true 2>&1 | grep -q 'not supported here'; then
  echo 'programs: no orphans come to this process here'
  runs=
fi
for part in $runs nginx_daemon redis_daemon python_daemon s6_prefork; do
  before=$(date +%s)
  $part
  echo "programs: $part, $(($(date +%s) - before)) s"
done
