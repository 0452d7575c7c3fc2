#!/bin/sh
# Runs after all test programs: a sanitizer that spoke in some grandchild has
# left a file here, whatever the exit statuses said.
set -u
top_builddir=${top_builddir-.}
status=0
for file in "$top_builddir"/tests/sanlog/*; do
  [ -f "$file" ] || continue
  echo "== $file"
  cat "$file"
  rm -f "$file"
  status=1
done
[ -d "$top_builddir/tests/sanlog" ] || { echo 'no log folder'; status=1; }
exit $status
