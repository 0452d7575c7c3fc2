# Every small change to the code of the given files that the compiler might
# take: one a line, with the file, the line's number, what was done, and the
# line as it is then.  Only what stands in a function's body is changed, no
# declaration and nothing in a comment or a string.

function emit(what, text) {
  printf "%s\t%d\t%s\t%s\n", FILENAME, FNR, what, text
}

# The line with its strings and comments blanked out, of the same length.
function code_of(s,    out, c, i, two, quote) {
  out = ""
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    two = substr(s, i, 2)
    if (comment && two == "*/") {
      comment = 0
      out = out "  "
      i++
    } else if (comment) {
      out = out " "
    } else if (quote != "" && c == "\\") {
      out = out "\"\""
      i++
    } else if (quote != "") {
      if (c == quote)
        quote = ""
      out = out "\""
    } else if (two == "/*") {
      comment = 1
      out = out "  "
      i++
    } else {
      if (c == "\"" || c == "\047")
        quote = c
      out = out (quote != "" ? "\"" : c)
    }
  }
  return out
}

# Where the bracket that opens at i closes; 0: not on this line.
function closing(s, i,    depth) {
  depth = 0
  for (; i <= length(s); i++) {
    if (substr(s, i, 1) == "(") depth++
    if (substr(s, i, 1) == ")" && --depth == 0) return i
  }
  return 0
}

function negate(code,    at, end) {
  if (!match(code, /^[\t]+(} )?(else )?(if|while) \(/)) return
  at = RLENGTH
  end = closing(code, at)
  if (end)
    emit("negate", substr($0, 1, at) "!(" \
      substr($0, at + 1, end - at - 1) ")" substr($0, end))
}

# Each place of a text: it becomes another.
function exchange(code, from, to,    start, at) {
  start = 1
  while ((at = index(substr(code, start), from)) > 0) {
    at += start - 1
    emit("exchange" from "by" to, substr($0, 1, at - 1) to \
      substr($0, at + length(from)))
    start = at + length(from)
  }
}

# Each number that stands alone becomes the next one.
function count_on(code,    start, at, n, before, after) {
  start = 1
  while (match(substr(code, start), /[0-9]+/)) {
    at = start + RSTART - 1
    n = RLENGTH
    before = at == 1 ? " " : substr(code, at - 1, 1)
    after = substr(code, at + n, 1)
    if (before !~ /[A-Za-z0-9_.]/ && after !~ /[A-Za-z0-9_.]/)
      emit("number", substr($0, 1, at - 1) (substr(code, at, n) + 1) \
        substr($0, at + n))
    start = at + n
  }
}

FNR == 1 { comment = 0; body = 0; joined = 0 }
{
  code = code_of($0)
  if (code ~ /^\{[ \t]*$/) { body = 1; next }
  if (code ~ /^}/) { body = 0; next }
  was_joined = joined
  # Does the statement go on in the next line?
  joined = code ~ /[^ \t]/ && code !~ /[;{}:)][ \t]*$/
  if (!body || code !~ /[^ \t]/ || code ~ /^#/ ||
      code ~ /^[\t ]+(enum|static|struct|const|typedef|extern|union)[ \t]/)
    next
  declares = code ~ /^\t+[a-z_][a-z_0-9]*( [a-z_0-9]+)* \**[a-z_]+(\[|[,;]| =)/ && \
    code !~ /^\t+(return|goto|case) / && code !~ /^\t+[^ ]+ [-+|&*\/^]?= /
  negate(code)
  exchange(code, " == ", " != ")
  exchange(code, " != ", " == ")
  exchange(code, " < ", " <= ")
  exchange(code, " <= ", " < ")
  exchange(code, " > ", " >= ")
  exchange(code, " >= ", " > ")
  exchange(code, " && ", " || ")
  exchange(code, " || ", " && ")
  exchange(code, " true", " false")
  exchange(code, " false", " true")
  exchange(code, " | ", " & ")
  if (!declares)
    count_on(code)
  # Whole statements: a call, an assignment.
  if (!was_joined && !declares) {
    indent = $0
    sub(/[^\t].*/, "", indent)
    if (code ~ /^\t+[a-z_0-9]+\(.*\);[ \t]*$/)
      emit("drop call", indent ";")
    else if (code ~ /^\t+[^ (]+ [-+|&]?= .*;[ \t]*$/ ||
        code ~ /^\t+[^ (]+(\+\+|--);[ \t]*$/)
      emit("drop store", indent ";")
    else if (code ~ /^\t+(break|continue);[ \t]*$/)
      emit("drop jump", indent ";")
  }
}
