# Two pieces make the library: libcore is portable, libos is what configure
# chose for this system.  Unit tests of hidden functions link the pieces.
noinst_LTLIBRARIES += %D%/libcore.la %D%/libos.la
lib_LTLIBRARIES += %D%/libproclc.la

%C%_libcore_la_SOURCES = \
	%D%/again.c \
	%D%/arrival.c \
	%D%/arrival.h \
	%D%/atexit.c \
	%D%/atexit.h \
	%D%/backoff.c \
	%D%/backoff.h \
	%D%/batch.c \
	%D%/births.c \
	%D%/child.c \
	%D%/command.c \
	%D%/command.h \
	%D%/commandfds.c \
	%D%/commandrun.c \
	%D%/crash.c \
	%D%/crash.h \
	%D%/daemon.c \
	%D%/delivery.c \
	%D%/delivery.h \
	%D%/detach.c \
	%D%/dispatch.c \
	%D%/dispatch.h \
	%D%/descendants.c \
	%D%/descent.c \
	%D%/descent.h \
	%D%/disposition.c \
	%D%/disposition.h \
	%D%/ending.c \
	%D%/ending.h \
	%D%/error.c \
	%D%/error.h \
	%D%/foreground.c \
	%D%/fork.c \
	%D%/fork.h \
	%D%/guard.c \
	%D%/guard.h \
	%D%/init.c \
	%D%/install.c \
	%D%/last.c \
	%D%/last.h \
	%D%/keep.h \
	%D%/launch.h \
	%D%/launcher.c \
	%D%/listener.c \
	%D%/logs.c \
	%D%/manual.c \
	%D%/notify.c \
	%D%/orphan.c \
	%D%/orphan.h \
	%D%/pidexec.c \
	%D%/pidfile.c \
	%D%/pidfile.h \
	%D%/pidholder.c \
	%D%/pidlist.c \
	%D%/pidplace.c \
	%D%/pidplace.h \
	%D%/plan.c \
	%D%/reexec.c \
	%D%/reexec.h \
	%D%/registry.c \
	%D%/registry.h \
	%D%/restart.c \
	%D%/result.c \
	%D%/relaunch.c \
	%D%/shutdown.c \
	%D%/sighandler.c \
	%D%/sighandler.h \
	%D%/signals.c \
	%D%/sigwait.c \
	%D%/source.c \
	%D%/source.h \
	%D%/spawner.c \
	%D%/start.c \
	%D%/states.c \
	%D%/steps.c \
	%D%/strays.c \
	%D%/talk.c \
	%D%/survivor.c \
	%D%/task.c \
	%D%/task.h \
	%D%/taskwait.c \
	%D%/tree.c \
	%D%/trees.h \
	%D%/version.c \
	%D%/waitset.c \
	%D%/watch.c \
	%D%/watchstate.c \
	%D%/watch.h

# One file a seam; configure.ac chooses it (PCL_SEAM).
nodist_%C%_libos_la_SOURCES = \
	%D%/os/clock-@OS_CLOCK@.c \
	%D%/os/detach-@OS_DETACH@.c \
	%D%/os/error-@OS_ERROR@.c \
	%D%/os/exec-@OS_EXEC@.c \
	%D%/os/exithook-@OS_EXITHOOK@.c \
	%D%/os/fds-@OS_FDS@.c \
	%D%/os/file-@OS_FILE@.c \
	%D%/os/group-@OS_GROUP@.c \
	%D%/os/identity-@OS_IDENTITY@.c \
	%D%/os/job-@OS_JOB@.c \
	%D%/os/lock-@OS_LOCK@.c \
	%D%/os/notify-@OS_NOTIFY@.c \
	%D%/os/pipe-@OS_PIPE@.c \
	%D%/os/map-@OS_MAP@.c \
	%D%/os/poll-@OS_POLL@.c \
	%D%/os/process-@OS_PROCESS@.c \
	%D%/os/ready-@OS_READY@.c \
	%D%/os/share-@OS_SHARE@.c \
	%D%/os/relaunch-@OS_RELAUNCH@.c \
	%D%/os/sig-@OS_SIG@.c \
	%D%/os/signame-@OS_SIGNAME@.c \
	%D%/os/spawn-@OS_SPAWN@.c \
	%D%/os/stdio-@OS_STDIO@.c \
	%D%/os/steer-@OS_STEER@.c \
	%D%/os/sync-@OS_SYNC@.c \
	%D%/os/threads-@OS_THREADS@.c \
	%D%/os/tree-@OS_TREE@.c \
	%D%/os/user-@OS_USER@.c \
	%D%/os/wake-@OS_WAKE@.c

if WINDOWS
nodist_%C%_libos_la_SOURCES += %D%/os/win32.c %D%/os/winfind.c \
	%D%/os/winmake.c
else
nodist_%C%_libos_la_SOURCES += %D%/os/bare-@OS_BARE@.c \
	%D%/os/barefds-@OS_BAREFDS@.c %D%/os/execrun.c %D%/os/execsteps.c
