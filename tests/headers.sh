#!/bin/sh
# Each public header compiles alone, and twice, as C99, C11 and C++.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
status=0
count=0

# compile LANGUAGE STANDARD HEADER COMPILER...
compile() {
  language=$1 standard=$2 header=$3
  shift 3
  count=$((count + 1))
  # shellcheck disable=SC2068 # a compiler may come with flags
  printf '#include <%s>\n#include <%s>\nextern int pcl_not_empty;\n' \
    "$header" "$header" |
    $@ -x "$language" "-std=$standard" -pedantic-errors -Wall -Wextra -Werror \
      -I"$top_srcdir/include" -I"$top_builddir/include" -fsyntax-only - &&
    return
  echo "headers: <$header> does not compile as $standard"
  status=1
}

list=$(cd "$top_srcdir/include" && ls ./*.h proclc/*.h)
for header in $list proclc/version.h; do
  header=${header#./}
  for standard in c99 c11; do
    compile c $standard "$header" "${CC-cc}"
  done
  [ -n "${CXX-}" ] || continue
  for standard in c++98 c++11; do
    compile c++ $standard "$header" "$CXX"
  done
done
[ -n "${CXX-}" ] || echo 'headers: no C++ compiler here: C only'
echo "headers: $count compilations"
[ $count -gt 3 ] || status=1
exit $status
