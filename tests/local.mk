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
	%D%/toolkit/await.h \
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
	%D%/toolkit/say.h \
	%D%/toolkit/scn.h \
	%D%/toolkit/snapshot.c \
	%D%/toolkit/snapshot.h \
	%D%/toolkit/toolkit.h
%C%_libtoolkit_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_libtoolkit_la_LIBADD = %D%/libsystem.la

# --- scenario programs -------------------------------------------------------

# What tests and scenarios ask of the kernel beyond POSIX, and what scenarios
# that obey a test have in common.
check_LTLIBRARIES += %D%/libkernel.la %D%/libscript.la
%C%_libkernel_la_SOURCES = %D%/kernel.h
nodist_%C%_libkernel_la_SOURCES = %D%/kernel-@TEST_OS@.c
%C%_libkernel_la_CFLAGS = $(WARN_CFLAGS)
EXTRA_DIST += %D%/backend.h %D%/kernel-linux.c %D%/kernel-posix.c
%C%_libscript_la_SOURCES = %D%/scn/script.c %D%/scn/script.h
%C%_libscript_la_LIBADD = %D%/libkernel.la

# They do in a process of their own what a test must not do in its own (exit,
# daemonize, change handlers), and link the library alone.
scenarios = \
	%D%/scn/atexit \
	%D%/scn/daemon \
	%D%/scn/dispatch \
	%D%/scn/echo \
	%D%/scn/handover \
	%D%/scn/pidfile \
	%D%/scn/signals \
	%D%/scn/slow \
	%D%/scn/start
%C%_scn_echo_LDADD =
%C%_scn_echo_SOURCES = %D%/scn/echo.c
%C%_scn_start_LDADD =
%C%_scn_start_SOURCES = %D%/scn/start.c
%C%_scn_dispatch_LDADD = $(script_libs)
%C%_scn_dispatch_SOURCES = %D%/scn/dispatch.c %D%/scn/objects.c %D%/scn/objects.h
%C%_scn_signals_LDADD = $(script_libs)
%C%_scn_signals_SOURCES = %D%/scn/signals.c %D%/scn/objects.c %D%/scn/objects.h
%C%_scn_handover_LDADD = $(script_libs)
%C%_scn_handover_SOURCES = %D%/scn/handover.c
%C%_scn_slow_LDADD = %D%/libkernel.la $(script_libs)
%C%_scn_slow_SOURCES = %D%/scn/slow.c
%C%_scn_pidfile_LDADD = $(script_libs)
%C%_scn_pidfile_SOURCES = %D%/scn/pidfile.c
%C%_scn_atexit_LDADD = %D%/libkernel.la $(script_libs)
%C%_scn_atexit_SOURCES = %D%/scn/atexit.c $(exits)
exits = %D%/scn/exits.c %D%/scn/exits.h %D%/scn/objects.c %D%/scn/objects.h
%C%_scn_daemon_LDADD = $(script_libs)
%C%_scn_daemon_SOURCES = %D%/scn/daemon.c %D%/scn/state.c %D%/scn/state.h \
	$(exits)
script_libs = %D%/libscript.la %D%/libsystem.la src/libproclc.la \
	$(PTHREAD_LIBS)
check_PROGRAMS += $(scenarios)

# A parent and its child, and a system that refuses some calls.
family_scenarios = \
	%D%/scn/crowd \
	%D%/scn/orphan \
	%D%/scn/refuse \
	%D%/scn/tasks
%C%_scn_crowd_SOURCES = %D%/scn/crowd.c
%C%_scn_crowd_LDADD = src/libproclc.la $(PTHREAD_LIBS)
%C%_scn_orphan_SOURCES = %D%/scn/orphan.c %D%/scn/posture.c \
	%D%/scn/posture.h %D%/settle.h
%C%_scn_orphan_LDADD = %D%/libkernel.la %D%/libsystem.la src/libproclc.la \
	$(PTHREAD_LIBS)
%C%_scn_refuse_SOURCES = %D%/scn/refuse.c
%C%_scn_refuse_LDADD =
%C%_scn_tasks_SOURCES = %D%/scn/tasks.c %D%/scn/posture.c \
	%D%/scn/posture.h %D%/settle.h
%C%_scn_tasks_LDADD = %D%/libkernel.la %D%/libsystem.la src/libproclc.la \
	$(PTHREAD_LIBS)
