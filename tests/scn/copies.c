/*
 * copies PATH PATH
 *
 * Two copies of the library in one process, as plugins have them: this
 * program links neither.  Each installs and registers, the first one first.
 * Then SIGTERM ends it.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>

#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

struct copy {
	const char *name;
	__typeof__(proclc_atexit_install) *install;
	__typeof__(proclc_atexit_uninstall) *uninstall;
	__typeof__(proclc_atexit_register) *register_handler;
	__typeof__(proclc_error_name) *error_name;
};

static void
find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	die_if(found == NULL, name);
	memcpy(function, &found, sizeof(found));
}

static void
load(struct copy *copy, const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL) {
		say("refused %s", dlerror());
		_exit(77);
	}
	find(library, "proclc_atexit_install", &copy->install);
	find(library, "proclc_atexit_uninstall", &copy->uninstall);
	find(library, "proclc_atexit_register", &copy->register_handler);
	find(library, "proclc_error_name", &copy->error_name);
}

static void
called(void *user, const struct proclc_exit_cause *cause)
{
	const struct copy *copy = user;

	say("%s %d", copy->name, (int)cause->kind);
}

int
main(int argc, char **argv)
{
	static struct copy copies[2] = { { .name = "first" },
	    { .name = "second" } };
	struct copy *copy;

	die_if(argc != 3, "usage");
	load(&copies[0], argv[1]);
	load(&copies[1], argv[2]);
	die_if(copies[0].install == copies[1].install, "only one copy");
	for (copy = copies; copy < copies + 2; copy++) {
		die_if(copy->register_handler(called, copy, 0) <= 0,
		    "register");
		say("install %s", copy->error_name(copy->install(NULL)));
	}
	/* Whose it was may be given from one to the other. */
	say("uninstall %s", copies[1].error_name(copies[1].uninstall()));
	say("uninstall %s", copies[0].error_name(copies[0].uninstall()));
	say("install %s", copies[1].error_name(copies[1].install(NULL)));
	say("install %s", copies[0].error_name(copies[0].install(NULL)));
	kill(getpid(), SIGTERM);
	for (;;)
		pause();
}
