# Tasks in great numbers and in unusual places; as in local.mk.

scale_scenarios = \
	%D%/scn/anywhere \
	%D%/scn/bare \
	%D%/scn/early \
	%D%/scn/held \
	%D%/scn/herd \
	%D%/scn/holders \
	%D%/scn/throng
scale_libs = %D%/libkernel.la %D%/libsystem.la src/libproclc.la \
	$(PTHREAD_LIBS)
measure = %D%/scn/measure.h %D%/settle.h
%C%_scn_anywhere_SOURCES = %D%/scn/anywhere.c %D%/toolkit/clock.h
%C%_scn_anywhere_LDADD = $(scale_libs)
%C%_scn_bare_SOURCES = %D%/scn/bare.c
%C%_scn_bare_LDADD = $(scale_libs)
%C%_scn_early_SOURCES = %D%/scn/early.c
%C%_scn_early_LDADD = $(scale_libs)
%C%_scn_held_SOURCES = %D%/scn/held.c $(measure)
%C%_scn_held_LDADD = $(scale_libs)
%C%_scn_herd_SOURCES = %D%/scn/herd.c $(measure)
%C%_scn_herd_LDADD = $(scale_libs)
%C%_scn_holders_SOURCES = %D%/scn/holders.c $(measure)
%C%_scn_holders_LDADD = $(scale_libs)
%C%_scn_throng_SOURCES = %D%/scn/throng.c
%C%_scn_throng_LDADD = $(scale_libs)
check_PROGRAMS += $(scale_scenarios)

scale_tests = \
	%D%/check_start_anywhere \
	%D%/check_tasks_many
%C%_check_start_anywhere_SOURCES = %D%/check_start_anywhere.c %D%/settle.h
%C%_check_start_anywhere_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_start_anywhere_LDADD = $(check_libs)
%C%_check_tasks_many_SOURCES = %D%/check_tasks_many.c %D%/settle.h
%C%_check_tasks_many_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_tasks_many_LDADD = $(check_libs)
check_tests += $(scale_tests)
