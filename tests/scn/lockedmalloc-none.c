/* Where malloc cannot be ours. */
#include "lockedmalloc.h"

bool
lockedmalloc_works(void)
{
	return false;
}

void
lockedmalloc_land(int signum)
{
	(void)signum;
}

int
lockedmalloc_landed(void)
{
	return 0;
}