check_PROGRAMS += $(family_scenarios)

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
	%D%/check_atexit \
	%D%/check_atexit_fork \
	%D%/check_atexit_install \
	%D%/check_atexit_options \
	%D%/check_atexit_signals \
	%D%/check_crash \
	%D%/check_daemon \
	%D%/check_daemon_failed \
	%D%/check_daemon_fds \
	%D%/check_daemon_foreground \
	%D%/check_daemon_logs \
	%D%/check_daemon_moved \
	%D%/check_daemon_options \
	%D%/check_daemon_ready \
	%D%/check_daemon_refused \
	%D%/check_daemon_undone \
	%D%/check_daemon_user \
	%D%/check_dispatch \
	%D%/check_dispatch_manual \
	%D%/check_error \
	%D%/check_fixture \
	%D%/check_fork \
	%D%/check_fork_units \
	%D%/check_full_disk \
	%D%/check_isolate \
	%D%/check_log \
	%D%/check_lost \
	%D%/check_null \
	%D%/check_options \
	%D%/check_pidfile \
	%D%/check_pidfile_exec \
	%D%/check_pidfile_race \
	%D%/check_pidfile_removal \
	%D%/check_pidfile_safety \
	%D%/check_scenario \
	%D%/check_send \
	%D%/check_send_content \
	%D%/check_signal_names \
	%D%/check_signals \
	%D%/check_signals_delivery \
	%D%/check_signals_fork \
	%D%/check_sigwait \
	%D%/check_unlocked \
	%D%/check_stop \
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
%C%_check_error_SOURCES = %D%/check_error.c
%C%_check_error_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_error_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_options_SOURCES = %D%/check_options.c
%C%_check_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_options_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_fork_SOURCES = %D%/check_fork.c
%C%_check_fork_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fork_LDADD = %D%/libkernel.la $(unit_libs)
%C%_check_fork_units_SOURCES = %D%/check_fork_units.c
%C%_check_fork_units_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fork_units_LDADD = %D%/libkernel.la $(unit_libs)
%C%_check_dispatch_SOURCES = %D%/check_dispatch.c
%C%_check_dispatch_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_dispatch_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_dispatch_manual_SOURCES = %D%/check_dispatch_manual.c
%C%_check_dispatch_manual_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_dispatch_manual_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_signals_SOURCES = %D%/check_signals.c
%C%_check_signals_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_signals_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_signals_delivery_SOURCES = %D%/check_signals_delivery.c
%C%_check_signals_delivery_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_signals_delivery_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_lost_SOURCES = %D%/check_lost.c
%C%_check_lost_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_lost_LDADD = $(check_libs)
%C%_check_sigwait_SOURCES = %D%/check_sigwait.c %D%/letters.h %D%/settle.h
%C%_check_sigwait_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sigwait_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_unlocked_SOURCES = %D%/check_unlocked.c
%C%_check_unlocked_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_unlocked_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_signals_fork_SOURCES = %D%/check_signals_fork.c
%C%_check_signals_fork_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_signals_fork_LDADD = %D%/libkernel.la $(check_libs)

# The watch of the parent, and tasks.
family_tests = \
	%D%/check_child \
	%D%/check_closed \
	%D%/check_descent \
	%D%/check_exits \
	%D%/check_firing \
	%D%/check_gone \
	%D%/check_loop \
	%D%/check_loop_child \
	%D%/check_on_exit \
	%D%/check_orphan \
	%D%/check_orphan_fd \
	%D%/check_parent \
	%D%/check_shutdown \
	%D%/check_start \
	%D%/check_task \
	%D%/check_wait \
	%D%/check_watch
