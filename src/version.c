/* version.c - which library a program runs with. */
#include <proclc/version.h>

const char *
proclc_version(void)
{
	return PROCLC_VERSION;
}
