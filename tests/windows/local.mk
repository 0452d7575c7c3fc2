# The tests of the Windows port: they print TAP, and run under wine where this
# is another system.
check_LTLIBRARIES += %D%/libtap.la
%C%_libtap_la_SOURCES = %D%/tap.c %D%/tap.h

windows_tests = \
	%D%/check_win_arguments \
	%D%/check_win_base \
	%D%/check_win_command \
	%D%/check_win_daemon \
	%D%/check_win_exit \
	%D%/check_win_family \
	%D%/check_win_orphan \
	%D%/check_win_path \
	%D%/check_win_pidfile \
	%D%/check_win_random \
	%D%/check_win_rest \
	%D%/check_win_restart \
	%D%/check_win_sets \
	%D%/check_win_signals \
	%D%/check_win_story \
	%D%/check_win_stdio \
	%D%/check_win_task \
	%D%/check_win_tasks
%C%_check_win_arguments_SOURCES = %D%/check_win_arguments.c %D%/program.c \
	%D%/program.h
%C%_check_win_arguments_LDADD = -lshell32 $(LDADD)
%C%_check_win_command_SOURCES = %D%/check_win_command.c %D%/program.c \
	%D%/program.h
%C%_check_win_base_SOURCES = %D%/check_win_base.c
%C%_check_win_daemon_SOURCES = %D%/check_win_daemon.c %D%/order.c %D%/order.h
%C%_check_win_exit_SOURCES = %D%/check_win_exit.c
%C%_check_win_family_SOURCES = %D%/check_win_family.c %D%/order.c %D%/order.h \
	%D%/program.c %D%/program.h
%C%_check_win_orphan_SOURCES = %D%/check_win_orphan.c
%C%_check_win_path_SOURCES = %D%/check_win_path.c %D%/program.c %D%/program.h
%C%_check_win_pidfile_SOURCES = %D%/check_win_pidfile.c
%C%_check_win_random_SOURCES = %D%/check_win_random.c tests/scn/program.c \
	tests/scn/predict.c tests/scn/program.h tests/toolkit/say.h
%C%_check_win_rest_SOURCES = %D%/check_win_rest.c %D%/order.c %D%/order.h
%C%_check_win_restart_SOURCES = %D%/check_win_restart.c %D%/order.c \
	%D%/order.h %D%/program.c %D%/program.h
%C%_check_win_sets_SOURCES = %D%/check_win_sets.c %D%/order.c %D%/order.h
%C%_check_win_signals_SOURCES = %D%/check_win_signals.c
%C%_check_win_story_SOURCES = %D%/check_win_story.c %D%/order.c %D%/order.h
%C%_check_win_stdio_SOURCES = %D%/check_win_stdio.c %D%/program.c \
	%D%/program.h
%C%_check_win_task_SOURCES = %D%/check_win_task.c %D%/order.c %D%/order.h
%C%_check_win_tasks_SOURCES = %D%/check_win_tasks.c %D%/order.c %D%/order.h

# Two of them with the DLL, which has another C library's list of exit handlers
# at hand than a program has.
if SHARED
windows_tests += %D%/check_win_dll_exit %D%/check_win_dll_tasks
endif
# Linked without libtool, which would put a program of its own before them.
%C%_check_win_dll_exit_SOURCES = %D%/check_win_exit.c %D%/tap.c %D%/tap.h
%C%_check_win_dll_exit_CFLAGS = $(AM_CFLAGS)
%C%_check_win_dll_exit_LINK = $(link_with_dll)
%C%_check_win_dll_exit_LDADD = $(dll)
%C%_check_win_dll_exit_DEPENDENCIES = src/libproclc.la
%C%_check_win_dll_tasks_SOURCES = %D%/check_win_tasks.c %D%/order.c \
	%D%/order.h %D%/tap.c %D%/tap.h
