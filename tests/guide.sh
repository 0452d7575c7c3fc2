#!/bin/sh
# The guide: its programs are the files that it names, its commands do what it
# prints, in its order, and its pictures are what their descriptions say.
# shellcheck disable=SC2016 # what is quoted is for other shells
set -u
top_srcdir=$(cd "${top_srcdir-$(dirname "$0")/..}" && pwd) || exit 99
top_builddir=$(cd "${top_builddir-$top_srcdir/build}" && pwd) || exit 99
export LC_ALL=C
guide=$top_srcdir/doc/guide.md
work=$(mktemp -d) || exit 99
status=0
# What a start has left is stopped: its pid file tells.
trap '"$top_builddir/tools/proclc" stop "$work/run/clockd.pid" 2>/dev/null
  rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
limit=$(awk -v by="${PROCLC_TEST_MULTIPLIER:-1}" \
  'BEGIN { print 60 * (by > 0 ? by : 1) }')

fail() {
  echo "guide: $*"
  status=1
}

# --- the programs ------------------------------------------------------------

# Each C block stands, as it is, in the program that was named last.
awk -v dir="$top_srcdir/doc/guide/" '
  function load(name,	line, text) {
    while ((getline line < (dir name)) > 0)
      text = text line "\n"
    close(dir name)
    return text
  }
  !code && match($0, /[1-9]-[a-z]+\.c/) {
    name = substr($0, RSTART, RLENGTH)
  }
  /^```c$/ { code = 1; block = ""; next }
  /^```$/ && code {
    code = 0
    blocks++
    if (index("\n" load(name), "\n" block) == 0)
      print "line " NR ": this is not in " name
    next
  }
  code { block = block $0 "\n" }
  END { if (blocks < 4) print "only " blocks + 0 " programs" }
' "$guide" >"$work/faults"
[ ! -s "$work/faults" ] || fail "$(cat "$work/faults")"

# --- the commands ------------------------------------------------------------

# cc gives out what this build has made of the same source: as the test does
# not know how this library is to be linked.
mkdir "$work/bin" "$work/run" || exit 99
cp "$top_srcdir"/doc/guide/*.c "$work/run/" || exit 99
cat >"$work/bin/cc" <<END
#!/bin/sh
[ "\$1 \$2 \$4 \$5" = '-o clockd -I/include -lproclc' ] || exit 1
cmp "\$3" "$top_srcdir/doc/guide/\$3" || exit 1
cp "$top_builddir/doc/guide/\${3%.c}" clockd
END
printf '#!/bin/sh\n[ "$*" = "--cflags --libs proclc" ] && %s\n' \
  'echo -I/include -lproclc' >"$work/bin/pkg-config"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$top_builddir/tools/proclc" \
  >"$work/bin/proclc"
chmod 755 "$work"/bin/*

# In one shell, each after its own line; and what the guide prints.
awk '/^```console$/ { on = 1; next } /^```/ { on = 0 }
  on && /^\$ / { n++; sub(/^\$ /, ""); gsub(/\047/, "\047\\\047\047")
    print "printf \047%s\\n\047 \047$ " $0 "\047" > script
    gsub(/\047\\\047\047/, "\047")
    print $0 > script }
  END { print n + 0 }' script="$work/script" "$guide" >"$work/count"
awk '/^```console$/ { on = 1; next } /^```/ { on = 0 } on' "$guide" \
  >"$work/wanted"
[ "$(cat "$work/count")" -gt 30 ] || fail 'hardly a command'
(cd "$work/run" && PATH=$work/bin:$PATH timeout "$limit" sh "$work/script" \
  >"$work/said" 2>&1 </dev/null) || [ $? -lt 124 ] || fail 'it hangs'

# Pids are others each time; and not every ls says the same.
alike() {
  sed -e 's/pid [0-9][0-9]*/pid N/' -e 's/worker [0-9][0-9]*/worker N/' \
    -e 's/^[0-9][0-9]*$/N/' \
    -e 's/^ls:.*No such/ls: No such/' "$1"
}
alike "$work/wanted" >"$work/wanted.alike"
alike "$work/said" >"$work/said.alike"
diff "$work/wanted.alike" "$work/said.alike" >"$work/diff" || {
  fail 'the guide (<) prints something else than the programs (>):'
  cat "$work/diff"
}

# --- the pictures ------------------------------------------------------------

for text in "$top_srcdir"/doc/pictures/*.txt; do
  picture=${text%.txt}.svg
  awk -f "$top_srcdir/doc/pictures.awk" "$text" >"$work/picture"
  cmp -s "$work/picture" "$picture" ||
    fail "$picture is not what $text says; \"make pictures\" draws it"
  grep -q "pictures/$(basename "$picture"))" "$guide" ||
    fail "the guide does not show $picture"
done
grep -o 'pictures/[a-z]*\.svg' "$guide" | while read -r name; do
  [ -s "$top_srcdir/doc/$name" ] || echo "$name"
done >"$work/missing"
[ ! -s "$work/missing" ] || fail "no picture: $(cat "$work/missing")"
exit $status
