/* What cannot be had in a build with a sanitizer. */
#ifndef TORTURE_SANITIZED_H
#define TORTURE_SANITIZED_H

#include <stdbool.h>

/* LeakSanitizer cannot work in a traced program: it is told not to. */
void sanitized_prepare(void);

/* AddressSanitizer has an allocator of its own, and lives on mmap. */
bool sanitized_memory(void);

#endif
