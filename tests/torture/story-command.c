/* The story of a program that is run, and talked to. */
#define _GNU_SOURCE 1

#include "story.h"
#include "post.h"

#include <proclc.h>

#include <stdlib.h>
#include <string.h>

static size_t heard;

static void
hear(const void *data, size_t n, void *user)
{
	(void)data;
	(void)user;
	heard += n;
}

/* Under torture the program may end otherwise, or say less; in peace not. */
static void
talk(struct proclc_task *task)
{
	static const char text[] = "some text";
	struct proclc_talk t = PROCLC_TALK_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	int rc;

	heard = 0;
	t.in = text;
	t.in_size = sizeof(text);
	t.out = t.err = hear;
	/* One that fails half-way has closed what is done with. */
	rc = proclc_command_talk(task, &t, 2000);
	proclc_error_detail(&detail);
	if (rc < 0 && (rc != detail.code || detail.stage == 0))
		post_fail("talk: %d, and the detail has %d", rc, detail.code);
	if (rc == 0 && proclc_task_status(task, &status) == 0 &&
	    status.kind == PROCLC_STATUS_EXITED && status.code == 0 &&
	    heard != sizeof(text))
		post_say("cat has said %d bytes", (int)heard);
}

void
story_command(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	const struct proclc_pass pass = { 2, 5 };
	char name[] = "cat", *argv[] = { name, NULL };
	struct proclc_task *task = NULL;
	int rc;

	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
	o.fds = &pass;
	o.n_fds = 1;
	o.chdir = "/";
	o.umask = 022 | PROCLC_UMASK_SET;
	/* No directory that this user may not search: that would be told. */
	setenv("PATH", "/usr/bin:/bin", 1);
	post_before("proclc_command_new");
	rc = post_after(proclc_command_new(&task, argv, &o), STORY_LATE);
	if (rc < 0)
		return;
	talk(task);
	proclc_task_free(task);
}
