#!/bin/sh
# doc/ancestors.md has one row, in one of three states, for each thing that the
# four Python packages do; a row that works names tests that exist.
#
# usage: ancestors.sh [--closed]     --closed: fail while a row is open
set -eu

closed=0
case "$#:${1-}" in
0:) ;;
1:--closed) closed=1 ;;
*) echo "usage: $0 [--closed]" >&2; exit 2 ;;
esac

top=${top_srcdir:-$(dirname "$0")/..}
doc=$top/doc/ancestors.md
[ -r "$doc" ] || { echo "$doc: cannot be read" >&2; exit 1; }

# The ids that must be there, on stdin: a letter with its first and last number,
# or a name. A new row is added here too, so that none can vanish unseen.
LC_ALL=C awk -v closed="$closed" -v top="$top" '
function fail(text)
{
	print "doc/ancestors.md:" text
	bad++
}

function trim(text)
{
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

# Whether there is a file with something in it.
function has_text(path,   line, rc)
{
	rc = (getline line < path)
	close(path)
	return rc > 0
}

function has_check(suite, name,   path, line, found)
{
	path = top "/tests/" suite ".c"
	while (!found && (getline line < path) > 0)
		found = (index(line, "START_TEST(" name ")") == 1 ||
		    index(line, name "(void)") == 1)
	close(path)
	return found
}

function test_exists(test,   part)
{
	if (test ~ /^[A-Za-z0-9_][A-Za-z0-9_\/-]*\.sh$/)
		return has_text(top "/tests/" test) ||
		    has_text(top "/examples/" test)
	if (test !~ /^[A-Za-z0-9_][A-Za-z0-9_\/-]*:[A-Za-z0-9_]+$/)
		return 0
	split(test, part, ":")
	return has_check(part[1], part[2])
}

function check_works(id, tests,   n, i, name)
{
	works++
	n = split(tests, name, ",")
	for (i = 1; i <= n; i++)
		if (!test_exists(trim(name[i])))
			fail(FNR ": " id ": no such test: " trim(name[i]))
}

function check_open(id, where)
{
	open++
	by_unit[where]++
	if (!(where in units))
		fail(FNR ": " id ": open in an unknown unit: " where)
	if (closed)
		fail(FNR ": " id ": still open: " where)
}

function check_state(id, state)
{
	if (state ~ /^works: /)
		check_works(id, substr(state, 8))
	else if (state ~ /^open: /)
		check_open(id, substr(state, 7))
	else if (state ~ /^answered: ./)
		answered++
	else
		fail(FNR ": " id ": no such state: " state)
}

BEGIN {
	n_units = split("init error dispatch fork disposition ending " \
	    "pidfile signals orphan atexit subprocess daemon windows " \
	    "build proclc(1)", unit, " ")
	for (i = 1; i <= n_units; i++)
		units[unit[i]] = 1
}

FNR == NR && NF == 3 {
	for (i = $2; i <= $3; i++)
		wanted[order[++ids] = $1 i] = 1
	next
}

FNR == NR {
	if (NF == 1)
		wanted[order[++ids] = $1] = 1
	next
}

!/^[ \t]*\|/ || /^\|[-:| ]+$/ || /^\| *id *\|/ { next }

{
	gsub(/\\\|/, "/")
	n = split($0, cell, "|")
	id = trim(cell[2])
	gsub(/`/, "", id)
	if (n != 5 || trim(cell[5]) != "")
		fail(FNR ": " id ": not a row of id, behaviour, state")
	else if (trim(cell[3]) == "")
		fail(FNR ": " id ": no behaviour is given")
	if (!(id in wanted))
		fail(FNR ": " id ": unknown id (known ids: tests/ancestors.sh)")
	if (id in seen)
		fail(FNR ": " id ": stands in line " seen[id] " already")
	seen[id] = FNR
	check_state(id, trim(cell[4]))
}

END {
	for (i = 1; i <= ids; i++)
		if (!(order[i] in seen))
			fail(" " order[i] ": no row")
	printf "ancestors: %d work, %d open, %d answered\n", \
	    works, open, answered
	for (i = 1; i <= n_units; i++)
		if (by_unit[unit[i]])
			printf "  open: %s %d\n", unit[i], by_unit[unit[i]]
	exit (bad > 0)
}' - "$doc" <<'IDS'
O 1 16
X 0 0
F 1 8
D 1 17
W 1 12
K 1 57
N 1 36

orphanage.exit_when_orphaned
orphanage.exit_when_orphaned.fork
orphanage.exit_when_orphaned.exec
orphanage.Context
orphanage.Context.callbacks
orphanage.Context.suicide_instead
orphanage.Context.start
orphanage.Context.stop
orphanage.Context.close
orphanage.Context.trigger_callbacks
orphanage.Context.ptr
orphanage.return_codes
orphanage.orphanage_poll_routine_callback
orphanage.__version__
orphanage.edge.callback_thread
orphanage.edge.signal_mask
orphanage.edge.restart

multiexit.install
multiexit.install.signals
multiexit.install.except_hook
multiexit.register
multiexit.register.func
multiexit.register.shared
multiexit.unregister
multiexit.unregister.func
multiexit.run_exitfuncs
multiexit.run_exitfuncs.exitcode
multiexit.multiexit_exit_hook
multiexit.__version__
multiexit.edge.exit_in_handler
multiexit.edge.register_in_handler
multiexit.edge.owned_and_shared
multiexit.edge.exit_caught
multiexit.edge.thread
multiexit.edge.unfinished_child

offspring.Subprocess
offspring.Subprocess.args
offspring.Subprocess.init
offspring.Subprocess.run
offspring.Subprocess.start
offspring.Subprocess.wait
offspring.Subprocess.shutdown
offspring.Subprocess.process
offspring.Subprocess.WAIT_FOR_CHILD
offspring.Subprocess.TERMINATE_ON_SHUTDOWN
offspring.Subprocess.EXPLICIT_START
offspring.Subprocess.atexit
offspring.SubprocessLoop
offspring.SubprocessLoop.WAIT_FOR_CHILD
offspring.SubprocessLoop.run
offspring.SubprocessLoop.begin
offspring.SubprocessLoop.loop
offspring.SubprocessLoop.end
offspring.SubprocessLoop.signal_handler
offspring.SubprocessLoop.alive
offspring.edge.exit_range
offspring.edge.init_failure
offspring.edge.child_stdin
offspring.edge.true_is_a_second
offspring.edge.bad_delay
offspring.edge.spawn
offspring.edge.grandchildren
offspring.readme

daemoniker.daemonize
daemoniker.daemonize.pid_file
daemoniker.daemonize.args
daemoniker.daemonize.chdir
daemoniker.daemonize.stdin_goto
daemoniker.daemonize.stdout_goto
daemoniker.daemonize.stderr_goto
daemoniker.daemonize.umask
daemoniker.daemonize.shielded_fds
daemoniker.daemonize.fd_fallback_limit
daemoniker.daemonize.success_timeout
daemoniker.daemonize.strip_cmd_args
daemoniker.daemonize.explicit_rescript
daemoniker.daemonize._exit_caller
daemoniker.edge.signal_state
daemoniker.pidfile.ignore_lock
daemoniker.pidfile.autoclean
daemoniker.edge.bad_path
daemoniker.edge.pidfile_mode
daemoniker.Daemonizer
daemoniker.Daemonizer.is_setup
daemoniker.Daemonizer.call
daemoniker.Daemonizer.leave_uncalled
daemoniker.Daemonizer.leave_parent
daemoniker.Daemonizer.leave_parent_error
daemoniker.Daemonizer.leave_child
daemoniker.Daemonizer.exit_without_enter
daemoniker.Daemonizer.second_use
daemoniker.SignalHandler1
daemoniker.SignalHandler1.pid_file
daemoniker.SignalHandler1.sigint
daemoniker.SignalHandler1.sigterm
daemoniker.SignalHandler1.sigabrt
daemoniker.SignalHandler1.callback
daemoniker.SignalHandler1.default
daemoniker.SignalHandler1.start
daemoniker.SignalHandler1.stop
daemoniker.IGNORE_SIGNAL
daemoniker.send
daemoniker.send.pid_file
daemoniker.send.signal
daemoniker.ping
daemoniker.ping.pid_file
daemoniker.DaemonikerException
daemoniker.SignalError
daemoniker.DaemonikerSignal
daemoniker.ReceivedSignal
daemoniker.SIGINT
daemoniker.SIGTERM
daemoniker.SIGABRT
daemoniker.__all__
daemoniker.daemote
daemoniker.daemote.pid_file
daemoniker.daemote.user
daemoniker.daemote.group
daemoniker.range_helper
IDS
