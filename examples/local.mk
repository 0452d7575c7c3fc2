# The examples are built with the rest and installed nowhere.
# One file each: tests/examples.sh compiles them as a user would, and runs them.
noinst_PROGRAMS += %D%/atexit %D%/signals
%C%_atexit_SOURCES = %D%/atexit.c
%C%_atexit_LDADD = src/libproclc.la
%C%_signals_SOURCES = %D%/signals.c
%C%_signals_LDADD = src/libproclc.la
noinst_PROGRAMS += %D%/command %D%/loop %D%/offspring %D%/task
%C%_command_SOURCES = %D%/command.c
%C%_command_LDADD = src/libproclc.la
%C%_loop_SOURCES = %D%/loop.c
%C%_loop_LDADD = src/libproclc.la
%C%_offspring_SOURCES = %D%/offspring.c
%C%_offspring_LDADD = src/libproclc.la
%C%_task_SOURCES = %D%/task.c
%C%_task_LDADD = src/libproclc.la
noinst_PROGRAMS += %D%/daemon %D%/orphan %D%/pidfile
%C%_daemon_SOURCES = %D%/daemon.c
%C%_daemon_LDADD = src/libproclc.la
%C%_pidfile_SOURCES = %D%/pidfile.c
%C%_pidfile_LDADD = src/libproclc.la
%C%_orphan_SOURCES = %D%/orphan.c
%C%_orphan_LDADD = src/libproclc.la
if HAVE_EPOLL
noinst_PROGRAMS += %D%/epoll
endif
%C%_epoll_SOURCES = %D%/epoll.c
%C%_epoll_LDADD = src/libproclc.la

noinst_PROGRAMS += %D%/prefork/prefork
%C%_prefork_prefork_SOURCES = \
	%D%/prefork/http.c \
	%D%/prefork/http.h \
	%D%/prefork/prefork.c \
	%D%/prefork/prefork.h \
	%D%/prefork/worker.c
%C%_prefork_prefork_LDADD = src/libproclc.la

# To reach the server, and to wait for its end.
noinst_PROGRAMS += %D%/prefork/tell %D%/prefork/gone
%C%_prefork_tell_SOURCES = %D%/prefork/tell.c
%C%_prefork_tell_LDADD = src/libproclc.la
%C%_prefork_gone_SOURCES = %D%/prefork/gone.c
%C%_prefork_gone_LDADD = src/libproclc.la

# The life of the server, told in the terminal; tests/story.sh tells it, too.
EXTRA_DIST += %D%/prefork/demo.sh
demo: %D%/prefork/prefork$(EXEEXT) %D%/prefork/tell$(EXEEXT) \
  %D%/prefork/gone$(EXEEXT)
	$(AM_V_at): $${PROCLC_TEST_MULTIPLIER=@TEST_MULTIPLIER@}; \
	export PROCLC_TEST_MULTIPLIER; \
	$(SHELL) $(srcdir)/%D%/prefork/demo.sh %D%/prefork

PHONY += demo
