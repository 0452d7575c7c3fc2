# Signals where it is hardest to be right, long runs, and hostile pid files;
# as in local.mk.

delivery_scenarios = \
	%D%/scn/beside \
	%D%/scn/crossfire \
	%D%/scn/fire \
	%D%/scn/interrupted \
	%D%/scn/landing
%C%_scn_landing_LDADD = $(script_libs)
%C%_scn_landing_SOURCES = %D%/scn/landing.c %D%/scn/lockedmalloc.h \
	%D%/scn/objects.c %D%/scn/objects.h
if WITH_SANITIZER
%C%_scn_landing_SOURCES += %D%/scn/lockedmalloc-none.c
else
%C%_scn_landing_SOURCES += %D%/scn/lockedmalloc.c
endif
EXTRA_DIST += %D%/scn/lockedmalloc.c %D%/scn/lockedmalloc-none.c
shots = %D%/scn/shots.c %D%/scn/shots.h %D%/scn/objects.c %D%/scn/objects.h
%C%_scn_crossfire_LDADD = %D%/libkernel.la $(script_libs)
%C%_scn_crossfire_SOURCES = %D%/scn/crossfire.c $(shots)
%C%_scn_fire_LDADD = $(script_libs)
%C%_scn_fire_SOURCES = %D%/scn/fire.c $(shots)
%C%_scn_beside_LDADD = %D%/libkernel.la $(script_libs)
%C%_scn_beside_SOURCES = %D%/scn/beside.c %D%/scn/objects.c %D%/scn/objects.h
%C%_scn_interrupted_LDADD = $(script_libs)
%C%_scn_interrupted_SOURCES = %D%/scn/interrupted.c
check_PROGRAMS += $(delivery_scenarios)

delivery_tests = \
	%D%/check_beside \
	%D%/check_crossfire \
	%D%/check_fire \
	%D%/check_interrupted \
	%D%/check_landing \
	%D%/check_pidfile_probe \
	%D%/check_send_hostile \
	%D%/check_send_rewritten
%C%_check_landing_SOURCES = %D%/check_landing.c
%C%_check_landing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_landing_LDADD = $(check_libs)
%C%_check_crossfire_SOURCES = %D%/check_crossfire.c
%C%_check_crossfire_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_crossfire_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_fire_SOURCES = %D%/check_fire.c
%C%_check_fire_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fire_LDADD = $(check_libs)
%C%_check_beside_SOURCES = %D%/check_beside.c
%C%_check_beside_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_beside_LDADD = $(check_libs)
%C%_check_interrupted_SOURCES = %D%/check_interrupted.c
%C%_check_interrupted_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_interrupted_LDADD = $(check_libs)
%C%_check_send_hostile_SOURCES = %D%/check_send_hostile.c %D%/ask.h
%C%_check_send_hostile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_send_hostile_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_send_rewritten_SOURCES = %D%/check_send_rewritten.c %D%/ask.h
%C%_check_send_rewritten_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_send_rewritten_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_pidfile_probe_SOURCES = %D%/check_pidfile_probe.c %D%/ask.h
%C%_check_pidfile_probe_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pidfile_probe_LDADD = %D%/libkernel.la $(check_libs)
check_tests += $(delivery_tests)
