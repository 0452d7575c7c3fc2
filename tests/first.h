/*
 * The library's first public headers without their comments: what the oldest
 * program was compiled with.  Never edited: first.sh compares them with
 * today's, check_first and scn/first are programs of that time.
 */
#ifndef PROCLC_BASE_H
#define PROCLC_BASE_H
#include <stddef.h>
#include <stdint.h>
#if defined __GNUC__
#define PROCLC_API __attribute__((__visibility__("default")))
#define PROCLC_NORETURN __attribute__((__noreturn__))
#else
#define PROCLC_API
#define PROCLC_NORETURN
#endif
#ifdef __cplusplus
#define PROCLC_BEGIN extern "C" {
#define PROCLC_END }
#else
#define PROCLC_BEGIN
#define PROCLC_END
#endif
typedef int proclc_waitable;
enum { PROCLC_FOREVER = -1, PROCLC_NOW = -2 };
#endif
#ifndef PROCLC_ERROR_H
#define PROCLC_ERROR_H
#include <errno.h>
PROCLC_BEGIN
enum proclc_error {
	PROCLC_OK = 0,
	PROCLC_EPERM = -EPERM,
	PROCLC_ENOENT = -ENOENT,
	PROCLC_ESRCH = -ESRCH,
	PROCLC_EINTR = -EINTR,
	PROCLC_EIO = -EIO,
	PROCLC_E2BIG = -E2BIG,
	PROCLC_ENOEXEC = -ENOEXEC,
	PROCLC_EBADF = -EBADF,
	PROCLC_ECHILD = -ECHILD,
	PROCLC_EAGAIN = -EAGAIN,
	PROCLC_ENOMEM = -ENOMEM,
	PROCLC_EACCES = -EACCES,
	PROCLC_EBUSY = -EBUSY,
	PROCLC_EEXIST = -EEXIST,
	PROCLC_ENOTDIR = -ENOTDIR,
	PROCLC_EISDIR = -EISDIR,
	PROCLC_EINVAL = -EINVAL,
	PROCLC_ENFILE = -ENFILE,
	PROCLC_EMFILE = -EMFILE,
	PROCLC_EFBIG = -EFBIG,
	PROCLC_ENOSPC = -ENOSPC,
	PROCLC_EROFS = -EROFS,
	PROCLC_EPIPE = -EPIPE,
	PROCLC_ERANGE = -ERANGE,
	PROCLC_EDEADLK = -EDEADLK,
	PROCLC_ENAMETOOLONG = -ENAMETOOLONG,
	PROCLC_ENOSYS = -ENOSYS,
	PROCLC_ELOOP = -ELOOP,
	PROCLC_ENOTSUP = -ENOTSUP,
	PROCLC_ETIMEDOUT = -ETIMEDOUT,
	PROCLC_EALREADY = -EALREADY,
	PROCLC_EORPHANED = -20000,
	PROCLC_ERUNNING = -20001,
	PROCLC_ESTARTING = -20002,
	PROCLC_ENOTRUNNING = -20003,
	PROCLC_EUNLOCKED = -20004,
	PROCLC_EMALFORMED = -20005,
	PROCLC_EUNSAFE = -20006,
	PROCLC_ESTARTFAILED = -20007,
	PROCLC_ENOTOWNER = -20008,
	PROCLC_ESIGNAL = -20009,
	PROCLC_ETHREADS = -20010,
	PROCLC_ETASKS = -20011,
	PROCLC_ECALLBACK = -20012,
	PROCLC_EENDING = -20013
};
enum proclc_stage {
	PROCLC_STAGE_NONE = 0,
	PROCLC_STAGE_ARGUMENTS,
	PROCLC_STAGE_MEMORY,
	PROCLC_STAGE_THREAD,
	PROCLC_STAGE_SIGNAL,
	PROCLC_STAGE_DIRECTORY,
	PROCLC_STAGE_OPEN,
	PROCLC_STAGE_CHECK,
	PROCLC_STAGE_LOCK,
	PROCLC_STAGE_READ,
	PROCLC_STAGE_WRITE,
	PROCLC_STAGE_REMOVE,
	PROCLC_STAGE_PIPE,
	PROCLC_STAGE_FORK,
	PROCLC_STAGE_SESSION,
	PROCLC_STAGE_CHDIR,
	PROCLC_STAGE_REDIRECT,
	PROCLC_STAGE_DESCRIPTORS,
	PROCLC_STAGE_WAIT,
	PROCLC_STAGE_READY,
	PROCLC_STAGE_INIT,
	PROCLC_STAGE_PARENT
};
struct proclc_error_detail {
	uint32_t size;
	int32_t code;
	int32_t os_error;
	int32_t stage;
	int64_t pid;
};
PROCLC_API const char *
proclc_strerror(int code);
PROCLC_API const char *
proclc_error_name(int code);
PROCLC_API const char *
proclc_errmsg(void);
PROCLC_API int
proclc_error_detail(struct proclc_error_detail *detail);
PROCLC_API void
proclc_set_log(void (*fn)(const char *line, void *user), void *user);
PROCLC_END
#endif
#ifndef PROCLC_DISPATCH_H
#define PROCLC_DISPATCH_H
PROCLC_BEGIN
enum proclc_dispatch_mode {
	PROCLC_DISPATCH_THREAD = 1,
	PROCLC_DISPATCH_MANUAL = 2,
	PROCLC_NO_THREADS = 4
};
PROCLC_API int
proclc_set_dispatch_mode(unsigned mode);
PROCLC_API proclc_waitable
proclc_dispatch_fd(void);
PROCLC_API int
proclc_dispatch(int64_t timeout_ms);
PROCLC_END
#endif
#ifndef PROCLC_SIGNALS_H
#define PROCLC_SIGNALS_H
#include <signal.h>
PROCLC_BEGIN
enum proclc_signum {
#ifdef SIGHUP
	PROCLC_SIGHUP = SIGHUP,
#else
	PROCLC_SIGHUP = 1,
#endif
	PROCLC_SIGINT = SIGINT,
#ifdef SIGQUIT
	PROCLC_SIGQUIT = SIGQUIT,
#else
	PROCLC_SIGQUIT = 3,
#endif
	PROCLC_SIGABRT = SIGABRT,
#ifdef SIGKILL
	PROCLC_SIGKILL = SIGKILL,
#else
	PROCLC_SIGKILL = 9,
#endif
#ifdef SIGUSR1
	PROCLC_SIGUSR1 = SIGUSR1,
	PROCLC_SIGUSR2 = SIGUSR2,
#else
	PROCLC_SIGUSR1 = 16,
	PROCLC_SIGUSR2 = 17,
#endif
	PROCLC_SIGTERM = SIGTERM
};
PROCLC_API int
proclc_send(const char *pid_file, int signum);
PROCLC_API int
proclc_ping(const char *pid_file);
struct proclc_stop_options {
	uint32_t size;
	int32_t signum;
	int64_t grace_ms;
	int64_t kill_wait_ms;
};
#define PROCLC_STOP_OPTIONS_INIT \
	{ sizeof(struct proclc_stop_options), 0, 0, 0 }
