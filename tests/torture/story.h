/* The stories that story.c can tell. */
#ifndef TORTURE_STORY_H
#define TORTURE_STORY_H

/* Bounds in ms: what the headers say, and much for a loaded machine. */
enum { STORY_AT_ONCE = 5000, STORY_PATIENT = 5000, STORY_LATE = 6000 };

extern const char *story_path;

void story_stop(void);
void story_task(void);
void story_command(void);
void story_loop(void);
void story_restart(void);
void story_replaced(void);
void story_orphan(void);
void story_atexit(void);
void story_daemon(void);

#endif
