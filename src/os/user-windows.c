/* user-windows.c - a process stays who it is: to be somebody else needs his
 * password here. */
#include <config.h>

#include "os/os.h"

int
pcl_os_user_find(const char *user, const char *group,
    struct pcl_os_user **out)
{
	(void)user;
	(void)group;
	(void)out;
	return PROCLC_ENOTSUP;
}

void
pcl_os_user_free(struct pcl_os_user *user)
{
	(void)user;
}

char **
pcl_os_user_variables(struct pcl_os_user *user)
{
	(void)user;
	return NULL;
}

int
pcl_os_user_own(const struct pcl_os_user *user, intptr_t file)
{
	(void)user;
	(void)file;
	return PROCLC_ENOTSUP;
}

int
pcl_os_user_become(const struct pcl_os_user *user)
{
	(void)user;
	return PROCLC_ENOTSUP;
}
