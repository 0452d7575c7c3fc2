#!/bin/sh
# The include graph, and the calls between the objects, against floors.txt;
# and no system's name above the border of src/os.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
top_builddir=$(cd "$top_builddir" && pwd) || exit 99
cd "$top_srcdir" || exit 99
floors=tests/floors.txt
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# Judges that see a whole fault print a line; any line fails the test.
include_lines() {
  grep -HnE '^[ 	]*#[ 	]*include' "$@" /dev/null
}

# The headers that C11 itself has: portable code needs no other.
standard='assert complex ctype errno fenv float inttypes iso646 limits locale
  math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio
  stdlib stdnoreturn string tgmath time uchar wchar wctype'

portable_includes() {
  include_lines src/*.[ch] | awk -v standard="$standard" '
    BEGIN {
      n = split(standard, list)
      for (i = 1; i <= n; i++)
        known["<" list[i] ".h>"] = 1
    }
    FNR == NR {
      if ($0 !~ /^#/ && NF > 2)
        for (i = 3; i <= NF; i++) { floor[$i] = $1; unit[$i] = $2 }
      next
    }
    {
      split($0, at, ":")
      from = at[1]; sub(/.*\//, "", from); sub(/\.[ch]$/, "", from)
      what = $0; sub(/.*include[ \t]*/, "", what)
      sub(/[>"][^>"]*$/, substr(what, 1, 1) == "<" ? ">" : "\"", what)
      where = at[1] ":" at[2] ": "
      if (!(from in unit)) {
        if (!(from in said))
          print where "no floor for this file in floors.txt"
        said[from] = 1
      } else if (what ~ /^</) {
        if (!(what in known) && what !~ /^<proclc(\/[a-z]+)?\.h>$/)
          print where what " is the system: it belongs into src/os"
      } else if (what !~ /^"os\/(os|kin|program)\.h"$/) {
        to = what; gsub(/"|\.h"/, "", to)
        if (!(to in unit))
          print where what " is no header of a unit, nor of the border"
        else if (floor[to] + 0 >= floor[from] + 0 && unit[to] != unit[from])
          print where what " is on floor " floor[to] ", " from " on " \
            floor[from]
      }
    }' $floors -
}

port_includes() {
  for file in src/os/*.[ch]; do
    include_lines "$file" | grep '"' | while IFS= read -r line; do
      name=${line#*\"}
      name=${name%%\"*}
      name=${name#os/}
      case $name in
        config.h) continue ;;
        */*) ;;
        *) [ -e "src/os/$name" ] && continue ;;
      esac
      echo "$line: a port knows os.h and its own pieces only"
    done
    include_lines "$file" | grep '<proclc' | grep -v '<proclc/error\.h>' |
      sed 's/$/: a port knows <proclc\/error.h> only/'
  done
}

# Floor 5, and what a user writes, see the installed headers alone.
client_includes() {
  for dir in examples tools; do
    [ -d $dir ] || continue
    find $dir -name '*.[ch]' | while IFS= read -r file; do
      include_lines "$file" | grep '"' | while IFS= read -r line; do
        name=${line#*\"}
        name=${name%%\"*}
        [ -e "$(dirname "$file")/$name" ] ||
          echo "$line: only <proclc/...> and its own headers"
      done
    done
  done
}

public_includes() {
  include_lines include/proclc.h include/proclc/*.h include/proclc/*.in |
    grep -v '<proclc/[a-z]*\.h>' | while IFS= read -r line; do
    name=${line#*<}
    name=${name%%.h>*}
    echo "$standard" | grep -qw "$name" && continue
    echo "$line: public headers need C's own headers only"
  done
}

# Only a file of src/os may ask which system it is on; base.h may for the type
# of a handle.
systems='linux|unix|gnu|APPLE|MACH|WIN|CYGWIN|MINGW|FreeBSD|NetBSD|OpenBSD'
systems="$systems|DragonFly|sun|ANDROID|GLIBC|GNU_LIBRARY|x86_64|i386|arm"
systems="$systems|aarch64|s390|BYTE_ORDER|LP64"
platform_conditionals() {
  find src tests examples tools include -name '*.[ch]' 2>/dev/null |
    grep -v -e '^src/os/' -e '^include/proclc/base\.h$' | sort |
    while IFS= read -r file; do
      grep -HnE '^[ 	]*#[ 	]*(if|ifdef|ifndef|elif)' "$file" |
        grep -E "[^A-Za-z0-9_](HAVE_|SYS_|__NR_|__?($systems))" |
        sed 's/$/: a platform conditional above src\/os/'
    done
}

# Calls, from the objects: a header may be public, and the call still go up.
object() {
  for path in "$top_builddir/$1" "$top_builddir/${1%/*}/.libs/${1##*/}"; do
    [ -f "$path" ] && echo "$path" && return
  done
}

symbols() {
  for file in src/*.c src/os/*.c; do
    path=$(object "${file%.c}.o")
    [ -n "$path" ] || continue
    stem=${file##*/}
    stem=${stem%.c}
    case $file in src/os/*) stem=os ;; esac
    ${NM-nm} -g "$path" | awk -v stem="$stem" '
      $(NF - 1) == "U" { print "calls", stem, $NF }
      $(NF - 1) ~ /^[A-TV-Z]$/ { print "has", stem, $NF }'
  done
}

calls() {
  symbols | grep -E ' (pcl|proclc)_' | sort -ru >"$work/symbols"
  awk '
    FILENAME != "-" {
      if ($0 !~ /^#/ && NF > 2)
        for (i = 3; i <= NF; i++) { floor[$i] = $1; unit[$i] = $2 }
      floor["os"] = -1; unit["os"] = "os"
      next
    }
    $1 == "has" { home[$3] = $2; next }
    !($3 in home) || unit[home[$3]] == unit[$2] { next }
    floor[home[$3]] + 0 >= floor[$2] + 0 {
      print "src/" $2 ".c: calls " $3 " of " home[$3] " (floor " \
        floor[home[$3]] "), itself on " floor[$2]
    }' $floors - <"$work/symbols"
}

# A backend that is not in the tarball, or that no seam can choose.
listed() {
  for file in src/*.[ch] src/os/*.[ch]; do
    grep -q "%D%/${file#src/}\( \|\$\)" src/local.mk ||
      echo "$file: not in src/local.mk"
  done
  for file in src/os/*-*.c; do
    name=${file##*/}
    name=${name%.c}
    tr -d '[],()' <configure.ac | awk -v seam="${name%%-*}" \
      -v backend="${name#*-}" '
      $1 == "PCL_SEAM" seam {
        for (i = 2; i <= NF; i++) if ($i == backend) found = 1
      }
      END { exit !found }' ||
      echo "$file: no seam of configure.ac can choose it"
  done
}

{
  portable_includes
  port_includes
  client_includes
  public_includes
  platform_conditionals
  calls
  listed
} >"$work/faults"
[ -s "$work/faults" ] || exit 0
cat "$work/faults"
exit 1
