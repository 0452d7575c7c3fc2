# The functions that public headers declare with PROCLC_API, one name a line.
# awk -f api.awk HEADER...

function flush_file(	start, n, parts, i) {
	while ((start = index(text, "/*")) > 0) {
		i = index(substr(text, start + 2), "*/")
		text = substr(text, 1, start - 1) " " \
		    substr(text, start + 2 + i + 1)
		if (i == 0)
			break
	}
	n = split(text, parts, /[;{}]/)
	for (i = 1; i <= n; i++) {
		if (parts[i] !~ /PROCLC_API/)
			continue
		if (match(parts[i], /proclc_[a-z0-9_]+[ \t\n]*\(/)) {
			text = substr(parts[i], RSTART, RLENGTH - 1)
			gsub(/[ \t\n]/, "", text)
			print text
		}
	}
	text = ""
}

FNR == 1 && NR > 1 { flush_file() }
continued || /^[ \t]*#/ { continued = /\\$/; next }
{ sub(/\/\/.*/, ""); text = text $0 "\n" }
END { flush_file() }
