# The manual: one mdoc page a unit.  Each function of a page is found by its
# own name too, through a link; tests/manpages.sh compares both lists with the
# headers.
dist_man_MANS += \
	%D%/proclc.1 \
	%D%/proclc.7 \
	%D%/proclc_atexit.3 \
	%D%/proclc_command.3 \
	%D%/proclc_daemon.3 \
	%D%/proclc_dispatch.3 \
	%D%/proclc_error.3 \
	%D%/proclc_notify.3 \
	%D%/proclc_orphan.3 \
	%D%/proclc_pidfile.3 \
	%D%/proclc_restart.3 \
	%D%/proclc_signals.3 \
	%D%/proclc_subprocess.3 \
	%D%/proclc_version.3

# page:alias
MLINKS = \
	proclc_atexit.3:proclc_atexit_install.3 \
	proclc_atexit.3:proclc_atexit_uninstall.3 \
	proclc_atexit.3:proclc_atexit_register.3 \
	proclc_atexit.3:proclc_atexit_unregister.3 \
	proclc_atexit.3:proclc_atexit_cancel.3 \
	proclc_atexit.3:proclc_crash_thread.3 \
	proclc_atexit.3:proclc_exit.3 \
	proclc_atexit.3:proclc_atexit_run.3 \
	proclc_command.3:proclc_command_new.3 \
	proclc_command.3:proclc_command_fd.3 \
	proclc_command.3:proclc_command_close.3 \
	proclc_command.3:proclc_command_talk.3 \
	proclc_daemon.3:proclc_daemonize.3 \
	proclc_daemon.3:proclc_daemon_fork.3 \
	proclc_daemon.3:proclc_daemon_launcher_exit.3 \
	proclc_daemon.3:proclc_daemon_ready.3 \
	proclc_daemon.3:proclc_daemon_fail.3 \
	proclc_daemon.3:proclc_daemon_args.3 \
	proclc_daemon.3:proclc_daemon_is_setup.3 \
	proclc_daemon.3:proclc_daemon_reopen_logs.3 \
	proclc_dispatch.3:proclc_dispatch_fd.3 \
	proclc_dispatch.3:proclc_set_dispatch_mode.3 \
	proclc_dispatch.3:proclc_set_dispatch_stack.3 \
	proclc_error.3:proclc_strerror.3 \
	proclc_error.3:proclc_error_name.3 \
	proclc_error.3:proclc_errmsg.3 \
	proclc_error.3:proclc_error_detail.3 \
	proclc_error.3:proclc_set_log.3 \
	proclc_notify.3:proclc_notify_barrier.3 \
	proclc_notify.3:proclc_notify_ping.3 \
	proclc_notify.3:proclc_notify_ready.3 \
	proclc_notify.3:proclc_notify_ready_fd.3 \
	proclc_notify.3:proclc_notify_reloading.3 \
	proclc_notify.3:proclc_notify_status.3 \
	proclc_notify.3:proclc_notify_stopping.3 \
	proclc_notify.3:proclc_notify_take.3 \
	proclc_notify.3:proclc_notify_watchdog.3 \
	proclc_orphan.3:proclc_exit_when_orphaned.3 \
	proclc_orphan.3:proclc_orphan_new.3 \
	proclc_orphan.3:proclc_orphan_add_callback.3 \
	proclc_orphan.3:proclc_orphan_start.3 \
	proclc_orphan.3:proclc_orphan_stop.3 \
	proclc_orphan.3:proclc_orphan_free.3 \
	proclc_orphan.3:proclc_orphan_backend.3 \
	proclc_orphan.3:proclc_orphan_status.3 \
	proclc_orphan.3:proclc_orphan_fd.3 \
	proclc_pidfile.3:proclc_pidfile_open.3 \
	proclc_pidfile.3:proclc_pidfile_write.3 \
	proclc_pidfile.3:proclc_pidfile_remove.3 \
	proclc_pidfile.3:proclc_pidfile_adopt.3 \
	proclc_pidfile.3:proclc_pidfile_close.3 \
	proclc_pidfile.3:proclc_pidfile_keep_over_exec.3 \
	proclc_pidfile.3:proclc_pidfile_status.3 \
	proclc_restart.3:proclc_task_state.3 \
	proclc_restart.3:proclc_task_restarts.3 \
	proclc_restart.3:proclc_task_on_change.3 \
	proclc_signals.3:proclc_send.3 \
	proclc_signals.3:proclc_ping.3 \
	proclc_signals.3:proclc_stop.3 \
	proclc_signals.3:proclc_signal_number.3 \
	proclc_signals.3:proclc_signal_name.3 \
	proclc_signals.3:proclc_sighandler_new.3 \
	proclc_signals.3:proclc_sighandler_set.3 \
	proclc_signals.3:proclc_sighandler_start.3 \
	proclc_signals.3:proclc_sighandler_wait.3 \
	proclc_signals.3:proclc_sighandler_fd.3 \
	proclc_signals.3:proclc_sighandler_stop.3 \
	proclc_signals.3:proclc_sighandler_free.3 \
	proclc_signals.3:proclc_signal_ignore.3 \
	proclc_signals.3:proclc_signal_wait.3 \
	proclc_signals.3:proclc_signal_default.3 \
	proclc_subprocess.3:proclc_task_new.3 \
	proclc_subprocess.3:proclc_loop_new.3 \
	proclc_subprocess.3:proclc_task_start.3 \
	proclc_subprocess.3:proclc_start_all.3 \
	proclc_subprocess.3:proclc_task_wait.3 \
	proclc_subprocess.3:proclc_wait_any.3 \
	proclc_subprocess.3:proclc_wait_all.3 \
	proclc_subprocess.3:proclc_task_shutdown.3 \
	proclc_subprocess.3:proclc_shutdown_set.3 \
	proclc_subprocess.3:proclc_shutdown_all.3 \
	proclc_subprocess.3:proclc_shutdown_descendants.3 \
	proclc_subprocess.3:proclc_shutdown_strays.3 \
	proclc_subprocess.3:proclc_task_kill.3 \
	proclc_subprocess.3:proclc_task_status.3 \
	proclc_subprocess.3:proclc_task_pid.3 \
	proclc_subprocess.3:proclc_task_on_exit.3 \
	proclc_subprocess.3:proclc_task_fd.3 \
	proclc_subprocess.3:proclc_task_result.3 \
	proclc_subprocess.3:proclc_task_detach.3 \
	proclc_subprocess.3:proclc_task_free.3 \
	proclc_subprocess.3:proclc_task_self.3 \
	proclc_subprocess.3:proclc_task_result_set.3 \
	proclc_subprocess.3:proclc_stop_requested.3 \
	proclc_subprocess.3:proclc_stop_fd.3 \
	proclc_subprocess.3:proclc_reap_strays.3 \
	proclc_subprocess.3:proclc_register.3 \
	proclc_subprocess.3:proclc_register_loop.3 \
	proclc_subprocess.3:proclc_init.3

install-data-hook:
	@for link in $(MLINKS); do \
		page=$${link%%:*}; alias=$${link#*:}; sect=$${page##*.}; \
		dir="$(DESTDIR)$(mandir)/man$$sect"; \
		(cd "$$dir" && rm -f "$$alias" && $(LN_S) "$$page" "$$alias") \
			|| exit 1; \
	done

uninstall-hook:
	@for link in $(MLINKS); do \
		alias=$${link#*:}; sect=$${alias##*.}; \
		rm -f "$(DESTDIR)$(mandir)/man$$sect/$$alias"; \
	done
