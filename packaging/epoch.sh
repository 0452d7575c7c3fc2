#!/bin/sh
# epoch.sh: the date of a tarball, in seconds: what SOURCE_DATE_EPOCH says, or
# the date of the commit, or of the tarball that this tree comes from.
set -u
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
  cd "$(dirname "$0")/.." || exit 1
  # Not the date of a foreign repository that this tree only lies in.
  if git ls-files --error-unmatch configure.ac >/dev/null 2>&1; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) || exit 1
  else
    SOURCE_DATE_EPOCH=$(date -r configure.ac +%s) || exit 1
  fi
fi
echo "$SOURCE_DATE_EPOCH"
