/*
 * base.h - what every header of libproclc stands on.
 *
 * Included by the other headers; a program has no need to include it itself.
 */
#ifndef PROCLC_BASE_H
#define PROCLC_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined _WIN32
/* What a DLL exports is said when it is linked. */
#define PROCLC_API
#define PROCLC_NORETURN __declspec(noreturn)
#elif defined __GNUC__
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

/*
 * Something an event loop can wait for: a file descriptor to poll for
 * reading; on Windows a HANDLE, by its value.  Less than 0 it is an error.
 * The library keeps the ownership: wait for it, never read or close it.
 */
#ifdef _WIN32
typedef intptr_t proclc_waitable;
#else
typedef int proclc_waitable;
#endif

/* To give a umask of 0 its meaning: mask | PROCLC_UMASK_SET. */
#define PROCLC_UMASK_SET 0x10000u

/*
 * Times are int64_t milliseconds of the monotonic clock.  In an options
 * struct 0 means the documented default, so "not at all" and "without end"
 * have values of their own.  Calls that take a time directly know them too;
 * there 0 and PROCLC_NOW are the same.
 */
enum { PROCLC_FOREVER = -1, PROCLC_NOW = -2 };

#endif
