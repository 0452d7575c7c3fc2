/* More of first.h: what watches, holds pid files, and forks. */
#ifndef PROCLC_ORPHAN_H
#define PROCLC_ORPHAN_H
PROCLC_BEGIN
PROCLC_API int
proclc_exit_when_orphaned(void);
struct proclc_orphan_options {
	uint32_t size;
	uint32_t flags;
	int64_t parent;
	int64_t pid;
	int32_t signum;
	uint32_t reserved;
	int64_t grace_ms;
	int64_t poll_interval_ms;
};
#define PROCLC_ORPHAN_OPTIONS_INIT \
	{ sizeof(struct proclc_orphan_options), 0, 0, 0, 0, 0, 0, 0 }
struct proclc_orphan;
PROCLC_API int
proclc_orphan_new(struct proclc_orphan **watch,
    const struct proclc_orphan_options *options);
PROCLC_API int
proclc_orphan_add_callback(struct proclc_orphan *watch,
    void (*fn)(struct proclc_orphan *watch, void *user), void *user);
PROCLC_API int
proclc_orphan_start(struct proclc_orphan *watch);
PROCLC_API int
proclc_orphan_stop(struct proclc_orphan *watch);
PROCLC_API void
proclc_orphan_free(struct proclc_orphan *watch);
PROCLC_API const char *
proclc_orphan_backend(const struct proclc_orphan *watch);
PROCLC_END
#endif
#ifndef PROCLC_PIDFILE_H
#define PROCLC_PIDFILE_H
PROCLC_BEGIN
struct proclc_pidfile;
struct proclc_pidfile_options {
	uint32_t size;
	uint32_t flags;
};
#define PROCLC_PIDFILE_OPTIONS_INIT { sizeof(struct proclc_pidfile_options), 0 }
PROCLC_API int
proclc_pidfile_open(struct proclc_pidfile **pidfile, const char *path,
    const struct proclc_pidfile_options *options);
PROCLC_API int
proclc_pidfile_write(struct proclc_pidfile *pidfile);
PROCLC_API int
proclc_pidfile_remove(struct proclc_pidfile *pidfile);
PROCLC_API void
proclc_pidfile_close(struct proclc_pidfile *pidfile);
PROCLC_API int
proclc_pidfile_status(const char *path, int64_t *pid);
PROCLC_END
#endif
#ifndef PROCLC_SUBPROCESS_H
#define PROCLC_SUBPROCESS_H
PROCLC_BEGIN
struct proclc_task;
struct proclc_task_ops {
	uint32_t size;
	const char *name;
	int (*init)(void *self, void *arg);
	int (*run)(void *self);
	void (*fini)(void *self);
};
struct proclc_loop_ops {
	uint32_t size;
	const char *name;
	int (*init)(void *self, void *arg);
	int (*begin)(void *self);
	int64_t (*loop)(void *self);
	void (*end)(void *self);
	void (*fini)(void *self);
};
enum { PROCLC_LOOP_AGAIN = -1, PROCLC_LOOP_STOP = -2 };
enum proclc_task_flags {
	PROCLC_TASK_WAIT_FOR_CHILD = 1,
	PROCLC_TASK_NO_WAIT_FOR_CHILD = 2,
	PROCLC_TASK_EXPLICIT_START = 4,
	PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN = 8
};
struct proclc_task_options {
	uint32_t size;
	uint32_t flags;
	void *arg;
};
#define PROCLC_TASK_OPTIONS_INIT \
	{ sizeof(struct proclc_task_options), 0, NULL }
enum proclc_status_kind {
	PROCLC_STATUS_NEW = 1,
	PROCLC_STATUS_RUNNING,
	PROCLC_STATUS_EXITED,
	PROCLC_STATUS_KILLED,
	PROCLC_STATUS_UNKNOWN
};
struct proclc_status {
	uint32_t size;
	int32_t kind;
	int32_t code;
	int32_t signum;
	int32_t core;
	int32_t reserved;
	int64_t user_us;
	int64_t system_us;
	int64_t max_rss_kb;
};
#define PROCLC_STATUS_INIT \
	{ sizeof(struct proclc_status), 0, 0, 0, 0, 0, 0, 0, 0 }
PROCLC_API int
proclc_task_new(struct proclc_task **task, const struct proclc_task_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options);
PROCLC_API int
proclc_loop_new(struct proclc_task **task, const struct proclc_loop_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options);
PROCLC_API int
proclc_task_start(struct proclc_task *task);
PROCLC_API int
proclc_task_wait(struct proclc_task *task, int64_t timeout_ms,
    struct proclc_status *status);
PROCLC_API int
proclc_task_shutdown(struct proclc_task *task, int64_t grace_ms,
    struct proclc_status *status);
PROCLC_API int
proclc_shutdown_all(int64_t grace_ms);
PROCLC_API int
proclc_task_kill(struct proclc_task *task, int signum);
PROCLC_API int
proclc_task_status(struct proclc_task *task, struct proclc_status *status);
PROCLC_API int64_t
proclc_task_pid(const struct proclc_task *task);
PROCLC_API int
proclc_task_on_exit(struct proclc_task *task,
    void (*fn)(struct proclc_task *task, const struct proclc_status *status,
    void *user), void *user);
PROCLC_API void
proclc_task_free(struct proclc_task *task);
PROCLC_API struct proclc_task *
proclc_task_self(void);
PROCLC_API int
proclc_stop_requested(void);
PROCLC_API proclc_waitable
proclc_stop_fd(void);
PROCLC_API int
proclc_register(const struct proclc_task_ops *ops);
PROCLC_API int
proclc_register_loop(const struct proclc_loop_ops *ops);
PROCLC_API int
proclc_init(int *argc, char ***argv);
PROCLC_END
#endif
#ifndef PROCLC_DAEMON_H
#define PROCLC_DAEMON_H
PROCLC_BEGIN
enum proclc_daemon_flags {
	PROCLC_DAEMON_ALLOW_THREADS = 1,
	PROCLC_DAEMON_WAIT_READY = 2
};
#define PROCLC_UMASK_SET 0x10000u
enum proclc_daemon_role {
	PROCLC_DAEMON_CHILD = 0,
	PROCLC_DAEMON_LAUNCHER = 1
};
struct proclc_daemon_options {
	uint32_t size;
	uint32_t flags;
	const char *pid_file;
	const char *chdir;
	const char *stdin_path;
	const char *stdout_path;
	const char *stderr_path;
	const int *keep_fds;
	size_t n_keep_fds;
	int64_t ready_timeout_ms;
	uint32_t umask;
	uint32_t reserved;
};
#define PROCLC_DAEMON_OPTIONS_INIT \
	{ sizeof(struct proclc_daemon_options), 0, NULL, NULL, NULL, NULL, \
	  NULL, NULL, 0, 0, 0, 0 }
PROCLC_API int
proclc_daemonize(const struct proclc_daemon_options *options);
PROCLC_API int
proclc_daemon_fork(const struct proclc_daemon_options *options);
PROCLC_API PROCLC_NORETURN void
proclc_daemon_launcher_exit(int status);
PROCLC_API int
proclc_daemon_ready(void);
PROCLC_API PROCLC_NORETURN void
proclc_daemon_fail(int code, const char *message);
PROCLC_END
#endif
