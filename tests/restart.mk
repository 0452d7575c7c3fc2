# Tasks that run again; as in local.mk.

restart_headers = %D%/restarts.h %D%/ways.h $(task_headers)
restart_tests = \
	%D%/check_backoff \
	%D%/check_restart
%C%_check_backoff_SOURCES = %D%/check_backoff.c
%C%_check_backoff_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_backoff_LDADD = $(unit_libs)
%C%_check_restart_SOURCES = %D%/check_restart.c $(restart_headers)
%C%_check_restart_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_restart_LDADD = %D%/libkernel.la $(check_libs)
check_tests += $(restart_tests)
