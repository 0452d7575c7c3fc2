# The tests of exit handlers that need more than a scenario told line by line.

exit_scenarios = \
	%D%/scn/cascade \
	%D%/scn/churn \
	%D%/scn/copies \
	%D%/scn/ends \
	%D%/scn/last \
	%D%/scn/late \
	%D%/scn/random \
	%D%/scn/together \
	%D%/scn/world
exit_libs = %D%/libsystem.la src/libproclc.la $(PTHREAD_LIBS)
%C%_scn_cascade_SOURCES = %D%/scn/cascade.c
%C%_scn_cascade_LDADD = $(exit_libs)
%C%_scn_churn_SOURCES = %D%/scn/churn.c
%C%_scn_churn_LDADD = $(exit_libs)
# It finds the library by itself, twice.
%C%_scn_copies_SOURCES = %D%/scn/copies.c
%C%_scn_copies_LDADD = -ldl
%C%_scn_ends_SOURCES = %D%/scn/ends.c %D%/settle.h
%C%_scn_ends_LDADD = %D%/libkernel.la $(exit_libs)
%C%_scn_last_SOURCES = %D%/scn/last.c
%C%_scn_last_LDADD = $(exit_libs)
%C%_scn_late_SOURCES = %D%/scn/late.c %D%/settle.h
%C%_scn_late_LDADD = $(exit_libs)
%C%_scn_random_SOURCES = %D%/scn/random.c %D%/scn/program.c %D%/scn/program.h \
	%D%/scn/predict.c %D%/settle.h
%C%_scn_random_LDADD = %D%/libkernel.la $(exit_libs)
%C%_scn_together_SOURCES = %D%/scn/together.c
%C%_scn_together_LDADD = $(exit_libs)
%C%_scn_world_SOURCES = %D%/scn/world.c %D%/scn/world.h \
	%D%/scn/world-actor.c %D%/scn/world-actor.h %D%/scn/world-births.c \
	%D%/scn/world-events.c %D%/scn/world-events.h %D%/scn/world-files.c \
	%D%/scn/world-model.c %D%/scn/world-obey.c %D%/scn/world-step.h \
	%D%/scn/world-steps.c %D%/scn/world-tasks.c %D%/settle.h
%C%_scn_world_LDADD = %D%/libtoolkit.la $(exit_libs)
check_PROGRAMS += $(exit_scenarios)

exit_tests = \
	%D%/check_cascade \
	%D%/check_churn \
	%D%/check_copies \
	%D%/check_ends \
	%D%/check_last \
	%D%/check_random \
	%D%/check_together \
	%D%/check_world
%C%_check_cascade_SOURCES = %D%/check_cascade.c
%C%_check_cascade_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cascade_LDADD = $(check_libs)
%C%_check_churn_SOURCES = %D%/check_churn.c %D%/settle.h
%C%_check_churn_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_churn_LDADD = $(check_libs)
%C%_check_copies_SOURCES = %D%/check_copies.c
%C%_check_copies_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_copies_LDADD = $(check_libs)
%C%_check_ends_SOURCES = %D%/check_ends.c
%C%_check_ends_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_ends_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_last_SOURCES = %D%/check_last.c
%C%_check_last_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_last_LDADD = $(check_libs)
%C%_check_random_SOURCES = %D%/check_random.c
%C%_check_random_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_random_LDADD = $(check_libs)
%C%_check_together_SOURCES = %D%/check_together.c
%C%_check_together_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_together_LDADD = $(check_libs)
%C%_check_world_SOURCES = %D%/check_world.c
%C%_check_world_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_world_LDADD = $(check_libs)
check_tests += $(exit_tests)
