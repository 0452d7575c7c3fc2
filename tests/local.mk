# The tests.  A Check program prints TAP, so that the driver counts each test
# and a program that vanishes half-way is an error; a shell test is one test,
# and skips by leaving with 77.

# --- the tools that tests share ----------------------------------------------

# What the tools ask of the system, and isolate, which runs each program in a
# pid namespace of its own where that is allowed: whatever a test leaves behind
# dies there, and counts as a failure.
check_LTLIBRARIES += %D%/libsystem.la
%C%_libsystem_la_SOURCES = %D%/toolkit/fds.h %D%/toolkit/os.h
nodist_%C%_libsystem_la_SOURCES = %D%/toolkit/os-@TEST_OS@.c
%C%_libsystem_la_CFLAGS = $(WARN_CFLAGS)
EXTRA_DIST += %D%/toolkit/os-linux.c %D%/toolkit/os-posix.c

check_PROGRAMS += %D%/isolate
%C%_isolate_SOURCES = %D%/isolate.c %D%/toolkit/clock.h
%C%_isolate_LDADD = %D%/libsystem.la
# It judges; no sanitizer or counter judges it.
%C%_isolate_CFLAGS = $(WARN_CFLAGS)
%C%_isolate_LDFLAGS = -no-install

%C%_libtoolkit_la_SOURCES = \
	%D%/toolkit/facts.c \
	%D%/toolkit/facts.h \
	%D%/toolkit/fixture.c \
	%D%/toolkit/fixture.h \
	%D%/toolkit/main.c \
	%D%/toolkit/main.h \
	%D%/toolkit/process.c \
	%D%/toolkit/process.h \
	%D%/toolkit/scenario-run.h \
	%D%/toolkit/scenario-start.c \
	%D%/toolkit/scenario.c \
	%D%/toolkit/scenario.h \
	%D%/toolkit/scn.h \
	%D%/toolkit/snapshot.c \
	%D%/toolkit/snapshot.h \
	%D%/toolkit/toolkit.h
%C%_libtoolkit_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_libtoolkit_la_LIBADD = %D%/libsystem.la

# --- scenario programs -------------------------------------------------------

# They do in a process of their own what a test must not do in its own (exit,
# daemonize, change handlers), and link the library alone.
scenarios = \
	%D%/scn/echo \
	%D%/scn/start
%C%_scn_echo_LDADD =
%C%_scn_echo_SOURCES = %D%/scn/echo.c
%C%_scn_start_LDADD =
%C%_scn_start_SOURCES = %D%/scn/start.c
check_PROGRAMS += $(scenarios)

# --- Check programs ----------------------------------------------------------

# For each: its name in check_tests, and three lines as in
#	%C%_check_x_SOURCES = %D%/check_x.c
#	%C%_check_x_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
#	%C%_check_x_LDADD = $(check_libs)
# unit_libs is for the one that looks at hidden functions.
check_libs = %D%/libtoolkit.la src/libproclc.la $(CHECK_LIBS) $(PTHREAD_LIBS)
unit_libs = %D%/libtoolkit.la src/libcore.la src/libos.la $(CHECK_LIBS) \
	$(PTHREAD_LIBS)
check_tests = \
	%D%/check_fixture \
	%D%/check_isolate \
	%D%/check_scenario \
	%D%/check_toolkit
%C%_check_fixture_SOURCES = %D%/check_fixture.c %D%/toolkit/plants.c \
	%D%/toolkit/plants.h
%C%_check_fixture_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fixture_LDADD = $(check_libs)
%C%_check_isolate_SOURCES = %D%/check_isolate.c
%C%_check_isolate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_isolate_LDADD = $(check_libs)
%C%_check_scenario_SOURCES = %D%/check_scenario.c
%C%_check_scenario_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_scenario_LDADD = $(check_libs)
%C%_check_toolkit_SOURCES = %D%/check_toolkit.c %D%/toolkit/plants.c \
	%D%/toolkit/plants.h
