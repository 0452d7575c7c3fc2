# promises.awk - the promise sheet: what the headers say of each function, and
# what doc/promises.txt adds, as one table a header.
# awk -f doc/promises.awk doc/promises.txt HEADER... >doc/promises.md

# The part of a comment from one label to the next, without the label.
function part(text, label,	i, n, rest, after, cut, names)
{
	i = index(text, label)
	if (i == 0)
		return ""
	rest = substr(text, i + length(label))
	n = split("Blocks: Thread: Signal: Fork: Platforms:", names, " ")
	cut = length(rest) + 1
	for (i = 1; i <= n; i++) {
		after = index(rest, names[i])
		if (after > 0 && after < cut)
			cut = after
	}
	rest = substr(rest, 1, cut - 1)
	sub(/^ +/, "", rest)
	sub(/[ .]+$/, "", rest)
	return rest
}

# What of the errors has a name, in the order of the header, once each.
function errors(text,	list, word, seen)
{
	sub(/Blocks:.*/, "", text)
	if (text ~ /Does not return/ && text !~ /Does not return where/)
		return "does not return"
	if (!match(text, /Returns /))
		return "none"
	text = substr(text, RSTART)
	while (match(text, /PROCLC_E[A-Z0-9]+|(as )?proclc_[a-z_]+\(\)|[a-z]+\(2\)/)) {
		word = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (word == "PROCLC_EXIT" && text ~ /^_/)
			continue
		if (word ~ /^proclc_/ && text !~ /^ says?/)
			continue
		sub(/^as /, "", word)
		if (word ~ /\(2\)$/ && !(word in says))
			continue
		sub(/^PROCLC_/, "", word)
		if (!(word in seen)) {
			seen[word] = 1
			list = list (list == "" ? "" : ", ") word
		}
	}
	return list == "" ? "none" : list
}

# What can be judged: a call that is its owner's alone has a word for others,
# and one that can lack memory takes some.
function judge(name, text, kind, what)
{
	if (kind !~ /^(always|yes|owner|alone)$/)
		complain(name, "no such kind: " kind)
	if (kind == "owner" && what !~ /ENOTOWNER|EINVAL|proclc_/ &&
	    text !~ /NULL when|Does not return/)
		complain(name, "has no error for who is not the owner")
	if (part(text, "Fork:") ~ /^owner process only/ && kind != "owner")
		complain(name, "is its owner's, and promises.txt says " kind)
	if (what ~ /ENOMEM/ && kind != "owner" && kind != "alone")
		complain(name, "can lack memory, and promises.txt says " kind)
	if (part(text, "Signal:") == "safe" && kind != "always")
		complain(name, "is safe in handlers, and promises.txt says " kind)
}

function complain(name, what)
{
	print "promises: " name ": " what >"/dev/stderr"
	bad = 1
}

function cell(text)
{
	gsub(/\|/, "\\|", text)
	return " " (text == "" ? "-" : text) " |"
}

function row(name, text,	what)
{
	listed[name] = 1
	what = errors(text)
	if (!(name in bare))
		complain(name, "is not in promises.txt")
	else
		judge(name, text, bare[name], what)
	if (!headed) {
		file = FILENAME
		sub(/.*\//, "", file)
		sub(/\.in$/, "", file)
		print "\n## " file "\n"
		print "| function | blocks | thread | signal handler | fork |" \
		    " child without fork handlers | errors | left on failure |"
		print "|---|---|---|---|---|---|---|---|"
		headed = 1
	}
	print "| `" name "` |" cell(part(text, "Blocks:")) \
	    cell(part(text, "Thread:")) cell(part(text, "Signal:")) \
	    cell(part(text, "Fork:")) cell(bare[name]) \
	    cell(what) cell(left[name])
}

BEGIN {
	# Whose errno a function passes on.
	says["open(2)"]; says["fork(2)"]; says["execve(2)"]; says["read(2)"]
	says["sendmsg(2)"]; says["write(2)"]
}

# The facts that no header has: a name, a word, and the rest of the line; and
# first of all what stands above the tables.
FILENAME == ARGV[1] {
	if ($0 ~ /^proclc_/) {
		name = $1
		bare[name] = $2
		sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+/, "")
		left[name] = $0
	} else
		print
	next
}
FNR == 1 { headed = 0; comment = "" }
/^\/\*/ { comment = ""; inside = 1 }
inside {
	line = $0
	sub(/^ ?\/?\*+\/?[ ]?/, "", line)
	sub(/\*\/$/, "", line)
	comment = comment " " line
}
inside && /\*\// { inside = 0; next }
/^PROCLC_API/ { api = 1 }
api && match($0, /proclc_[a-z_]+\(/) {
	text = comment
	gsub(/[ \t]+/, " ", text)
	row(substr($0, RSTART, RLENGTH - 1), text)
	api = 0
}

END {
	for (name in bare)
		if (!(name in listed))
			complain(name, "no header declares it")
	exit bad
}
