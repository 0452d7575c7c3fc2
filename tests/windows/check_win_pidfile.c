/* check_win_pidfile.c - pid files: held by a lock, kept while they are held. */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

void
tap_begin(void)
{
}

/* Hold a pid file until the end of stdin, which never comes, or by a lock
 * alone, without a pid in it ("mute"). */
static int
hold(int argc, char **argv)
{
	struct proclc_pidfile *pf = NULL;
	char line[64];

	snprintf(line, sizeof(line), "%d",
	    proclc_pidfile_open(&pf, argv[0], NULL));
	if (pf != NULL && argc == 1 && proclc_pidfile_write(pf) < 0)
		return 1;
	tap_say(line);
	Sleep(INFINITE);
	return 0;
}

/* The way of an end that its holder chooses. */
static int
hold_and_leave(int argc, char **argv)
{
	struct proclc_pidfile *pf = NULL;

	(void)argc;
	if (proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_pidfile_write(pf) < 0)
		return 1;
	return proclc_pidfile_remove(pf) < 0 ? 2 : 0;
}

static struct tap_process
run_holder(const char *path)
{
	struct tap_process p = tap_run("hold", path, NULL);

	need(strcmp(tap_line(&p), "0") == 0);
	return p;
}

static void
the_text_is_the_pid_and_a_line_end(void)
{
	const char *path = tap_path("text");
	struct tap_process p = run_holder(path);
	char expected[32];

	snprintf(expected, sizeof(expected), "%lu\n", p.pid);
	need(strcmp(tap_text(path), expected) == 0);
	tap_kill(&p);
}

static void
a_second_starter_is_told_who_runs(void)
{
	const char *path = tap_path("second");
	struct tap_process p = run_holder(path);
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	struct proclc_pidfile *pf = NULL;
	char text[32], pid[32];

	snprintf(text, sizeof(text), "%s", tap_text(path));
	need_equal(proclc_pidfile_open(&pf, path, NULL), PROCLC_ERUNNING);
	need_equal(proclc_error_detail(&detail), 0);
	need_equal(detail.pid, p.pid);
	snprintf(pid, sizeof(pid), "pid %lu", p.pid);
	need(strstr(proclc_errmsg(), pid) != NULL);
	/* The loser has not touched it. */
	need(strcmp(tap_text(path), text) == 0);
	tap_kill(&p);
}

static void
one_that_is_held_cannot_be_deleted(void)
{
	const char *path = tap_path("kept");
	struct tap_process p = run_holder(path);

	need(!DeleteFileA(path));
	need_equal(GetLastError(), ERROR_SHARING_VIOLATION);
	tap_kill(&p);
	need(DeleteFileA(path));
}

static void
a_stale_one_is_taken_over(void)
{
	const char *path = tap_path("stale");
	struct tap_process p = run_holder(path);
	struct proclc_pidfile *pf = NULL;
	int64_t pid = 0;

	need_equal(proclc_pidfile_status(path, &pid), 0);
	need_equal(pid, p.pid);
	tap_kill(&p);
	need(tap_exists(path));
	need_equal(proclc_pidfile_status(path, &pid), PROCLC_ENOTRUNNING);
	need_equal(proclc_pidfile_open(&pf, path, NULL), 0);
	need_equal(proclc_pidfile_write(pf), 0);
	need_equal(atoi(tap_text(path)), (int)GetCurrentProcessId());
	need_equal(proclc_pidfile_status(path, &pid), 0);
	need_equal(pid, (int64_t)GetCurrentProcessId());
	need_equal(proclc_pidfile_remove(pf), 0);
	need(!tap_exists(path));
}

static void
its_owner_removes_it(void)
{
	const char *path = tap_path("removed");
	struct tap_process p = tap_run("hold_and_leave", path, NULL);

	need_equal(tap_end(&p), 0);
	need(!tap_exists(path));
	/* None that is there is none that is stale. */
	need_equal(proclc_pidfile_status(path, NULL), PROCLC_ENOENT);
}

static void
a_holder_without_a_pid_is_starting(void)
{
	const char *path = tap_path("mute");
	struct tap_process p = tap_run("hold", path, "mute", NULL);

	need(strcmp(tap_line(&p), "0") == 0);
	need_equal(proclc_pidfile_status(path, NULL), PROCLC_ESTARTING);
	tap_kill(&p);
	DeleteFileA(path);
}

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	need(file != NULL);
	fputs(text, file);
	fclose(file);
}