%C%_check_win_dll_tasks_CFLAGS = $(AM_CFLAGS)
%C%_check_win_dll_tasks_LINK = $(link_with_dll)
%C%_check_win_dll_tasks_LDADD = $(dll)
%C%_check_win_dll_tasks_DEPENDENCIES = src/libproclc.la
link_with_dll = $(CC) $(CFLAGS) $(LDFLAGS) -static-libgcc -o $@
dll = src/.libs/libproclc.dll.a
# proclc(1), and the examples, of which one makes itself a daemon; portable.txt
# says why not the others.
windows_tests += %D%/check_win_tool %D%/check_win_examples
%C%_check_win_tool_SOURCES = %D%/check_win_tool.c
%C%_check_win_examples_SOURCES = %D%/check_win_examples.c
noinst_PROGRAMS += examples/daemon examples/loop examples/signals examples/task
examples_loop_SOURCES = examples/loop.c
examples_loop_LDADD = src/libproclc.la
examples_task_SOURCES = examples/task.c
examples_task_LDADD = src/libproclc.la
examples_daemon_SOURCES = examples/daemon.c
examples_daemon_LDADD = src/libproclc.la
examples_signals_SOURCES = examples/signals.c
examples_signals_LDADD = src/libproclc.la

check_PROGRAMS += $(windows_tests)
TESTS += $(windows_tests)

# The suites of the folder above that ask for nothing of POSIX, unchanged, by a
# frame with Check's names; portable.txt says which, and why not the others.
check_LTLIBRARIES += %D%/libsuite.la
%C%_libsuite_la_SOURCES = %D%/suite.c %D%/fixture.c %D%/check/check.h \
	%D%/check/signames.h %D%/tap.h
%C%_libsuite_la_CPPFLAGS = $(suite_cppflags)
suite_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/%D%/check
suite_libs = %D%/libsuite.la src/libproclc.la
portable_tests = \
	%D%/check_backoff \
	%D%/check_error \
	%D%/check_log \
	%D%/check_null \
	%D%/check_options \
	%D%/check_signal_names
%C%_check_backoff_SOURCES = tests/check_backoff.c
%C%_check_backoff_CPPFLAGS = $(suite_cppflags)
%C%_check_backoff_LDADD = $(suite_libs)
%C%_check_error_SOURCES = tests/check_error.c
%C%_check_error_CPPFLAGS = $(suite_cppflags)
%C%_check_error_LDADD = $(suite_libs) -lpthread
%C%_check_log_SOURCES = tests/check_log.c
%C%_check_log_CPPFLAGS = $(suite_cppflags)
%C%_check_log_LDADD = $(suite_libs)
%C%_check_null_SOURCES = tests/check_null.c
%C%_check_null_CPPFLAGS = $(suite_cppflags)
%C%_check_null_LDADD = $(suite_libs)
%C%_check_options_SOURCES = tests/check_options.c
%C%_check_options_CPPFLAGS = $(suite_cppflags)
%C%_check_options_LDADD = $(suite_libs)
%C%_check_signal_names_SOURCES = tests/check_signal_names.c
%C%_check_signal_names_CPPFLAGS = $(suite_cppflags)
%C%_check_signal_names_LDADD = $(suite_libs)
check_PROGRAMS += $(portable_tests)
TESTS += $(portable_tests)
LDADD += %D%/libtap.la src/libproclc.la

# The same names as elsewhere, and the same headers.
TESTS += tests/exports.sh tests/headers.sh tests/windows/portable.sh
EXTRA_DIST += tests/api.awk tests/exports.sh tests/headers.sh \
	%D%/portable.txt %D%/portable.sh

LOG_COMPILER = $(TEST_RUNNER)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
AM_LOG_DRIVER_FLAGS = --comments
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	WINEPATH='$(abs_top_builddir)/src/.libs'; export WINEPATH; \
	CC='$(CC)'; export CC; CXX='$(CXX)'; export CXX; NM='$(NM)'; export NM; \
	OBJDUMP='$(OBJDUMP)'; export OBJDUMP;
