# Torture: system calls that fail, processes that die at a given call, memory
# that is refused, pids that come again.  HACKING, "Torture".

if HAVE_TORTURE
# The drivers judge; no sanitizer or counter judges them.
check_PROGRAMS += %D%/inject
%C%_inject_SOURCES = \
	%D%/calls.c \
	%D%/calls.h \
	%D%/errnos.c \
	%D%/errnos.h \
	%D%/events.c \
	%D%/events.h \
	%D%/inject.c \
	%D%/mark.h \
	%D%/rules.c \
	%D%/rules.h \
	%D%/stop.c \
	%D%/stop.h \
	%D%/tracees.c \
	%D%/tracees.h \
	%D%/tracer.c \
	%D%/tracer.h
nodist_%C%_inject_SOURCES = %D%/call-names.h %D%/registers-@TEST_CPU@.c
%C%_inject_CPPFLAGS = -I$(top_builddir)/%D%
%C%_inject_CFLAGS = $(WARN_CFLAGS)
%C%_inject_LDFLAGS = -no-install
%C%_inject_LDADD =

# The names of this system's calls, by number.
%D%/inject-calls.$(OBJEXT): %D%/call-names.h
CLEANFILES += %D%/call-names.h
%D%/call-names.h: Makefile
	$(AM_V_GEN)mkdir -p %D% && \
	echo '#include <sys/syscall.h>' | $(CC) $(CPPFLAGS) -E -dM - | \
	sed -n 's/^#define SYS_\([a-z0-9_]*\) .*/[SYS_\1] = "\1",/p' | \
	sort >$@.new && mv $@.new $@

# To be preloaded: a shared object, also where the library is none.
check_PROGRAMS += %D%/alloc.so
%C%_alloc_so_SOURCES = \
	%D%/alloc.c \
	%D%/blocks.c \
	%D%/blocks.h \
	%D%/range.c \
	%D%/range.h
