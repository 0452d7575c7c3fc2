/* The blocks of memory that count and are not freed: for alloc.c. */
#ifndef TORTURE_BLOCKS_H
#define TORTURE_BLOCKS_H

void blocks_add(void *p);
void blocks_remove(void *p);
long blocks_count(void);

#endif
