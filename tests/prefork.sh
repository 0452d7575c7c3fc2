#!/bin/sh
# The example has no process-lifecycle code of its own: it is all in the
# library.  Judged twice: by the sources, and by what their objects call.
set -u
top_srcdir=${top_srcdir-$(dirname "$0")/..}
top_builddir=${top_builddir-$top_srcdir/build}
sources=$top_srcdir/examples/prefork
objects=$top_builddir/examples/prefork
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# Calls, by their whole names; words, wherever they stand in the code; headers.
calls='fork|vfork|_Fork|clone3?|posix_spawnp?|exec[lv]p?e?|execvpe|fexecve'
calls="$calls|daemon|setsid|setpgid|setpgrp|_exit|_Exit|quick_exit|abort"
calls="$calls|atexit|on_exit|pthread_atfork|wait|wait3|wait4|waitpid|waitid"
calls="$calls|kill|killpg|tgkill|pthread_kill|sigqueue|raise|signal|sigaction"
calls="$calls|sigprocmask|pthread_sigmask|sigwait|sigwaitinfo|sigtimedwait"
calls="$calls|sigsuspend|sigaltstack|alarm|flock|lockf|prctl|syscall|system"
calls="$calls|popen|pthread_create|getppid"
words='pidfd|signalfd|F_(OFD_)?SETLK|SIG_(IGN|DFL)|struct sigaction'
headers='signal|spawn|pthread|sched|sys/(wait|file|prctl|signalfd|pidfd|syscall)'

# The code alone, each line after its file and number: no comments, and strings
# without what they hold.
code() {
  awk '{
    out = ""
    for (i = 1; i <= length($0); i++) {
      c = substr($0, i, 1); two = substr($0, i, 2)
      if (comment) {
        if (two == "*/") { comment = 0; i++ }
      } else if (quote != "") {
        if (c == "\\") i++
        else if (c == quote) quote = ""
      } else if (two == "/*") { comment = 1; i++ }
      else if (two == "//") break
      else if (c == "\"" || c == "\047") quote = c
      else out = out c
    }
    quote = ""
    print FILENAME ":" FNR ": " out
  }' "$@"
}

in_sources() {
  code "$@" | grep -E -e "(^|[^A-Za-z0-9_])($calls)[[:blank:]]*\(" \
    -e "$words" -e "#[[:blank:]]*include[[:blank:]]*<($headers)\.h>"
}

in_objects() {
  for object in "$@"; do
    "${NM-nm}" -u "$object" | sed 's/@.*//' |
      awk -v object="$object" -v calls="^(__)?($calls|pidfd_.*|signalfd)\$" '
        $NF ~ calls { print object ": calls " $NF }'
  done
}

# What is not seen proves nothing: the judge has to see this.
cat >"$work/planted.c" <<'END'
int x = 1;	/* fork(); */
char *s = "kill(1)";
proclc_task_kill(task, 15);
	if (kill (pid, 9))
#include <sys/wait.h>
	pidfd_open(1, 0);
END
[ "$(in_sources "$work/planted.c" | wc -l)" -eq 3 ] ||
  { echo 'the judge of sources does not see'; exit 1; }

set -- "$sources"/*.c
[ -e "$1" ] || { echo "no source in $sources"; exit 1; }
in_sources "$@" "$sources"/*.h >"$work/faults"
n=$#
set -- "$objects"/*.o
[ $# -ge $n ] || { echo "not built: $objects"; exit 1; }
in_objects "$@" >>"$work/faults"
[ -s "$work/faults" ] || exit 0
cat "$work/faults"
exit 1
