/* parent.c - parents that are big, or have a lot open. */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "parent.h"

/* Memory that was written, a page of the usual size at a time. */
const char *
parent_fill(size_t mb)
{
	size_t size = (size_t)((double)mb * bench_share * 1048576);
	int64_t free_kb = 0;
	char line[128], *memory;
	FILE *file = fopen("/proc/meminfo", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "MemAvailable: %" SCNd64, &free_kb) == 1)
			break;
	if (file != NULL)
		fclose(file);
	if (free_kb / 1024 < 2 * (int64_t)mb)
		return "so much memory is refused here";
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return "so much memory is refused here";
	madvise(memory, size, MADV_NOHUGEPAGE);
	memset(memory, 1, size);
	return NULL;
}

const char *
parent_open(int n)
{
	struct rlimit limit;
	int fd = -1;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (fd < n - 1) {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return "so many descriptors are refused here";
	}
	return NULL;
}
