# Tasks that run again; as in local.mk.

check_PROGRAMS += %D%/scn/restart
%C%_scn_restart_SOURCES = %D%/scn/restart.c %D%/scn/measure.h %D%/settle.h
%C%_scn_restart_LDADD = %D%/libsystem.la src/libproclc.la $(PTHREAD_LIBS)

restart_headers = %D%/restarts.h %D%/ways.h $(task_headers)
restart_tests = \
	%D%/check_backoff \
	%D%/check_freed \
	%D%/check_restart \
	%D%/check_restart_callback \
	%D%/check_restart_child \
	%D%/check_restart_runs \
	%D%/check_restart_stop \
	%D%/check_restart_storm
%C%_check_backoff_SOURCES = %D%/check_backoff.c
%C%_check_backoff_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_backoff_LDADD = $(unit_libs)
%C%_check_freed_SOURCES = %D%/check_freed.c %D%/commands.h \
	%D%/settle.h $(restart_headers)
%C%_check_freed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_freed_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_restart_SOURCES = %D%/check_restart.c $(restart_headers)
%C%_check_restart_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_restart_runs_SOURCES = %D%/check_restart_runs.c $(restart_headers) \
	%D%/spawns.h
%C%_check_restart_runs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_runs_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_restart_stop_SOURCES = %D%/check_restart_stop.c $(restart_headers) \
	%D%/births.h
%C%_check_restart_stop_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_stop_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_restart_child_SOURCES = %D%/check_restart_child.c $(restart_headers)
%C%_check_restart_child_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_child_LDADD = %D%/libkernel.la $(check_libs) -ldl
%C%_check_restart_storm_SOURCES = %D%/check_restart_storm.c %D%/settle.h
%C%_check_restart_storm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_storm_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_restart_callback_SOURCES = %D%/check_restart_callback.c \
	$(restart_headers)
%C%_check_restart_callback_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_callback_LDADD = %D%/libkernel.la $(check_libs)
check_tests += $(restart_tests)