PROCLC_API int
proclc_stop(const char *pid_file, const struct proclc_stop_options *options);
PROCLC_API int
proclc_signal_number(const char *name);
PROCLC_API const char *
proclc_signal_name(int signum);
struct proclc_signal_event {
	uint32_t size;
	int32_t signum;
	int64_t pid;
	uint32_t uid;
	uint32_t reserved;
};
struct proclc_sighandler;
PROCLC_API int
proclc_sighandler_new(struct proclc_sighandler **handler,
    const char *pid_file);
PROCLC_API int
proclc_sighandler_set(struct proclc_sighandler *handler, int signum,
    void (*fn)(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user), void *user);
PROCLC_API void
proclc_signal_ignore(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
#define PROCLC_SIGNAL_IGNORE proclc_signal_ignore
PROCLC_API void
proclc_signal_default(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
#define PROCLC_SIGNAL_DEFAULT proclc_signal_default
PROCLC_API int
proclc_sighandler_start(struct proclc_sighandler *handler);
PROCLC_API int
proclc_sighandler_stop(struct proclc_sighandler *handler);
PROCLC_API void
proclc_sighandler_free(struct proclc_sighandler *handler);
PROCLC_END
#endif
#ifndef PROCLC_ATEXIT_H
#define PROCLC_ATEXIT_H
PROCLC_BEGIN
enum proclc_exit_kind {
	PROCLC_EXIT_NORMAL = 1,
	PROCLC_EXIT_CALL,
	PROCLC_EXIT_EXPLICIT,
	PROCLC_EXIT_SIGNAL,
	PROCLC_EXIT_ORPHANED
};
enum { PROCLC_CODE_UNKNOWN = -1 };
struct proclc_exit_cause {
	uint32_t size;
	int32_t kind;
	int32_t code;
	int32_t signum;
};
enum proclc_atexit_flags {
	PROCLC_ATEXIT_SHARED = 1
};
struct proclc_atexit_options {
	uint32_t size;
	uint32_t flags;
	const int *signals;
	size_t n_signals;
	int64_t deadline_ms;
};
#define PROCLC_ATEXIT_OPTIONS_INIT \
	{ sizeof(struct proclc_atexit_options), 0, NULL, 0, 0 }
PROCLC_API int
proclc_atexit_install(const struct proclc_atexit_options *options);
PROCLC_API int
proclc_atexit_uninstall(void);
PROCLC_API int
proclc_atexit_register(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user, unsigned flags);
PROCLC_API int
proclc_atexit_unregister(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user);
PROCLC_API int
proclc_atexit_cancel(int token);
PROCLC_API PROCLC_NORETURN void
proclc_exit(int code);
PROCLC_API PROCLC_NORETURN void
proclc_atexit_run(int code);
PROCLC_END
#endif
#ifndef PROCLC_VERSION_H
#define PROCLC_VERSION_H
PROCLC_BEGIN
#define PROCLC_VERSION "0.1.0"
#define PROCLC_VERSION_MAJOR 0
#define PROCLC_VERSION_MINOR 1
#define PROCLC_VERSION_PATCH 0
PROCLC_API const char *
proclc_version(void);
PROCLC_END
#endif
#include "firstunits.h"
