/* What cannot be had in a build with a sanitizer. */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "../toolkit/fixture.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* They are there in such a build only. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

void
sanitized_prepare(void)
{
	const char *options = getenv("ASAN_OPTIONS");
	char text[1024];

	snprintf(text, sizeof(text), "%s:detect_leaks=0",
	    options == NULL ? "" : options);
	setenv("ASAN_OPTIONS", text, 1);
}

bool
sanitized_memory(void)
{
	return __asan_init != NULL || __tsan_init != NULL;
}
