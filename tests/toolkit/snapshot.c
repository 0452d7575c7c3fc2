/*
 * Snapshots of a process.
 *
 * Each fact is a line of text with a kind; two snapshots differ where one
 * has a line that the other has not.  So whatever is told is readable, and
 * there is one comparison for all.
 */
#define _GNU_SOURCE 1

#include "snapshot.h"
#include "facts.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	unsigned kind;
	char text[256];
};

struct snapshot {
	struct line *lines;
	size_t count;
	size_t room;
};

static pid_t reaper;

void
snapshot_set_reaper(pid_t pid)
{
	reaper = pid;
}

void
snapshot_add(struct snapshot *self, unsigned kind, const char *format, ...)
{
	struct line *line;
	va_list args;

	if (self->count == self->room) {
		self->room = self->room * 2 + 128;
		line = realloc(self->lines, self->room * sizeof(*line));
		if (line == NULL)
			abort();
		self->lines = line;
	}
	line = &self->lines[self->count++];
	line->kind = kind;
	va_start(args, format);
	vsnprintf(line->text, sizeof(line->text), format, args);
	va_end(args);
}

struct snapshot *
snapshot_take(const char *dir)
{
	struct snapshot *self = calloc(1, sizeof(*self));

	if (self == NULL)
		abort();
	facts_take_fds(self);
	facts_take_threads(self);
	facts_take_processes(self, reaper);
	facts_take_signals(self);
	facts_take_place(self);
	facts_take_session(self);
	facts_take_timers(self);
	if (dir != NULL)
		facts_take_files(self, dir);
	return self;
}

void
snapshot_free(struct snapshot *self)
{
	if (self == NULL)
		return;
	free(self->lines);
	free(self);
}

void
snapshot_ignore(struct snapshot *self, unsigned kinds, const char *prefix)
{
	size_t i, kept = 0;

	for (i = 0; i < self->count; i++) {
		const struct line *line = &self->lines[i];

		if ((line->kind & kinds) != 0 || (prefix != NULL &&
		    strncmp(line->text, prefix, strlen(prefix)) == 0))
			continue;
		self->lines[kept++] = *line;
	}
	self->count = kept;
}

static bool
has(const struct snapshot *self, const char *text)
{
	size_t i;

	for (i = 0; i < self->count; i++)
		if (strcmp(self->lines[i].text, text) == 0)
			return true;
	return false;
}

/* Appends the lines of one that the other lacks: their kinds. */
static unsigned
append_missing(const struct snapshot *one, const struct snapshot *other,
    unsigned without, const char *label, char *buf, size_t size)
{
	unsigned kinds = 0;
	size_t i;

	for (i = 0; i < one->count; i++) {
		size_t used = strlen(buf);

		if ((one->lines[i].kind & without) != 0 ||
		    has(other, one->lines[i].text))
			continue;
		kinds |= one->lines[i].kind;
		snprintf(buf + used, size - used, "%s: %s\n", label,
		    one->lines[i].text);
	}
	return kinds;
}

unsigned
snapshot_diff(const struct snapshot *before, const struct snapshot *after,
    char *buf, size_t size)
{
	buf[0] = '\0';
	/* an earlier test's stray may well end by now */
	return append_missing(after, before, 0, "new", buf, size) |
	    append_missing(before, after, TOOLKIT_STRAYS, "gone", buf, size);
}
