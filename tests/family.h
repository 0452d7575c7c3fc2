/*
 * A parent and its child (tests/scn/orphan) in a test, which adopts the child
 * when the parent has ended.
 *
 *	struct family f;
 *
 *	if (!family_arm(&f, way, STEPS("lives", "exit-told", "arm")))
 *		return;     it has said why
 *	family_kill_parent(&f);
 *	scenario_expect(&f.s, "exit 5 143 15");
 *	family_expect_end(&f, 0, SIGTERM);
 */
#ifndef FAMILY_H
#define FAMILY_H

#include "backend.h"
#include "toolkit/toolkit.h"

enum { FAMILY_WORDS = 10 };

typedef const char *const family_words[FAMILY_WORDS];

#define STEPS(...) ((family_words){ __VA_ARGS__ })

/* 0: as things are here; then as on an older kernel, and under a filter. */
enum { FAMILY_WAYS = 3 };

struct family {
	struct scenario s;     /* the parent; the child has its pipes, too */
	pid_t child;
	char backend[16];     /* what a started watch has said, or "" */
};

/* The fixture's setup, which makes this process adopt orphans. */
void family_setup(void);

/* Words: what the parent is like, and the child's steps; until the child's
 * number is known.  false: not to be had here, and skipped. */
bool family_start(struct family *f, int way, family_words words);

/* The same, until the child is through with its steps. */
bool family_arm(struct family *f, int way, family_words words);

void family_kill_parent(struct family *f);

/* The child answers, and does so still a moment later. */
void family_expect_alive(struct family *f);

/* The next line comes within ms. */
void family_expect_within(struct family *f, const char *line, int ms);

/* An orphan has ended within ms (0: 10 s), with waitpid()'s status. */
void family_expect_status(pid_t pid, int ms, int expected);

/* So has the child, and the parent was killed, and nobody says any more. */
void family_expect_end(struct family *f, int ms, int expected);

#endif
