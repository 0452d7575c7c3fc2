#!/bin/sh
# Every public function has its comment, in the fixed order: summary,
# parameters, returns, then Blocks / Thread / Signal / Fork, platforms.
set -u
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 1

awk '
  FNR == 1 { comment = ""; inside = 0 }
  /^\/\*/ { comment = ""; inside = 1 }
  inside { comment = comment $0 "\n" }
  inside && /\*\// { inside = 0; next }
  /^PROCLC_API/ { api = 1; next }
  api && /^proclc_[a-z_]+\(/ || /^PROCLC_API.*proclc_[a-z_]+\(/ {
    name = $0
    sub(/\(.*/, "", name)
    sub(/.* \*?/, "", name)
    check(name)
    comment = ""
    functions++
  }
  !inside && !/^PROCLC_API/ { api = 0 }
  function at(text) { return index(comment, text) }
  function check(name,    i, last, n, words) {
    if (comment == "") {
      complain(name, "no comment")
      return
    }
    if (!at("Returns") && !at("Does not return") && name !~ /_free$|_close$/ &&
        name !~ /^proclc_(set_log|signal_(ignore|default|wait)|atexit_run)$/)
      complain(name, "does not say what it returns")
    n = split("Blocks:|Thread:|Signal:|Fork:|Platforms:", words, "|")
    last = 0
    for (i = 1; i <= n; i++) {
      if (at(words[i]) <= last)
        complain(name, words[i] " is missing, or not in its place")
      last = at(words[i])
    }
  }
  function complain(name, what) {
    printf "%s: %s: %s\n", FILENAME, name, what
    bad = 1
  }
  END {
    if (functions < 40) {
      print "only " functions + 0 " functions found"
      bad = 1
    }
    exit bad
  }
' include/proclc/*.h include/proclc/*.in
