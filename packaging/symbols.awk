# Debian's symbols file, from the linker's map: "make symbols".  What a node
# brings came with the release of its name; the first release was 0.9.0.
BEGIN {
	print "libproclc.so.0 libproclc0 #MINVER#"
	print "* Build-Depends-Package: libproclc-dev"
}

/^PROCLC_[0-9.]+ / {
	node = $1
	version = node == "PROCLC_0.1" ? "0.9" : substr(node, 8)
	lines[n++] = sprintf(" %s@%s %s.0~", node, node, version)
}

/local:/ { node = "" }

node != "" && /;/ {
	gsub(/[ \t;]/, "")
	lines[n++] = sprintf(" %s@%s %s.0~", $0, node, version)
}

# dpkg-gensymbols sorts them so.
END {
	for (i = 1; i < n; i++) {
		line = lines[i]
		for (j = i - 1; j >= 0 && lines[j] > line; j--)
			lines[j + 1] = lines[j]
		lines[j + 1] = line
	}
	for (i = 0; i < n; i++)
		print lines[i]
}
