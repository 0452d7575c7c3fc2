# pictures.awk - a time line of processes, or a tree of them, as SVG.
# awk -f pictures.awk NAME.txt >NAME.svg
#
# A line is a word and what belongs to it; times are columns, left to right.
#
#	title TEXT
#	lane NAME TEXT        a process or thread; lanes stand in this order
#	life NAME FROM TO     it lives from then to then; TO may be "on"
#	dies NAME AT          its life ends there, not by itself
#	at NAME TIME TEXT     what it does; above its lane
#	under NAME TIME TEXT  the same, below the lane
#	note NAME TIME TEXT   words on the lane, where nobody lives any more
#	to NAME TIME NAME     an arrow from one lane to another
#	node NAME X Y TEXT    in a tree; | parts two lines
#	gone NAME X Y TEXT    one that has ended
#	edge NAME NAME        parent and child
#	mark NAME NAME        a relation of another kind: dashed
#	width N               columns; a column has 10 pixels

function escape(text)
{
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	return text
}

function rest(n,	text, i)
{
	text = $0
	for (i = 0; i < n; i++)
		sub(/^[ \t]*[^ \t]+[ \t]*/, "", text)
	return escape(text)
}

function text_at(x, y, anchor, text)
{
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
	    x, y, anchor, text
}

function stroke(x1, y1, x2, y2, class)
{
	printf "<path class=\"%s\" d=\"M%d %dL%d %d\"/>\n",
	    class, x1, y1, x2, y2
}

function column(time) { return 150 + 10 * time }
function height(lane) { return 20 + 62 * lane }

function event(name, time, text, side,	x, y)
{
	x = column(time)
	y = height(lane[name])
	printf "<circle cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", x, y
	text_at(x, side < 0 ? y - 10 : y + 21, "middle", text)
}

function arrow(from, time, to,	x, y1, y2, down)
{
	x = column(time)
	down = lane[to] > lane[from] ? 1 : -1
	y1 = height(lane[from])
	y2 = height(lane[to]) - 6 * down
	stroke(x, y1, x, y2, "arrow")
	printf "<path d=\"M%d %dl-4 %dh8z\"/>\n", x, y2 + 4 * down, -8 * down
}

function box(name, x, y, text, class,	part, n, i)
{
	n = split(text, part, /\|/)
	boxes[name] = sprintf("<rect class=\"%s\" x=\"%d\" y=\"%d\" " \
	    "width=\"150\" height=\"%d\" rx=\"6\"/>\n", class,
	    10 * x - 75, 10 * y - 12, 8 + 17 * n)
	for (i = 1; i <= n; i++)
		words[name] = words[name] sprintf("<text x=\"%d\" y=\"%d\" " \
		    "text-anchor=\"middle\">%s</text>\n", 10 * x,
		    10 * y + 4 + 17 * (i - 1), part[i])
	centre[name] = 10 * x
	top[name] = 10 * y - 12
	foot[name] = top[name] + 8 + 17 * n
	order[++boxed] = name
	if (foot[name] + 14 > bottom)
		bottom = foot[name] + 14
}

/^#/ || NF == 0 { next }
{ n_lines++; kind[n_lines] = $1; a[n_lines] = $2; b[n_lines] = $3; c[n_lines] = $4 }
$1 == "title" { title = rest(1) }
$1 == "width" { columns = $2 }
$1 == "lane" { lane[$2] = ++lanes; label[lanes] = rest(2) }
$1 == "at" || $1 == "under" || $1 == "note" { said[n_lines] = rest(3) }
$1 == "node" || $1 == "gone" { box($2, $3, $4, rest(4), $1) }

END {
	if (lanes > 0)
		bottom = height(lanes) + 40
	wide = lanes > 0 ? column(columns) + 20 : 10 * columns
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" " \
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
	    wide, bottom, wide, bottom
	print "<title>" title "</title>"
	print "<style>text { font: 13px sans-serif; fill: #222 }\n" \
	    ".life { stroke: #4878a8; stroke-width: 4; fill: none }\n" \
	    ".arrow, .edge { stroke: #222; fill: none }\n" \
	    ".mark { stroke: #a04040; stroke-dasharray: 5 4; fill: none }\n" \
	    ".end { stroke: #a04040; stroke-width: 3; fill: none }\n" \
	    ".node { fill: #e4eef8; stroke: #4878a8 }\n" \
	    ".gone { fill: #f4f4f4; stroke: #999; stroke-dasharray: 4 3 }\n" \
	    "</style>"
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
	    wide, bottom
	printf "<text x=\"10\" y=\"22\" font-weight=\"bold\">%s</text>\n", title
	for (i = 1; i <= lanes; i++)
		text_at(140, height(i) + 5, "end", label[i])
	draw()
	print "</svg>"
}

function draw(	i, x, y)
{
	for (i = 1; i <= n_lines; i++) {
		y = height(lane[a[i]])
		if (kind[i] == "life")
			stroke(column(b[i]), y,
			    c[i] == "on" ? wide : column(c[i]), y, "life")
		if (kind[i] == "dies") {
			x = column(b[i])
			stroke(x - 6, y - 6, x + 6, y + 6, "end")
			stroke(x - 6, y + 6, x + 6, y - 6, "end")
		}
		if (kind[i] == "edge" || kind[i] == "mark")
			stroke(centre[a[i]], foot[a[i]], centre[b[i]],
			    top[b[i]], kind[i])
	}
	for (i = 1; i <= boxed; i++)
		printf "%s%s", boxes[order[i]], words[order[i]]
	for (i = 1; i <= n_lines; i++) {
		if (kind[i] == "at" || kind[i] == "under")
			event(a[i], b[i], said[i], kind[i] == "at" ? -1 : 1)
		if (kind[i] == "note")
			text_at(column(b[i]) + 12, height(lane[a[i]]) + 5,
			    "start", said[i])
		if (kind[i] == "to")
			arrow(a[i], b[i], c[i])
	}
}