%C%_alloc_so_CFLAGS = $(WARN_CFLAGS) -fPIC -fvisibility=hidden -fno-builtin
%C%_alloc_so_LDADD = $(PTHREAD_LIBS)
%C%_alloc_so_LINK = $(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@

check_PROGRAMS += %D%/victim
%C%_victim_SOURCES = %D%/victim.c %D%/mark.h
%C%_victim_CFLAGS = $(WARN_CFLAGS)
%C%_victim_LDFLAGS = -no-install
%C%_victim_LDADD = $(PTHREAD_LIBS)

check_PROGRAMS += %D%/stranger
%C%_stranger_SOURCES = %D%/stranger_main.c

check_LTLIBRARIES += %D%/libtorture.la
%C%_libtorture_la_SOURCES = \
	%D%/errnos.c \
	%D%/errnos.h \
	%D%/nth.c \
	%D%/nth.h \
	%D%/sanitized.c \
	%D%/sanitized.h \
	%D%/stranger.c \
	%D%/stranger.h \
	%D%/sweep-main.c \
	%D%/sweep-run.c \
	%D%/sweep-run.h \
	%D%/sweep.c \
	%D%/sweep.h
%C%_libtorture_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_libtorture_la_LIBADD = tests/libkernel.la
torture_libs = %D%/libtorture.la $(check_libs)

# Programs to torture.
check_PROGRAMS += %D%/story
%C%_story_SOURCES = %D%/mark.h %D%/post.c %D%/post.h \
	%D%/story-command.c %D%/story-daemon.c %D%/story-events.c \
	%D%/story-family.c %D%/story-foreground.c %D%/story-tree.c \
	%D%/story-units.c %D%/story.c %D%/story.h
%C%_story_LDADD = tests/libtoolkit.la src/libproclc.la $(PTHREAD_LIBS)

check_PROGRAMS += %D%/leave
%C%_leave_SOURCES = %D%/leave.c %D%/mark.h
%C%_leave_LDADD = src/libproclc.la $(PTHREAD_LIBS)

check_PROGRAMS += %D%/born
%C%_born_SOURCES = %D%/born.c %D%/mark.h
%C%_born_LDADD = src/libproclc.la $(PTHREAD_LIBS)
check_PROGRAMS += %D%/rival
%C%_rival_SOURCES = %D%/mark.h %D%/rival.c
%C%_rival_LDADD = src/libproclc.la $(PTHREAD_LIBS)
check_PROGRAMS += %D%/spawns
%C%_spawns_SOURCES = %D%/spawns.c %D%/mark.h
%C%_spawns_LDADD = src/libproclc.la $(PTHREAD_LIBS)
check_PROGRAMS += %D%/watched
%C%_watched_SOURCES = %D%/watched.c %D%/mark.h
%C%_watched_LDADD = src/libproclc.la $(PTHREAD_LIBS)

# proclc(1) itself, which libtool would put behind a script.
check_PROGRAMS += %D%/proclc
%C%_proclc_SOURCES = $(tools_proclc_SOURCES)
%C%_proclc_LDADD = src/libproclc.la

check_tests += $(torture_tests)
torture_tests = \
	%D%/check_alloc \
	%D%/check_exitpath \
	%D%/check_daemonpath \
	%D%/check_inject \
	%D%/check_inject_life \
	%D%/check_refused \
	%D%/check_startpath \
	%D%/check_racers \
	%D%/check_spawncalls \
	%D%/check_stranger \
	%D%/check_sweep \
	%D%/check_sweep_events \
	%D%/check_sweep_family \
	%D%/check_sweep_more \
	%D%/check_sweep_tasks \
	%D%/check_taskpath \
	%D%/check_toolpath \
	%D%/check_widened \
	%D%/check_widened_daemons \
	%D%/check_widened_files \
	%D%/check_widened_tasks
%C%_check_alloc_SOURCES = %D%/check_alloc.c
%C%_check_alloc_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_alloc_LDADD = $(torture_libs)
%C%_check_exitpath_SOURCES = %D%/check_exitpath.c
%C%_check_exitpath_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_exitpath_LDADD = $(torture_libs)
%C%_check_daemonpath_SOURCES = %D%/check_daemonpath.c
%C%_check_daemonpath_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemonpath_LDADD = $(torture_libs)
%C%_check_inject_SOURCES = %D%/check_inject.c %D%/driven.h
%C%_check_inject_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_inject_LDADD = $(check_libs)
%C%_check_inject_life_SOURCES = %D%/check_inject_life.c %D%/driven.h
%C%_check_inject_life_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_inject_life_LDADD = $(check_libs)
%C%_check_refused_SOURCES = %D%/check_refused.c
%C%_check_refused_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_refused_LDADD = $(torture_libs)
%C%_check_startpath_SOURCES = %D%/check_startpath.c
%C%_check_startpath_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_startpath_LDADD = $(torture_libs)
%C%_check_racers_SOURCES = %D%/check_racers.c
%C%_check_racers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_racers_LDADD = $(torture_libs)
%C%_check_spawncalls_SOURCES = %D%/check_spawncalls.c %D%/driven.h
%C%_check_spawncalls_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_spawncalls_LDADD = $(torture_libs)
%C%_check_stranger_SOURCES = %D%/check_stranger.c
%C%_check_stranger_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_stranger_LDADD = $(torture_libs)
%C%_check_sweep_SOURCES = %D%/check_sweep.c
%C%_check_sweep_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sweep_LDADD = $(torture_libs)
%C%_check_sweep_events_SOURCES = %D%/answers.h \
	%D%/check_sweep_events.c
%C%_check_sweep_events_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sweep_events_LDADD = $(torture_libs)
%C%_check_sweep_family_SOURCES = %D%/answers.h \
	%D%/check_sweep_family.c
%C%_check_sweep_family_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sweep_family_LDADD = $(torture_libs)
%C%_check_sweep_more_SOURCES = %D%/answers.h \
	%D%/check_sweep_more.c
%C%_check_sweep_more_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sweep_more_LDADD = $(torture_libs)
%C%_check_sweep_tasks_SOURCES = %D%/answers.h \
	%D%/check_sweep_tasks.c
%C%_check_sweep_tasks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sweep_tasks_LDADD = $(torture_libs)
%C%_check_taskpath_SOURCES = %D%/check_taskpath.c
%C%_check_taskpath_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_taskpath_LDADD = $(torture_libs)
%C%_check_toolpath_SOURCES = %D%/check_toolpath.c
%C%_check_toolpath_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_toolpath_LDADD = $(torture_libs)
%C%_check_widened_SOURCES = %D%/check_widened.c
%C%_check_widened_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_widened_LDADD = $(torture_libs)
%C%_check_widened_daemons_SOURCES = %D%/check_widened_daemons.c \
	%D%/widened.h
%C%_check_widened_daemons_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_widened_daemons_LDADD = $(torture_libs)
%C%_check_widened_files_SOURCES = %D%/check_widened_files.c %D%/widened.h
%C%_check_widened_files_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_widened_files_LDADD = $(torture_libs)
%C%_check_widened_tasks_SOURCES = %D%/check_widened_tasks.c %D%/widened.h
%C%_check_widened_tasks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_widened_tasks_LDADD = $(torture_libs)
endif

# All cases of all sweeps, which takes minutes; "make check" runs a sample.
torture:
	TORTURE=all $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(torture_tests) $(scale_tests)' \
		LOG_COMPILER='$(LOG_COMPILER) -t 7200'
PHONY += torture

EXTRA_DIST += %D%/registers-none.c %D%/registers-x86_64.c
