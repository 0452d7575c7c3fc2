/*
 * pidplace.c - a path resolved once, and handles known again.
 *
 * Promise: what happens to the current directory, or to the names of parent
 * directories, after the open does not matter; and a handle that the program
 * has closed, and whose number it uses for a file of its own, is left alone.
 */
#include "pidplace.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

bool
pcl_same_file(const struct pcl_os_file_id *a, const struct pcl_os_file_id *b)
{
	return a->device == b->device && a->file == b->file;
}

void
pcl_close_same(intptr_t *handle, const struct pcl_os_file_id *id)
{
	int rc = *handle == PCL_NONE ? 0 : pcl_os_file_is(*handle, id);

	/* To leave it open would leak it, to close whatever it is would harm
	 * the program: its files on a server that is gone do not tell. */
	if (rc > 0 || (rc < 0 && pcl_os_file_looks_ours(*handle)))
		pcl_os_close(*handle);
	*handle = PCL_NONE;
}

/* Open what stands before the last name. */
static int
open_dir(struct pcl_place *place)
{
	size_t length = (size_t)(place->name - place->path);
	char *dir;
	int rc;

	if (*place->name == '\0')
		return PROCLC_EISDIR;
	if (length == 0)
		return pcl_os_dir_open(".", &place->dir);
	dir = malloc(length + 1);
	if (dir == NULL)
		return PROCLC_ENOMEM;
	memcpy(dir, place->path, length);
	dir[length] = '\0';
	rc = pcl_os_dir_open(dir, &place->dir);
	free(dir);
	return rc;
}

int
pcl_place_open(struct pcl_place *place, const char *path)
{
	int rc;

	place->dir = PCL_NONE;
	place->path = malloc(strlen(path) + 1);
	if (place->path == NULL)
		return PROCLC_ENOMEM;
	memcpy(place->path, path, strlen(path) + 1);
	place->name = pcl_os_path_name(place->path);
	rc = open_dir(place);
	if (rc == 0)
		rc = pcl_os_dir_check(place->dir, &place->dir_id);
	if (rc < 0) {
		pcl_os_close(place->dir);
		free(place->path);
	}
	return rc;
}

void
pcl_place_close(struct pcl_place *place)
{
	pcl_close_same(&place->dir, &place->dir_id);
	free(place->path);
	place->path = NULL;
}

void
pcl_place_discard(const struct pcl_place *place, intptr_t *file)
{
	struct pcl_os_file_id id, at;
	char byte;

	if (pcl_os_lock_exclude(*file) == 0 &&
	    pcl_os_file_id(*file, &id) == 0 &&
	    pcl_os_file_id_at(place->dir, place->name, &at) == 0 &&
	    pcl_same_file(&id, &at) && pcl_os_file_read(*file, &byte, 1) == 0)
		pcl_os_file_remove(place->dir, place->name, file);
}