family_sources = %D%/family.c %D%/family.h
watch_headers = %D%/watches.h %D%/letters.h %D%/settle.h
task_headers = %D%/tasks.h %D%/letters.h %D%/settle.h
%C%_check_child_SOURCES = %D%/check_child.c $(task_headers)
%C%_check_child_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_child_LDADD = $(check_libs)
%C%_check_closed_SOURCES = %D%/check_closed.c %D%/parents.h
%C%_check_closed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_closed_LDADD = $(check_libs)
%C%_check_descent_SOURCES = %D%/check_descent.c $(task_headers)
%C%_check_descent_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_descent_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_exits_SOURCES = %D%/check_exits.c %D%/parents.h %D%/settle.h
%C%_check_exits_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_exits_LDADD = $(check_libs)
%C%_check_firing_SOURCES = %D%/check_firing.c $(watch_headers)
%C%_check_firing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_firing_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_gone_SOURCES = %D%/check_gone.c %D%/parents.h %D%/settle.h
%C%_check_gone_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_gone_LDADD = $(check_libs)
%C%_check_loop_SOURCES = %D%/check_loop.c $(task_headers)
%C%_check_loop_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_loop_LDADD = $(check_libs)
%C%_check_loop_child_SOURCES = %D%/check_loop_child.c $(task_headers)
%C%_check_loop_child_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_loop_child_LDADD = $(check_libs)
%C%_check_on_exit_SOURCES = %D%/check_on_exit.c $(task_headers)
%C%_check_on_exit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_on_exit_LDADD = $(check_libs)
%C%_check_orphan_fd_SOURCES = %D%/check_orphan_fd.c %D%/settle.h
%C%_check_orphan_fd_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_orphan_fd_LDADD = $(check_libs)
%C%_check_orphan_SOURCES = %D%/check_orphan.c $(watch_headers)
%C%_check_orphan_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_orphan_LDADD = $(check_libs)
%C%_check_parent_SOURCES = %D%/check_parent.c $(family_sources)
%C%_check_parent_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_parent_LDADD = $(check_libs)
%C%_check_shutdown_SOURCES = %D%/check_shutdown.c $(task_headers) %D%/births.h
%C%_check_shutdown_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_shutdown_LDADD = $(check_libs)
%C%_check_start_SOURCES = %D%/check_start.c $(task_headers) %D%/births.h
%C%_check_start_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_start_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_task_SOURCES = %D%/check_task.c $(task_headers)
%C%_check_task_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_task_LDADD = $(check_libs)
%C%_check_wait_SOURCES = %D%/check_wait.c $(task_headers)
%C%_check_wait_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_wait_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_watch_SOURCES = %D%/check_watch.c $(family_sources)
%C%_check_watch_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_watch_LDADD = $(check_libs)
check_tests += $(family_tests)
%C%_check_pidfile_SOURCES = %D%/check_pidfile.c
%C%_check_pidfile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pidfile_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_pidfile_exec_SOURCES = %D%/check_pidfile_exec.c
%C%_check_pidfile_exec_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pidfile_exec_LDADD = $(check_libs)
%C%_check_pidfile_safety_SOURCES = %D%/check_pidfile_safety.c
%C%_check_pidfile_safety_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pidfile_safety_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_pidfile_race_SOURCES = %D%/check_pidfile_race.c
%C%_check_pidfile_race_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pidfile_race_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_atexit_SOURCES = %D%/check_atexit.c
%C%_check_atexit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_atexit_LDADD = $(check_libs)
%C%_check_atexit_fork_SOURCES = %D%/check_atexit_fork.c
%C%_check_atexit_fork_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_atexit_fork_LDADD = $(check_libs)
%C%_check_atexit_install_SOURCES = %D%/check_atexit_install.c
%C%_check_atexit_install_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_atexit_install_LDADD = $(check_libs)
%C%_check_crash_SOURCES = %D%/check_crash.c %D%/settle.h
%C%_check_crash_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_crash_LDADD = $(check_libs)
%C%_check_atexit_options_SOURCES = %D%/check_atexit_options.c
%C%_check_atexit_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_atexit_options_LDADD = $(check_libs)
%C%_check_atexit_signals_SOURCES = %D%/check_atexit_signals.c
%C%_check_atexit_signals_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_atexit_signals_LDADD = $(check_libs)
%C%_check_signal_names_SOURCES = %D%/check_signal_names.c %D%/posix/signames.h
%C%_check_signal_names_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%/posix
%C%_check_signal_names_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_signal_names_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_send_SOURCES = %D%/check_send.c
%C%_check_send_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_send_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_stop_SOURCES = %D%/check_stop.c
%C%_check_stop_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_stop_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_send_content_SOURCES = %D%/check_send_content.c
%C%_check_send_content_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_send_content_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_pidfile_removal_SOURCES = %D%/check_pidfile_removal.c
%C%_check_pidfile_removal_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pidfile_removal_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_daemon_SOURCES = %D%/check_daemon.c %D%/daemons.h
%C%_check_daemon_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_LDADD = $(check_libs)
%C%_check_daemon_moved_SOURCES = %D%/check_daemon_moved.c %D%/daemons.h
%C%_check_daemon_moved_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_moved_LDADD = $(check_libs)
%C%_check_daemon_ready_SOURCES = %D%/check_daemon_ready.c %D%/daemons.h
%C%_check_daemon_ready_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_ready_LDADD = $(check_libs)
%C%_check_daemon_refused_SOURCES = %D%/check_daemon_refused.c %D%/daemons.h
%C%_check_daemon_refused_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_refused_LDADD = $(check_libs)
%C%_check_daemon_failed_SOURCES = %D%/check_daemon_failed.c %D%/daemons.h
%C%_check_daemon_failed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_failed_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_daemon_logs_SOURCES = %D%/check_daemon_logs.c %D%/daemons.h
%C%_check_daemon_logs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_logs_LDADD = $(check_libs)
%C%_check_daemon_options_SOURCES = %D%/check_daemon_options.c %D%/daemons.h
%C%_check_daemon_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_options_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_daemon_user_SOURCES = %D%/check_daemon_user.c %D%/daemons.h
%C%_check_daemon_user_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_user_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_daemon_foreground_SOURCES = %D%/check_daemon_foreground.c \
	%D%/daemons.h %D%/settle.h
