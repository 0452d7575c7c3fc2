#!/bin/sh
# The house rules that a machine can judge: layout of every text file, shape of
# the functions, and calls that have no place here.
set -u
cd "${top_srcdir-$(dirname "$0")/..}" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# What people write; not what tools have generated beside it.
texts() {
  for path in .ci AUTHORS COPYING HACKING Makefile.am NEWS README bench \
    bootstrap build-aux/coverage.h build-aux/lint build-aux/targets \
    configure.ac doc examples include libproc-lifecycle.pc.in m4/pcl_seam.m4 \
    man packaging src tests tools; do
    [ ! -e "$path" ] || find "$path" -type f ! -name '*.o' ! -name '*.lo' \
      ! -name '*.log' ! -name '*.trs' ! -name '*.gc??' ! -path '*/.libs/*' \
      ! -path '*/.deps/*' ! -name .dirstamp ! -path tests/sanlog/\*
  done | while IFS= read -r file; do
    # A program built in the source tree is no text.
    LC_ALL=C grep -q "$(printf '[\001-\010]')" "$file" || echo "$file"
  done
}

layout() {
  while IFS= read -r file; do
    grep -Hn '[ 	]$' "$file" | sed 's/$/: blanks at the end/'
    grep -Hn "$(printf '\r')" "$file" | sed 's/$/: carriage return/'
    if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
      echo "$file: no newline at the end"
    fi
  done
}

# One pass over a C file: width, length, depth, and the calls.  Comments and
# the contents of strings do not count as code.
unbounded='strcpy|strcat|sprintf|vsprintf|gets|mktemp|tmpnam'
banned='signal|select|system|popen|vfork|sigprocmask'
shape() {
  while IFS= read -r file; do
    case $file in *.[ch]) ;; *) continue ;; esac
    awk -v file="$file" -v unbounded="$unbounded" -v banned="$banned" '
    BEGIN {
      unbounded = "(^|[^A-Za-z0-9_])(" unbounded ")[ \\t]*\\("
      banned = "(^|[^A-Za-z0-9_>.])(" banned ")[ \\t]*\\("
    }
    function say(line, text) { print file ":" line ": " text }
    function width(s,	i, n) {
      n = 0
      for (i = 1; i <= length(s); i++)
        n = substr(s, i, 1) == "\t" ? n + 8 - n % 8 : n + 1
      return n
    }
    function code_of(s,	out, c, i, two) {
      out = ""
      for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1); two = substr(s, i, 2)
        if (comment) {
          if (two == "*/") { comment = 0; i++ }
        } else if (quote != "") {
          if (c == "\\") i++
          else if (c == quote) { quote = ""; out = out c }
        } else if (two == "/*") { comment = 1; i++ }
        else if (two == "//") break
        else {
          if (c == "\"" || c == "\047") quote = c
          out = out c
        }
      }
      quote = ""
      return out
    }
    {
      if (width($0) > 80)
        say(FNR, "wider than 80 columns")
      was_comment = comment
      code = code_of($0)
      # Blanks may lead a continued line, not a new statement.
      if (!was_comment && code ~ /^ +[^ ]/ && before !~ /[^ \t;{}:]$/)
        say(FNR, "indented by blanks")
      if (code ~ /[^ \t]/) {
        lines++
        before = code
        sub(/[ \t]+$/, "", before)
      }
      if (code ~ /^[A-Za-z_][A-Za-z_0-9 *]*\(/ || code ~ /^START_TEST/)
        start = FNR
      if (code ~ /^\{[ \t]*$/)
        body = start ? start : FNR
      if (code ~ /^}/ && body) {
        if (FNR - body + 1 > 60)
          say(body, "a function of " FNR - body + 1 " lines (60 at most)")
        body = start = 0
      }
      if (body && code ~ /^\t\t\t\t+(if|for|while|switch|do)[ (].*\{[ \t]*$/)
        say(FNR, "nested deeper than 3")
      if (code ~ unbounded)
        say(FNR, "a call that cannot be bounded")
      if (file ~ /^(src|include|examples|tools)\//) {
        if (code ~ banned)
          say(FNR, "a banned call")
        if (code ~ /(^|[^A-Za-z0-9_])(waitpid|kill)[ \t]*\([ \t]*-1[ \t]*,/)
          say(FNR, "a call that reaches strangers")
      }
      if (file ~ /^src\// && code ~ /(^|[^A-Za-z0-9_])typedef[ \t]/)
        say(FNR, "a typedef: use the tag")
    }
    END {
      # A header is mostly its manual: only its code is counted.
      total = file ~ /\.h$/ ? lines : FNR
      if (total > 400)
        say(FNR, total " lines (400 at most)")
    }' "$file"
  done
}

texts | sort >"$work/texts"
[ "$(grep -c '\.[ch]$' "$work/texts")" -gt 0 ] || { echo 'no C file'; exit 1; }
{
  layout <"$work/texts"
  shape <"$work/texts"
} >"$work/faults"
[ -s "$work/faults" ] || exit 0
cat "$work/faults"
exit 1
