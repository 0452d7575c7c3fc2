/* Pid files: one who opens or removes one waits before each of its calls,
 * until another has opened it, removed it, let go of it, or died. */
#define _GNU_SOURCE 1

#include "widened.h"
#include "../backend.h"

#include <stdio.h>
#include <unistd.h>

static struct scenario slow, other;
static char path[1000];

static const struct {
	const char *rule;
	bool locked;     /* by then */
	bool sampled;
} moments[] = {
	{ "openat:1:60000=x", false, true },
	{ "openat:2:60000=x", false, true },
	{ "fcntl.OFD_SETLK:1:60000=x", false, true },
	{ "newfstatat:1:60000=x", true, true },
	{ "ftruncate:1:60000=x", true, false },
	{ "pwrite64:1:60000=x", true, true },
	{ "fcntl.SETLK:1:60000=x", true, false },
};

/* What the other one has done before, and does now.  Then it holds the file,
 * or not. */
static const struct {
	bool held;
	const char *does;     /* when it holds it; NULL: it dies */
	bool holds;
} moves[] = {
	{ false, "", true },
	{ false, "close b", false },
	{ false, "remove b", false },
	{ true, "close b", false },
	{ true, "remove b", false },
	{ true, NULL, false },
};

enum {
	MOMENTS = sizeof(moments) / sizeof(moments[0]),
	MOVES = sizeof(moves) / sizeof(moves[0]),
};

static void
begin(const char *rule)
{
	char inject[1024], program[1024];

	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "scn/pidfile");
	scenario_start(&slow, inject, "delay", rule, "--", program, NULL);
	scenario_start(&other, "pidfile", NULL);
}

/* Until it has ended, or has said all that it has to say. */
static bool
has_answered(struct scenario *s)
{
	return strstr(scenario_stdout(s), "write ") != NULL;
}

static long
pid_of(struct scenario *s)
{
	scenario_send(s, "pid");
	return scenario_expect_number(s, "pid ");
}

static void
hold(struct scenario *s, const char *file)
{
	scenario_send(s, "open %s %s;write %s", file, path, file);
	scenario_expect(s, "open 0");
	scenario_expect(s, "write 0");
}

static void
leave(struct scenario *s)
{
	if (scenario_ended(s))
		return;
	scenario_send(s, "return");
	scenario_expect_exit(s, 0);
}

/* The other one moves, and all goes well for it: nobody has the lock. */
static void
move_freely(int move)
{
	if (!moves[move].held)
		hold(&other, "b");
	if (moves[move].does == NULL) {
		scenario_signal(&other, SIGKILL);
		scenario_expect_killed(&other, SIGKILL);
		return;
	}
	scenario_send(&other, "%s", moves[move].does);
	if (strncmp(moves[move].does, "close", 5) == 0)
		scenario_expect(&other, "closed");
	else if (moves[move].does[0] != '\0')
		scenario_expect(&other, "remove 0");
}

/* It is refused, and has done nothing to the file. */
static void
move_in_vain(void)
{
	char line[200];

	scenario_send(&other, "open b %s", path);
	ck_assert(scenario_read_line(&other, line, sizeof(line), 10000));
	ck_assert_msg(strcmp(line, "open PROCLC_ESTARTING") == 0 ||
	    strcmp(line, "open PROCLC_ERUNNING") == 0, "%s", line);
}

/* Who waited is refused, or holds the file and is named by it. */
static void
judge(bool refused, long self)
{
	scenario_expect(&slow, refused ? "open PROCLC_ERUNNING" : "open 0");
	scenario_expect(&slow, refused ? "write PROCLC_EINVAL" : "write 0");
	if (refused)
		self = pid_of(&other);
	scenario_send(&slow, "status %s", path);
	scenario_expect(&slow, "status %ld", self);
}

START_TEST(open_beside_one_who_moves_has_one_holder)
{
	int moment = _i / MOVES, move = _i % MOVES;
	bool vain = moments[moment].locked;
	long self;

	/* Who has the lock has it, whatever the other one would do then. */
	if ((vain && move != 0) || (!sweep_all() &&
	    !moments[moment].sampled))
		return;
	if (skip_without("lock", "ofd") || widened_skip())
		return;
	begin(moments[moment].rule);
	self = pid_of(&slow);
	if (moves[move].held)
		hold(&other, "b");
	scenario_send(&slow, "open a %s;write a", path);
	if (widened_met(&slow, has_answered)) {
		if (vain)
			move_in_vain();
		else
			move_freely(move);
		widened_go_on(&slow);
		judge(!vain && moves[move].holds, self);
	} else {
		dprintf(1, "# not met: %s, move %d\n", moments[moment].rule,
		    move);
	}
	leave(&slow);
	leave(&other);
}
END_TEST

/* What the one who removes it finds there may be another's. */
static void
put_another(void)
{
	char from[1010];
	FILE *file;

	snprintf(from, sizeof(from), "%s.new", path);
	file = fopen(from, "w");
	ck_assert_ptr_nonnull(file);
	fputs("1\n", file);
	fclose(file);
	ck_assert_int_eq(rename(from, path), 0);
}

static const char *const removals[] = {
	"newfstatat:2:60000=x", "unlinkat:1:60000=x",
};

START_TEST(remove_beside_one_who_opens_is_a_removal_by_the_holder)
{
	if (skip_without("lock", "ofd") || widened_skip())
		return;
	begin(removals[_i]);
	hold(&slow, "a");
	scenario_send(&slow, "remove a");
	ck_assert_msg(widened_met(&slow, NULL), "%s", scenario_stderr(&slow));
	scenario_send(&other, "open b %s", path);
	scenario_expect(&other, "open PROCLC_ERUNNING");
	widened_go_on(&slow);
	scenario_expect(&slow, "remove 0");
	ck_assert(!file_exists(path));
	leave(&slow);
	leave(&other);
}
END_TEST

START_TEST(remove_leaves_the_file_that_another_has_put_there)
{
	char text[100];

	if (skip_without("lock", "ofd") || widened_skip())
		return;
	begin(removals[0]);
	hold(&slow, "a");
	scenario_send(&slow, "remove a");
	ck_assert_msg(widened_met(&slow, NULL), "%s", scenario_stderr(&slow));
	put_another();
	widened_go_on(&slow);
	scenario_expect(&slow, "remove PROCLC_ENOENT");
	ck_assert_int_eq(file_read(path, text, sizeof(text)), 2);
	leave(&slow);
	leave(&other);
}
END_TEST

/* The opener waits between open and lock, and its file is another by then. */
START_TEST(open_takes_the_file_that_another_has_put_there)
{
	long self;

	if (skip_without("lock", "ofd") || widened_skip())
		return;
	begin("newfstatat:1:60000=x");
	self = pid_of(&slow);
	scenario_send(&slow, "open a %s;write a", path);
	ck_assert_msg(widened_met(&slow, NULL), "%s", scenario_stderr(&slow));
	put_another();
	widened_go_on(&slow);
	judge(false, self);
	leave(&slow);
	leave(&other);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("widened files");
	TCase *tc = tcase_create("widened files");

	tcase_add_checked_fixture(tc, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, open_beside_one_who_moves_has_one_holder, 0,
	    MOMENTS * MOVES);
	tcase_add_loop_test(tc,
	    remove_beside_one_who_opens_is_a_removal_by_the_holder, 0, 2);
	tcase_add_test(tc, remove_leaves_the_file_that_another_has_put_there);
	tcase_add_test(tc, open_takes_the_file_that_another_has_put_there);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