%C%_check_daemon_foreground_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_foreground_LDADD = $(check_libs)
%C%_check_daemon_undone_SOURCES = %D%/check_daemon_undone.c %D%/daemons.h
%C%_check_daemon_undone_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_undone_LDADD = $(check_libs)
%C%_check_daemon_fds_SOURCES = %D%/check_daemon_fds.c %D%/daemons.h
%C%_check_daemon_fds_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_daemon_fds_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_null_SOURCES = %D%/check_null.c
%C%_check_null_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_null_LDADD = $(check_libs)
%C%_check_log_SOURCES = %D%/check_log.c
%C%_check_log_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_log_LDADD = %D%/libkernel.la $(unit_libs)
%C%_check_full_disk_SOURCES = %D%/check_full_disk.c
%C%_check_full_disk_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_full_disk_LDADD = %D%/libkernel.la $(check_libs)

include tests/delivery.mk
include tests/tasks.mk
include tests/restart.mk
include tests/commands.mk
include tests/tools.mk
include tests/first.mk

if HAVE_CHECK
check_LTLIBRARIES += %D%/libtoolkit.la
check_PROGRAMS += $(check_tests)
TESTS += $(check_tests)
endif

# --- shell tests -------------------------------------------------------------

shell_tests = \
	%D%/ancestors.sh \
	%D%/bench.sh \
	%D%/comments.sh \
	%D%/covered.sh \
	%D%/examples.sh \
	%D%/exports.sh \
	%D%/floors.sh \
	%D%/guide.sh \
	%D%/headers.sh \
	%D%/manpages.sh \
	%D%/manprograms.sh \
	%D%/models.sh \
	%D%/packages.sh \
	%D%/prefork.sh \
	%D%/promises.sh \
	%D%/programs.sh \
	%D%/recipes.sh \
	%D%/seccomp.sh \
	%D%/story.sh \
	%D%/style.sh \
	%D%/texts.sh \
	%D%/tool.sh \
	%D%/usage.sh \
	%D%/version.sh \
	%D%/windows/portable.sh
TESTS += $(shell_tests)
# What no suite notices when it is broken: see HACKING.
EXTRA_DIST += %D%/mutate/mutants.awk %D%/mutate/run.sh %D%/mutate/suites.txt \
	%D%/windows/rounds.sh
mutate:
	nice -n 15 $(SHELL) $(top_srcdir)/%D%/mutate/run.sh -n "$${N-30}" \
	  -s "$${SEED-1}"

PHONY += mutate

EXTRA_DIST += $(shell_tests) %D%/windows/portable.txt %D%/api.awk %D%/floors.txt %D%/sanitizer.sh \
	%D%/tarball.sh

# A sanitizer's report from a grandchild reaches no exit status, only its log
# file: after all programs, no such file may be there.
if WITH_SANITIZER
TESTS += %D%/sanitizer.sh
%D%/sanitizer.log: $(check_tests:=.log)
endif

# --- how they are run --------------------------------------------------------

SH_LOG_COMPILER = $(SHELL)
# isolate bounds the time, too: "make check LOG_COMPILER=" runs without it.
LOG_COMPILER = $(abs_top_builddir)/%D%/isolate$(EXEEXT)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
# Not --ignore-exit: a crash after the last result must not get lost.
AM_LOG_DRIVER_FLAGS = --comments

sanlog = $(abs_top_builddir)/%D%/sanlog
# Long ones: make check CK_EXCLUDE_TAGS=
AM_TESTS_ENVIRONMENT = \
	CK_EXCLUDE_TAGS="$${CK_EXCLUDE_TAGS-long}"; export CK_EXCLUDE_TAGS; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	PROCLC_TEST_BUILDDIR='$(abs_top_builddir)/%D%'; \
	export PROCLC_TEST_BUILDDIR; \
	PROCLC_TEST_BACKENDS=' bare=@OS_BARE@ exec=@OS_EXEC@ \
	exithook=@OS_EXITHOOK@ fds=@OS_FDS@ \
	group=@OS_GROUP@ \
	job=@OS_JOB@ share=@OS_SHARE@ tree=@OS_TREE@ \
	identity=@OS_IDENTITY@ lock=@OS_LOCK@ process=@OS_PROCESS@ \
	ready=@OS_READY@ steer=@OS_STEER@ threads=@OS_THREADS@ '; \
	export PROCLC_TEST_BACKENDS; \
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
	TSAN_OPTIONS="atexit_sleep_ms=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:log_exe_name=1:log_path=$(sanlog)/tsan:$$TSAN_OPTIONS"; \
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
