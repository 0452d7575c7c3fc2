#!/bin/sh
# A program that was compiled with the first headers (first.h, firstunits.h)
# runs with today's library, as far as headers tell: each of its constants has
# the same value today, each struct is as large at least, each member where it
# was, and each function as it was declared.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
first=$top_srcdir/tests/first.h
units=$top_srcdir/tests/firstunits.h
status=0

fail() {
  echo "first: $*"
  status=1
}

compile() {
  # shellcheck disable=SC2086 # lists of flags
  ${CC-cc} ${TEST_CFLAGS-} -I"$top_srcdir/include" \
    -I"$top_builddir/include" "$@"
}

# What first.h names: "value NAME", "struct NAME", "member STRUCT NAME".
awk '/^#/ { next }
  /^enum.*\{/ { values = 1 }
  values {
    line = $0
    while (match(line, /PROCLC_[A-Z0-9_]+( =|,|$| })/)) {
      name = substr(line, RSTART, RLENGTH)
      sub(/[^A-Z0-9_].*/, "", name)
      print "value", name
      line = substr(line, RSTART + RLENGTH)
      if (line !~ /^ *[A-Z-]/ || !sub(/^[^,]*,/, "", line)) continue
    }
  }
  /^struct [a-z_]+ \{/ { struct = $2; print "struct", struct; next }
  /^}|};?$/ { values = 0; struct = "" }
  struct != "" {
    name = $0
    if (!match(name, /\(\*[a-z_]+\)/)) match(name, /[a-z_]+;/)
    name = substr(name, RSTART, RLENGTH)
    gsub(/[^a-z_]/, "", name)
    # Kept for later, and since then called what it is for.
    if (name != "reserved") print "member", struct, name
  }' "$first" "$units" | sort -u >"$work/names"
[ "$(grep -c ^value "$work/names")" -gt 90 ] || fail 'constants are not found'
[ "$(grep -c ^member "$work/names")" -gt 60 ] || fail 'members are not found'

# value NAME: its value.  The sizes stand in a list of their own.
awk 'BEGIN {
    print "#include <stddef.h>\n#include <stdio.h>"
    print "int\nmain(void)\n{"
  }
  $1 == "value" {
    printf "\tprintf(\"%s %%lld\\n\", (long long)%s);\n", $2, $2 }
  $1 == "struct" {
    printf "\tfprintf(stderr, \"%s %%zu\\n\", sizeof(struct %s));\n", $2, $2 }
  $1 == "member" {
    m = "((struct " $2 " *)0)->" $3
    printf "\tprintf(\"%s.%s %%zu %%zu\\n\", offsetof(struct %s, %s), " \
      "sizeof(%s));\n", $2, $3, $2, $3, m }
  END { print "\treturn 0;\n}" }' "$work/names" >"$work/tell.c"
compile -include "$first" -o "$work/then" "$work/tell.c" || exit 1
compile -include proclc.h -o "$work/now" "$work/tell.c" ||
  fail 'what the first headers name is not there today'
[ $status = 0 ] || exit 1
"$work/then" >"$work/then.places" 2>"$work/then.sizes"
"$work/now" >"$work/now.places" 2>"$work/now.sizes"
diff "$work/then.places" "$work/now.places" >"$work/diff" || {
  fail 'then (<) and now (>):'
  cat "$work/diff"
}
paste -d ' ' "$work/then.sizes" "$work/now.sizes" |
  awk '$4 < $2 { print "first: struct " $1 " was larger"; bad = 1 }
    END { exit bad }' || status=1

# The same name with another type is an error.
{
  echo '#include <proclc.h>'
  sed -n '/^PROCLC_API/,/;$/p' "$first" "$units"
} >"$work/declared.c"
[ "$(grep -c ^PROCLC_API "$work/declared.c")" -gt 50 ] ||
  fail 'functions are not found'
compile -fsyntax-only "$work/declared.c" || fail 'a function is another today'
exit $status
