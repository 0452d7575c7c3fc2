/*
 * Many trees that are stopped at once: what is looked at for one of them is
 * looked at for all, so that the time does not grow with their number.
 */
#define _GNU_SOURCE 1

#include "trees.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdatomic.h>

enum { TREES = 30 };

static _Atomic int looks;	/* at all processes */

/* The library looks by it, where there is no control group. */
__attribute__((visibility("default")))
DIR *
opendir(const char *path)
{
	DIR *(*next)(const char *);

	*(void **)&next = dlsym(RTLD_NEXT, "opendir");
	atomic_fetch_add(&looks, strcmp(path, "/proc") == 0);
	return next(path);
}

static struct proclc_task *trees[TREES];

static void
start_trees(enum tree_kind kind)
{
	struct tree_shape shape = { .kind = kind, .depth = 2,
	    .detached = true, .deaf = kind == DEAF };
	int i;

	for (i = 0; i < TREES; i++)
		trees[i] = tree_start(&shape, PROCLC_START_FORK, 0);
}

START_TEST(shutdown_of_many_trees_looks_as_often_as_for_one)
{
	enum tree_kind kind = _i % 2 == 0 ? DEAF : POLITE;
	int64_t grace = kind == DEAF ? PROCLC_NOW : task_bound();
	int i, before;

	if (!tree_begin(false))
		return;
	start_trees(kind);
	before = atomic_load(&looks);
	ck_assert_int_eq(_i < 2 ? proclc_shutdown_all(grace) :
	    proclc_shutdown_set(trees, TREES, grace), kind == DEAF ? TREES : 0);
	before = atomic_load(&looks) - before;
	ck_assert_int_ge(before, 1);
	ck_assert_int_lt(before, TREES);
	tree_expect_gone();
	for (i = 0; i < TREES; i++)
		proclc_task_free(trees[i]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("tree_many");
	TCase *tcase = tcase_create("tree_many");

	tcase_add_checked_fixture(tcase, tree_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    shutdown_of_many_trees_looks_as_often_as_for_one, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
