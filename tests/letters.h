/*
 * A pipe of letters: what callbacks, threads and children have come to, in
 * the order in which they did.
 *
 *	letters_open();
 *	proclc_orphan_add_callback(watch, fn, letter_name('a'));
 *	...                               fn: letter_put(*(char *)user)
 *	ck_assert_int_eq(letter_get(0), 'a');
 *	letters_close();
 */
#ifndef LETTERS_H
#define LETTERS_H

#include "backend.h"
#include "toolkit/os.h"
#include "toolkit/toolkit.h"

#include <stdlib.h>
#include <unistd.h>

static int letters[2] = { -1, -1 };

static inline void
letters_open(void)
{
	ck_assert_int_eq(os_pipe(letters), 0);
}

/* In a child that has closed nothing, too. */
static inline void
letter_put(char letter)
{
	if (write(letters[1], &letter, 1) != 1)
		abort();
}

/* The next one; 0 when none comes within ms (0: 10 s). */
static inline int
letter_get(int ms)
{
	char letter = 0;

	if (fd_readable_within(letters[0], ms))
		ck_assert_int_eq(read(letters[0], &letter, 1), 1);
	return letter;
}

/* The next ones are these, and for a moment there are no others. */
static inline void
letters_expect(const char *expected)
{
	for (; *expected != '\0'; expected++)
		ck_assert_int_eq(letter_get(0), *expected);
	ck_assert_int_eq(letter_get(30), 0);
}

static inline void
letters_close(void)
{
	close(letters[0]);
	close(letters[1]);
}

/* The library's threads may stay, with their descriptors; where they have no
 * names they look like others. */
static inline void
letters_expect_library(void)
{
	toolkit_expect(TOOLKIT_LIBRARY_THREADS | TOOLKIT_FDS |
	    (backend_is("threads", "proc") ? 0 : TOOLKIT_THREADS));
}

/* A letter as what is given back to a callback. */
static inline void *
letter_name(char letter)
{
	static char names[128];

	names[(int)letter] = letter;
	return &names[(int)letter];
}

#endif
