/*
 * close.c - to close all descriptors but some, as a daemon does.
 *
 * The function is none of the public ones.  The floor is one system call, to
 * which the number of descriptors is nothing.
 */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "os/os.h"

enum { CLOSE_RANGE = 436, KEPT = 64, MANY = 900 };

static int kept[KEPT];
static size_t n_kept;
static unsigned first;	/* all from this one on are to be closed */

/* What this process has must stay. */
static const char *
keep_all(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (dir == NULL)
		bench_libc(-1, "/proc/self/fd");
	while ((entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (*entry->d_name == '.' || fd == dirfd(dir))
			continue;
		if (n_kept == KEPT)
			bench_fatal("more than %d descriptors", KEPT);
		kept[n_kept++] = fd;
		if ((unsigned)fd >= first)
			first = (unsigned)fd + 1;
	}
	closedir(dir);
	return NULL;
}

static void
close_bare(void)
{
	bench_libc((int)syscall(CLOSE_RANGE, first, ~0U, 0), "close_range");
}

static void
close_ours(void)
{
	bench_proclc(pcl_os_close_others(kept, n_kept, 1024), "close others");
}

static void
close_by_list(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL)
		if (atoi(entry->d_name) >= (int)first &&
		    atoi(entry->d_name) != dirfd(dir))
			close(atoi(entry->d_name));
	closedir(dir);
}

static int64_t
close_often(void (*close_all)(void), unsigned n, int many)
{
	int64_t sum = 0, start;

	for (unsigned i = 0; i < n; i++) {
		for (int k = 0; k < many; k++)
			bench_libc(open("/dev/null", O_RDONLY | O_CLOEXEC),
			    "/dev/null");
		start = bench_now_ns();
		close_all();
		sum += bench_now_ns() - start;
		if (fcntl((int)first, F_GETFD) >= 0)
			bench_fatal("one is open");
	}
	return sum;
}

#define CASE(which) \
	static int64_t \
	run_##which##_few(unsigned n) \
	{ \
		return close_often(close_##which, n, 3); \
	} \
	static int64_t \
	run_##which##_many(unsigned n) \
	{ \
		return close_often(close_##which, n, MANY); \
	} \
	static const struct bench_case

CASE(bare)
bare_few = { "close_range", keep_all, NULL, run_bare_few, NULL },
bare_many = { "close_range", keep_all, NULL, run_bare_many, NULL };

CASE(by_list)
list_few = { "bare: /proc/self/fd", keep_all, NULL, run_by_list_few, NULL },
list_many = { "bare: /proc/self/fd", keep_all, NULL, run_by_list_many, NULL };

CASE(ours)
our_few = { "close others: 3 are", keep_all, NULL, run_ours_few, NULL },
our_many = { "close others: 900 are", keep_all, NULL, run_ours_many, NULL };

const struct bench_row rows_close[] = {
	{ "close", &bare_few, &our_few, 50, 0, BENCH_MEDIAN },
	{ "close", &bare_few, &list_few, 50, 0, BENCH_MEDIAN },
	{ "close", &bare_many, &our_many, 2, 1.1, BENCH_MEDIAN },
	{ "close", &bare_many, &list_many, 2, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
