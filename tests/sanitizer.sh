#!/bin/sh
# Runs after all test programs: a sanitizer that spoke in some grandchild has
# left a file here, whatever the exit statuses said.  That it could not stop a
# thread to look for leaks is no finding.
set -u
top_builddir=${top_builddir-.}
status=0
for file in "$top_builddir"/tests/sanlog/*; do
  [ -f "$file" ] || continue
  said=$(grep -v 'Running thread [0-9]* was not suspended' "$file")
  rm -f "$file"
  [ -n "$said" ] || continue
  echo "== $file"
  echo "$said"
  status=1
done
[ -d "$top_builddir/tests/sanlog" ] || { echo 'no log folder'; status=1; }
exit $status
