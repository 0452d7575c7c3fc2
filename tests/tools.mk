# proclc(1) by programs: what a shell cannot see.

check_PROGRAMS += %D%/scn/chorus
%C%_scn_chorus_SOURCES = %D%/scn/chorus.c
%C%_scn_chorus_LDADD =

tool_tests = \
	%D%/check_keep \
	%D%/check_notify \
	%D%/check_run \
	%D%/check_run_crash \
	%D%/check_run_places
%C%_check_keep_SOURCES = %D%/check_keep.c %D%/tools.h
%C%_check_keep_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_keep_LDADD = $(check_libs)
%C%_check_notify_SOURCES = %D%/check_notify.c
%C%_check_notify_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_notify_LDADD = $(check_libs)
%C%_check_run_SOURCES = %D%/check_run.c %D%/tools.h
%C%_check_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_run_LDADD = $(check_libs)
%C%_check_run_crash_SOURCES = %D%/check_run_crash.c %D%/tools.h
%C%_check_run_crash_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_run_crash_LDADD = $(check_libs)
%C%_check_run_places_SOURCES = %D%/check_run_places.c %D%/tools.h
%C%_check_run_places_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_run_places_LDADD = $(check_libs)
check_tests += $(tool_tests)
