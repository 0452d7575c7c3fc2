/* Things for check_toolkit.c to plant: each changes one fact and back. */
#ifndef TOOLKIT_PLANTS_H
#define TOOLKIT_PLANTS_H

struct plant {
	void (*plant)(void);
	void (*undo)(void);
	unsigned kind;       /* as which it is to be seen */
	const char *line;    /* part of the text that says so */
};

extern const struct plant plants[];
extern const int plant_count;

/* Open around every use of a plant. */
void plant_open_pipes(void);
void plant_close_pipes(void);

void plant_fd(void);

/* Two threads at most; undo_thread() ends all. */
void plant_thread(void);
void plant_library_thread(void);
void undo_thread(void);

/* 'b' to a planted thread: blocks USR1 and answers 'b'. */
void plant_tell_thread(char order);
char plant_hear_thread(void);

#endif
