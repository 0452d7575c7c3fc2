/* The stories that story.c can tell. */
#ifndef TORTURE_STORY_H
#define TORTURE_STORY_H

/* Bounds in ms: what the headers say, and much for a loaded machine. */
enum { STORY_AT_ONCE = 5000, STORY_PATIENT = 5000, STORY_LATE = 6000 };

extern const char *story_path;

/* A call of the library, and what must hold after it. */
#define STORY_CALL(fn, bound, ...) \
	(post_before(#fn), post_after((int)fn(__VA_ARGS__), bound))

void story_stop(void);
void story_task(void);
void story_command(void);
void story_loop(void);
void story_restart(void);
void story_replaced(void);
void story_orphan(void);
void story_atexit(void);
void story_daemon(void);
void story_family(void);
void story_verbs(void);
void story_result(void);
void story_tree(void);
void story_descendants(void);
void story_stopfd(void);
void story_changes(void);
void story_manual(void);
void story_sigwait(void);
void story_watchfd(void);
void story_orphaned(void);
void story_adopt(void);
void story_foreground(void);
void story_strays(void);
void story_log(void);
void story_notify(void);

#endif