%C%_check_toolkit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_toolkit_LDADD = $(check_libs)

if HAVE_CHECK
check_LTLIBRARIES += %D%/libtoolkit.la
check_PROGRAMS += $(check_tests)
TESTS += $(check_tests)
endif

# --- shell tests -------------------------------------------------------------

shell_tests = \
	%D%/ancestors.sh \
	%D%/exports.sh \
	%D%/floors.sh \
	%D%/headers.sh \
	%D%/manpages.sh \
	%D%/prefork.sh \
	%D%/story.sh \
	%D%/style.sh \
	%D%/version.sh
TESTS += $(shell_tests)
EXTRA_DIST += $(shell_tests) %D%/api.awk %D%/floors.txt %D%/sanitizer.sh \
	%D%/tarball.sh

# A sanitizer's report from a grandchild reaches no exit status, only its log
# file: after all programs, no such file may be there.
if WITH_SANITIZER
TESTS += %D%/sanitizer.sh
%D%/sanitizer.log: $(check_tests:=.log)
endif

# --- how they are run --------------------------------------------------------

TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(SHELL)
# isolate bounds the time, too: "make check LOG_COMPILER=" runs without it.
LOG_COMPILER = $(abs_top_builddir)/%D%/isolate$(EXEEXT)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
# Not --ignore-exit: a crash after the last result must not get lost.
AM_LOG_DRIVER_FLAGS = --comments

sanlog = $(abs_top_builddir)/%D%/sanlog
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	PROCLC_TEST_BUILDDIR='$(abs_top_builddir)/%D%'; \
	export PROCLC_TEST_BUILDDIR; \
	: $${PROCLC_TEST_MULTIPLIER=@TEST_MULTIPLIER@}; \
	export PROCLC_TEST_MULTIPLIER; \
	CC='$(CC)'; export CC; CXX='$(CXX)'; export CXX; NM='$(NM)'; export NM; \
	TEST_CFLAGS='$(CPPFLAGS) $(INSTRUMENT_CFLAGS) $(CFLAGS)'; \
	export TEST_CFLAGS; TEST_LDFLAGS='$(LDFLAGS)'; export TEST_LDFLAGS; \
	CK_TAP_LOG_FILE_NAME=-; export CK_TAP_LOG_FILE_NAME; \
	CK_VERBOSITY=silent; export CK_VERBOSITY;
if WITH_SANITIZER
# The folder is open to all: a daemon may have dropped its privileges.  The
# alternate stack for signals is the library's and the tests', not ASan's.
AM_TESTS_ENVIRONMENT += \
	mkdir -p $(sanlog) && chmod 1777 $(sanlog); \
	ASAN_OPTIONS="use_sigaltstack=0:log_exe_name=1:log_path=$(sanlog)/asan:$$ASAN_OPTIONS"; \
	UBSAN_OPTIONS="log_exe_name=1:log_path=$(sanlog)/ubsan:print_stacktrace=1:$$UBSAN_OPTIONS"; \
	TSAN_OPTIONS="log_exe_name=1:log_path=$(sanlog)/tsan:$$TSAN_OPTIONS"; \
	export ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS;
endif

clean-local:
	rm -rf $(sanlog)

# --- after installation ------------------------------------------------------

EXTRA_DIST += %D%/consumer/consumer.c %D%/consumer/installcheck.sh
installcheck-local:
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	DESTDIR='$(DESTDIR)'; libdir='$(libdir)'; export DESTDIR libdir; \
	pkgconfigdir='$(pkgconfigdir)'; PKG_CONFIG='$(PKG_CONFIG)'; \
	PACKAGE_VERSION='$(PACKAGE_VERSION)'; \
	export pkgconfigdir PKG_CONFIG PACKAGE_VERSION; \
	$(SHELL) $(top_srcdir)/%D%/consumer/installcheck.sh
