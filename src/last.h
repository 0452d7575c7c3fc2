/* last.h - when the program's last thread has gone (floor 2). */
#ifndef PCL_LAST_H
#define PCL_LAST_H

/* Once in each thread: its end is to be noticed. */
void
pcl_last_note(void);

#endif
