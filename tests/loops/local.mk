# MANUAL mode inside the loops of others.  Each suite needs the loop's library
# (with --enable-tests, found by pkg-config); where it is missing, a program
# that says so and counts as skipped stands in for the suite.
loop_sources = %D%/beside.c %D%/company.c %D%/events.c \
	%D%/loops.c %D%/loops.h \
	tests/tasks.h tests/letters.h tests/settle.h
loop_libs = tests/libkernel.la $(check_libs)
check_tests += tests/check_glib tests/check_libevent tests/check_libuv

tests_check_glib_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_check_libevent_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_check_libuv_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
if HAVE_GLIB
tests_check_glib_SOURCES = tests/check_glib.c $(loop_sources)
tests_check_glib_CFLAGS += $(GLIB_CFLAGS)
tests_check_glib_LDADD = $(loop_libs) $(GLIB_LIBS)
else
tests_check_glib_SOURCES = %D%/absent.c
tests_check_glib_CFLAGS += -DLOOP_PACKAGE='"glib-2.0"'
tests_check_glib_LDADD =
endif
if HAVE_LIBEVENT
tests_check_libevent_SOURCES = tests/check_libevent.c $(loop_sources)
tests_check_libevent_CFLAGS += $(LIBEVENT_CFLAGS)
tests_check_libevent_LDADD = $(loop_libs) $(LIBEVENT_LIBS)
else
tests_check_libevent_SOURCES = %D%/absent.c
tests_check_libevent_CFLAGS += -DLOOP_PACKAGE='"libevent"'
tests_check_libevent_LDADD =
endif
if HAVE_LIBUV
tests_check_libuv_SOURCES = tests/check_libuv.c $(loop_sources)
tests_check_libuv_CFLAGS += $(LIBUV_CFLAGS)
tests_check_libuv_LDADD = $(loop_libs) $(LIBUV_LIBS)
else
tests_check_libuv_SOURCES = %D%/absent.c
tests_check_libuv_CFLAGS += -DLOOP_PACKAGE='"libuv"'
tests_check_libuv_LDADD =
endif