endif

# Every file of src/os, chosen or not: tests/floors.sh misses none.
EXTRA_DIST += \
	%D%/os/os.h \
	%D%/os/kin.h \
	%D%/os/posix.h \
	%D%/os/program.h \
	%D%/os/exec.h \
	%D%/os/bare-linux.c \
	%D%/os/bare-posix.c \
	%D%/os/barefds-linux.c \
	%D%/os/barefds-posix.c \
	%D%/os/win32.c \
	%D%/os/win32.h \
	%D%/os/winfind.c \
	%D%/os/winmake.c \
	%D%/os/winmake.h \
	%D%/os/clock-posix.c \
	%D%/os/clock-windows.c \
	%D%/os/detach-posix.c \
	%D%/os/detach-windows.c \
	%D%/os/error-posix.c \
	%D%/os/exec-clone.c \
	%D%/os/exec-fork.c \
	%D%/os/execrun.c \
	%D%/os/execsteps.c \
	%D%/os/exec-windows.c \
	%D%/os/error-windows.c \
	%D%/os/exithook-atexit.c \
	%D%/os/exithook-onexit.c \
	%D%/os/exithook-windows.c \
	%D%/os/fds-linux.c \
	%D%/os/fds-posix.c \
	%D%/os/fds-windows.c \
	%D%/os/file-posix.c \
	%D%/os/file-windows.c \
	%D%/os/group-none.c \
	%D%/os/group-proc.c \
	%D%/os/group-windows.c \
	%D%/os/identity-atfork.c \
	%D%/os/identity-wipeonfork.c \
	%D%/os/job-cgroup.c \
	%D%/os/notify-posix.c \
	%D%/os/notify-windows.c \
	%D%/os/job-none.c \
	%D%/os/job-windows.c \
	%D%/os/lock-flock.c \
	%D%/os/lock-ofd.c \
	%D%/os/pipe-posix.c \
	%D%/os/pipe-windows.c \
	%D%/os/map-posix.c \
	%D%/os/map-windows.c \
	%D%/os/identity-windows.c \
	%D%/os/lock-windows.c \
	%D%/os/poll-ppoll.c \
	%D%/os/poll-windows.c \
	%D%/os/process-pidfd.c \
	%D%/os/process-posix.c \
	%D%/os/process-windows.c \
	%D%/os/ready-epoll.c \
	%D%/os/ready-none.c \
	%D%/os/share-file.c \
	%D%/os/share-memfd.c \
	%D%/os/share-windows.c \
	%D%/os/ready-windows.c \
	%D%/os/relaunch-none.c \
	%D%/os/relaunch-windows.c \
	%D%/os/sig-posix.c \
	%D%/os/sig-windows.c \
	%D%/os/signame-posix.c \
	%D%/os/signame-windows.c \
	%D%/os/spawn-posix.c \
	%D%/os/spawn-windows.c \
	%D%/os/stdio-posix.c \
	%D%/os/stdio-windows.c \
	%D%/os/steer-pthread.c \
	%D%/os/steer-sigqueue.c \
	%D%/os/steer-windows.c \
	%D%/os/sync-pthread.c \
	%D%/os/sync-windows.c \
	%D%/os/threads-none.c \
	%D%/os/threads-proc.c \
	%D%/os/tree-linux.c \
	%D%/os/tree-none.c \
	%D%/os/tree-windows.c \
	%D%/os/user-posix.c \
	%D%/os/user-windows.c \
	%D%/os/wake-pipe.c \
	%D%/os/wake-windows.c

%C%_libproclc_la_SOURCES =
%C%_libproclc_la_LIBADD = %D%/libcore.la %D%/libos.la $(PTHREAD_LIBS)
%C%_libproclc_la_LDFLAGS = $(INSTRUMENT_LDFLAGS) $(LIB_LDFLAGS) \
	-version-info $(PROCLC_LT_VERSION) -no-undefined
if WINDOWS
# The linker's script makes nobody export there; a list of the same names does.
EXTRA_%C%_libproclc_la_DEPENDENCIES = %D%/libproclc.def
%C%_libproclc_la_LDFLAGS += -static-libgcc \
	-export-symbols $(top_builddir)/%D%/libproclc.def
%D%/libproclc.def: $(srcdir)/%D%/libproclc.map
	$(AM_V_GEN)$(MKDIR_P) %D% && { echo EXPORTS && $(AWK) \
	  '/local:/ { exit } /^\t\tproclc_/ { sub(/;/, ""); print }' \
	  $(srcdir)/%D%/libproclc.map; } >$@
CLEANFILES += %D%/libproclc.def
else
EXTRA_%C%_libproclc_la_DEPENDENCIES = %D%/libproclc.map
if HAVE_VSCRIPT
%C%_libproclc_la_LDFLAGS += -Wl,--version-script=$(top_srcdir)/%D%/libproclc.map
else
%C%_libproclc_la_LDFLAGS += -export-symbols-regex '^proclc_'
endif
endif
EXTRA_DIST += %D%/libproclc.map
