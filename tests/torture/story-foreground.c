/* The story of a daemon that stays where it was started, in a child. */
#define _GNU_SOURCE 1

#include "mark.h"
#include "post.h"
#include "story.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* What the child tells of its calls. */
struct word {
	int rc;
	int code, stage;
	char call[40];
};

static char log_path[1100];

static void
tell(int to, const char *call, int rc)
{
	struct word word = { .rc = rc };
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	const char *p = (const char *)&word;
	size_t sent = 0;
	ssize_t n;

	proclc_error_detail(&detail);
	word.code = detail.code;
	word.stage = detail.stage;
	snprintf(word.call, sizeof(word.call), "%s", call);
	while (sent < sizeof(word)) {
		n = write(to, p + sent, sizeof(word) - sent);
		if (n > 0)
			sent += (size_t)n;
		else if (errno != EINTR)
			break;
	}
}

/* Only the first one is tortured. */
_Noreturn static void
be_foreground(int to, bool tortured)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	o.mode = PROCLC_DAEMON_FOREGROUND;
	o.pid_file = story_path;
	o.stdout_path = log_path;
	o.umask = 027 | PROCLC_UMASK_SET;
	if (tortured)
		torture_begin();
	rc = proclc_daemon_fork(&o);
	torture_end();
	tell(to, "proclc_daemon_fork", rc);
	if (tortured)
		torture_begin();
	if (rc == 0)
		rc = proclc_daemon_reopen_logs();
	torture_end();
	if (rc == 0)
		tell(to, "proclc_daemon_reopen_logs", rc);
	close(to);
	proclc_exit(0);
}

static void
repeat(const struct word *word)
{
	if (word->rc < 0 && (word->code != word->rc ||
	    word->stage == PROCLC_STAGE_NONE))
		post_fail("%s: %d, but the detail has %d at step %d",
		    word->call, word->rc, word->code, word->stage);
	post_before(word->call);
	post_spare_children();
	post_spare_cause();
	post_spare_detail();
	post_after(word->rc, STORY_LATE);
}

static void
hear_all(int from)
{
	struct word word;
	size_t got = 0;
	ssize_t n;

	while ((n = read(from, (char *)&word + got, sizeof(word) - got)) > 0 ||
	    (n < 0 && errno == EINTR)) {
		got += n > 0 ? (size_t)n : 0;
		if (got == sizeof(word)) {
			repeat(&word);
			got = 0;
		}
	}
}

void
story_foreground(void)
{
	static bool tortured = true;
	bool killed;
	int said[2], status = 0;
	struct stat st;
	pid_t pid;

	snprintf(log_path, sizeof(log_path), "%s.log", story_path);
	die_if(pipe(said) != 0, "pipe");
	/* The child is not to write it a second time. */
	fflush(stdout);
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0) {
		close(said[0]);
		be_foreground(said[1], tortured);
	}
	close(said[1]);
	hear_all(said[0]);
	close(said[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	killed = tortured && status == SIGKILL;
	tortured = false;
	/* The next one takes over what it has left. */
	if (killed)
		return;
	if (status != 0)
		post_fail("it ended with status %#x", (unsigned)status);
	/* One that could not remove its file has emptied it. */
	if (stat(story_path, &st) == 0 && st.st_size != 0)
		post_fail("the file is left");
	unlink(story_path);
	unlink(log_path);
}
