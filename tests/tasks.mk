# Tasks: sets of them, groups, descriptors, those that are given up, and new
# runs of the program; as in local.mk.

check_PROGRAMS += %D%/scn/kin
%C%_scn_kin_SOURCES = %D%/scn/kin.c %D%/scn/posture.c %D%/scn/posture.h \
	%D%/settle.h
%C%_scn_kin_LDADD = %D%/libkernel.la %D%/libsystem.la src/libproclc.la $(PTHREAD_LIBS)

spawn_headers = %D%/spawns.h $(task_headers)
task_tests = \
	%D%/check_descendants \
	%D%/check_detach \
	%D%/check_group \
	%D%/check_group_threads \
	%D%/check_shutdown_set \
	%D%/check_kin \
	%D%/check_respawn \
	%D%/check_result \
	%D%/check_result_torn \
	%D%/check_spawn \
	%D%/check_start_all \
	%D%/check_start_beside \
	%D%/check_strays \
	%D%/check_strays_tasks \
	%D%/check_task_fd \
	%D%/check_tree \
	%D%/check_tree_blind \
	%D%/check_tree_hostile \
	%D%/check_tree_many \
	%D%/check_waitset
%C%_check_descendants_SOURCES = %D%/check_descendants.c %D%/strays.h \
	$(spawn_headers)
%C%_check_descendants_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_descendants_LDADD = $(check_libs)
%C%_check_detach_SOURCES = %D%/check_detach.c $(task_headers) %D%/ways.h
%C%_check_detach_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_detach_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_group_SOURCES = %D%/check_group.c $(task_headers) %D%/births.h
%C%_check_group_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_group_LDADD = $(check_libs)
%C%_check_group_threads_SOURCES = %D%/check_group_threads.c $(task_headers)
%C%_check_group_threads_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_group_threads_LDADD = $(check_libs)
%C%_check_shutdown_set_SOURCES = %D%/check_shutdown_set.c $(task_headers)
%C%_check_shutdown_set_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_shutdown_set_LDADD = $(check_libs)
%C%_check_kin_SOURCES = %D%/check_kin.c
%C%_check_kin_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_kin_LDADD = $(check_libs)
%C%_check_respawn_SOURCES = %D%/check_respawn.c
%C%_check_respawn_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_respawn_LDADD = $(check_libs)
%C%_check_result_SOURCES = %D%/check_result.c %D%/results.h $(spawn_headers)
%C%_check_result_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_result_LDADD = $(check_libs)
%C%_check_result_torn_SOURCES = %D%/check_result_torn.c %D%/results.h \
	$(spawn_headers)
%C%_check_result_torn_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_result_torn_LDADD = $(check_libs)
%C%_check_spawn_SOURCES = %D%/check_spawn.c $(spawn_headers)
%C%_check_spawn_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_spawn_LDADD = $(check_libs)
%C%_check_start_all_SOURCES = %D%/check_start_all.c $(spawn_headers) \
	%D%/births.h
%C%_check_start_all_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_start_all_LDADD = $(check_libs) -ldl
%C%_check_start_beside_SOURCES = %D%/check_start_beside.c $(spawn_headers)
%C%_check_start_beside_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_start_beside_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_strays_SOURCES = %D%/check_strays.c %D%/strays.h $(spawn_headers)
%C%_check_strays_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_strays_LDADD = $(check_libs)
%C%_check_strays_tasks_SOURCES = %D%/check_strays_tasks.c %D%/settle.h \
	%D%/strays.h \
	$(spawn_headers)
%C%_check_strays_tasks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_strays_tasks_LDADD = $(check_libs)
%C%_check_task_fd_SOURCES = %D%/check_task_fd.c $(task_headers) %D%/ways.h
%C%_check_task_fd_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_task_fd_LDADD = %D%/libkernel.la $(check_libs)
%C%_check_tree_SOURCES = %D%/check_tree.c %D%/trees.h $(spawn_headers)
%C%_check_tree_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_tree_LDADD = $(check_libs)
%C%_check_tree_blind_SOURCES = %D%/check_tree_blind.c %D%/trees.h \
	$(spawn_headers)
%C%_check_tree_blind_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_tree_blind_LDADD = $(check_libs) -ldl
%C%_check_tree_hostile_SOURCES = %D%/check_tree_hostile.c %D%/trees.h \
	$(spawn_headers)
%C%_check_tree_hostile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_tree_hostile_LDADD = $(check_libs) -ldl
%C%_check_tree_many_SOURCES = %D%/check_tree_many.c %D%/trees.h \
	$(spawn_headers)
%C%_check_tree_many_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_tree_many_LDADD = $(check_libs) -ldl
%C%_check_waitset_SOURCES = %D%/check_waitset.c $(task_headers)
%C%_check_waitset_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_waitset_LDADD = %D%/libkernel.la $(check_libs)
check_tests += $(task_tests)