static void
what_is_no_pid_file_is_malformed(void)
{
	const char *path = tap_path("malformed");

	write_text(path, "12 34\n");
	need_equal(proclc_send(path, PROCLC_SIGTERM), PROCLC_EMALFORMED);
	write_text(path, "+12\n");
	need_equal(proclc_send(path, PROCLC_SIGTERM), PROCLC_EMALFORMED);
	DeleteFileA(path);
}

static void
the_pid_of_one_that_lives_and_does_not_hold_it_is_refused(void)
{
	const char *path = tap_path("unlocked");
	struct tap_process p = tap_run("wait", NULL);
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", p.pid);
	write_text(path, text);
	need_equal(proclc_send(path, PROCLC_SIGTERM), PROCLC_EUNLOCKED);
	tap_kill(&p);
	need_equal(proclc_send(path, PROCLC_SIGTERM), PROCLC_ENOTRUNNING);
	DeleteFileA(path);
}

static void
a_directory_is_refused(void)
{
	const char *path = tap_path("directory");
	struct proclc_pidfile *pf = NULL;

	need(CreateDirectoryA(path, NULL));
	need_equal(proclc_pidfile_open(&pf, path, NULL), PROCLC_EUNSAFE);
	need_equal(proclc_pidfile_status(path, NULL), PROCLC_EUNSAFE);
	need(RemoveDirectoryA(path));
	need_equal(proclc_pidfile_open(&pf, "C:\\not\\there\\at.all", NULL),
	    PROCLC_ENOENT);
}

static void
a_path_may_be_in_any_script(void)
{
	/* In UTF-8: "proclc", and a word in Greek. */
	static const char name[] = "proclc \xce\xb4\xce\xb1\xce\xaf.pid";
	static const wchar_t wide[] = L"proclc \x3b4\x3b1\x3af.pid";
	struct proclc_pidfile *pf = NULL;

	DeleteFileW(wide);
	need_equal(proclc_pidfile_open(&pf, name, NULL), 0);
	need(GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES);
	need_equal(proclc_pidfile_remove(pf), 0);
	need(GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES);
}

static int
wait_for_ever(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	Sleep(INFINITE);
	return 0;
}

/* Race for it; the winner keeps it until it is killed. */
static void
of_many_starters_one_wins(void)
{
	enum { RACERS = 8 };
	const char *path = tap_path("race");
	struct tap_process p[RACERS];
	int winners = 0, refused = 0;
	char word[32];

	snprintf(word, sizeof(word), "%d", PROCLC_ERUNNING);
	for (int i = 0; i < RACERS; i++)
		p[i] = tap_run("hold", path, NULL);
	for (int i = 0; i < RACERS; i++) {
		const char *line = tap_line(&p[i]);

		winners += strcmp(line, "0") == 0;
		refused += strcmp(line, word) == 0;
	}
	for (int i = 0; i < RACERS; i++)
		tap_kill(&p[i]);
	need_equal(winners, 1);
	need_equal(refused, RACERS - 1);
	DeleteFileA(path);
}

const struct tap_test tap_tests[] = {
	{ "the text is the pid and a line end",
	    the_text_is_the_pid_and_a_line_end },
	{ "a second starter is told who runs",
	    a_second_starter_is_told_who_runs },
	{ "one that is held cannot be deleted",
	    one_that_is_held_cannot_be_deleted },
	{ "a stale one is taken over", a_stale_one_is_taken_over },
	{ "its owner removes it", its_owner_removes_it },
	{ "a holder without a pid is starting",
	    a_holder_without_a_pid_is_starting },
	{ "what is no pid file is malformed",
	    what_is_no_pid_file_is_malformed },
	{ "the pid of one that lives and does not hold it is refused",
	    the_pid_of_one_that_lives_and_does_not_hold_it_is_refused },
	{ "a directory is refused", a_directory_is_refused },
	{ "a path may be in any script", a_path_may_be_in_any_script },
	{ "of many starters one wins", of_many_starters_one_wins },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "hold", hold },
	{ "hold_and_leave", hold_and_leave },
	{ "wait", wait_for_ever },
	{ NULL, NULL }
};
