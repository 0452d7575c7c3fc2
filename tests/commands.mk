# Commands: programs that are run and talked to; as in local.mk.

check_PROGRAMS += %D%/scn/runs %D%/scn/show
%C%_scn_runs_SOURCES = %D%/scn/runs.c %D%/scn/posture.c \
	%D%/scn/posture.h %D%/settle.h
%C%_scn_runs_LDADD = %D%/libkernel.la %D%/libsystem.la src/libproclc.la \
	$(PTHREAD_LIBS)
%C%_scn_show_SOURCES = %D%/scn/show.c
%C%_scn_show_LDADD = %D%/libsystem.la
# It shows what it was given, not what a sanitizer makes of that.
%C%_scn_show_CFLAGS = $(WARN_CFLAGS)
%C%_scn_show_LDFLAGS = -no-install

command_headers = %D%/commands.h $(task_headers)
command_tests = \
	%D%/check_command \
	%D%/check_command_beside \
	%D%/check_command_child \
	%D%/check_command_fds \
	%D%/check_command_file \
	%D%/check_command_parent \
	%D%/check_command_pipe \
	%D%/check_command_restart \
	%D%/check_command_stuck \
	%D%/check_command_talk \
	%D%/check_command_tree
%C%_check_command_SOURCES = %D%/check_command.c $(command_headers)
%C%_check_command_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_LDADD = $(check_libs)
%C%_check_command_child_SOURCES = %D%/check_command_child.c $(command_headers)
%C%_check_command_child_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_child_LDADD = $(check_libs)
%C%_check_command_fds_SOURCES = %D%/check_command_fds.c $(command_headers)
%C%_check_command_fds_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_fds_LDADD = $(check_libs)
%C%_check_command_file_SOURCES = %D%/check_command_file.c $(command_headers)
%C%_check_command_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_file_LDADD = $(check_libs)
%C%_check_command_talk_SOURCES = %D%/check_command_talk.c $(command_headers)
%C%_check_command_talk_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_talk_LDADD = $(check_libs)
%C%_check_command_pipe_SOURCES = %D%/check_command_pipe.c $(command_headers)
%C%_check_command_pipe_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_pipe_LDADD = $(check_libs)
%C%_check_command_parent_SOURCES = %D%/check_command_parent.c \
	$(command_headers)
%C%_check_command_parent_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_parent_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_command_restart_SOURCES = %D%/check_command_restart.c \
	$(command_headers) %D%/restarts.h %D%/ways.h
%C%_check_command_restart_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_restart_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_command_stuck_SOURCES = %D%/check_command_stuck.c \
	$(command_headers) %D%/restarts.h %D%/ways.h
%C%_check_command_stuck_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_stuck_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_command_beside_SOURCES = %D%/check_command_beside.c \
	$(command_headers)
%C%_check_command_beside_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_beside_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_command_tree_SOURCES = %D%/check_command_tree.c %D%/trees.h \
	$(spawn_headers)
%C%_check_command_tree_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_command_tree_LDADD = $(check_libs)
check_tests += $(command_tests)
