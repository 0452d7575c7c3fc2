/* What a user of the installed library writes first. */
#include <proclc.h>

#include <stdio.h>
#include <string.h>

int
main(void)
{
	printf("%s\n", proclc_version());
	return strcmp(proclc_version(), PROCLC_VERSION) != 0;
}
