/* What is to be done to which system call. */
#define _GNU_SOURCE 1

#include "rules.h"
#include "errnos.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct {
	const char *name;
	enum action action;
	const char *fields;  /* after CALL: k K[+], e ERRNO, m MS */
} actions[] = {
	{ "fail", ACTION_FAIL, "ke" },
	{ "refuse", ACTION_FAIL, "e" },
	{ "kill", ACTION_KILL, "k" },
	{ "term", ACTION_TERM, "k" },
	{ "term-after", ACTION_TERM_AFTER, "k" },
	{ "delay", ACTION_DELAY, "km" },
};

static bool
complain(const char *what, const char *text)
{
	dprintf(2, "inject: %s: %s\n", what, text);
	return false;
}

static bool
parse_field(struct rule *rule, char kind, char *text)
{
	char *end;

	if (kind == 'e') {
		rule->errnum = errno_number(text);
		return rule->errnum != 0 || complain("no such error", text);
	}
	if (kind == 'm') {
		rule->ms = strtoll(text, &end, 10);
		return (end != text && *end == '\0' && rule->ms >= 0) ||
		    complain("not a time", text);
	}
	rule->k = rule->last = strtol(text, &end, 10);
	if (*end == '+') {
		rule->last = LONG_MAX;
		if (*++end != '\0')
			rule->last = rule->k + strtol(end, &end, 10) - 1;
	}
	return (rule->k > 0 && rule->last >= rule->k && *end == '\0') ||
	    complain("not a count", text);
}

/* Cuts what follows c off the text, into buf. */
static bool
cut(char *text, char c, char *buf, size_t size)
{
	char *at = strchr(text, c);

	if (at == NULL)
		return true;
	*at = '\0';
	return (size_t)snprintf(buf, size, "%s", at + 1) < size;
}

static bool
parse_call(struct rule *rule, const char *name)
{
	const struct call_errnos *errnos = call_errnos(name);

	rule->call = call_named(name);
	rule->after = errnos != NULL && errnos->after;
	return rule->call.nr != -1 || complain("no such call", name);
}

bool
rule_parse(struct rule *rule, const char *action, const char *text)
{
	char copy[512], *field, *rest;
	const char *kinds = NULL;
	size_t i;

	*rule = (struct rule){ .k = 1, .last = LONG_MAX };
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, action) == 0) {
			rule->action = actions[i].action;
			kinds = actions[i].fields;
		}
	if (kinds == NULL)
		return complain("no such action", action);
	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy) ||
	    !cut(copy, '=', rule->path, sizeof(rule->path)) ||
	    !cut(copy, '@', rule->role, sizeof(rule->role)))
		return complain("too long", text);
	field = strtok_r(copy, ":", &rest);
	if (field == NULL || !parse_call(rule, field))
		return false;
	for (; *kinds != '\0'; kinds++) {
		field = strtok_r(NULL, ":", &rest);
		if (field == NULL)
			return complain("too short", text);
		if (!parse_field(rule, *kinds, field))
			return false;
	}
	return strtok_r(NULL, ":", &rest) == NULL || complain("too long", text);
}

/* Who. */

static bool
thread_is(const struct caller *caller, const char *wanted)
{
	char path[64], name[32] = "";
	char *end;
	long number = strtol(wanted, &end, 10);
	ssize_t n;
	int fd;

	if (*wanted == '\0')
		return true;
	if (*end == '\0')
		return number == caller->thread;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)caller->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, name, sizeof(name) - 1);
	close(fd);
	name[n > 0 ? n - 1 : 0] = '\0';     /* without the end of line */
	return strcmp(name, wanted) == 0;
}

static bool
role_is(const struct rule *rule, const struct caller *caller)
{
	size_t length = strcspn(rule->role, "/");

	if (rule->role[0] == '\0')
		return true;
	if (strlen(caller->process) != length ||
	    strncmp(caller->process, rule->role, length) != 0)
		return false;
	if (rule->role[length] == '\0')
		return caller->thread == 0;
	return thread_is(caller, rule->role + length + 1);
}

/* What. */

static bool
call_is(const struct call *wanted, const struct call *call)
{
	return wanted->nr == CALL_ANY || (wanted->nr == call->nr &&
	    (wanted->command == COMMAND_ANY ||
	    wanted->command == call->command));
}

/* A string of the caller's; it may end shortly before memory does. */
static void
read_string(pid_t tid, uint64_t address, char *buf, size_t size)
{
	size_t used = 0;

	while (used + 1 < size) {
		size_t step = 64 - (size_t)((address + used) % 64);
		struct iovec here = { buf + used, step };
		struct iovec there = { (void *)(uintptr_t)(address + used),
		    step };

		if (step > size - 1 - used)
			here.iov_len = there.iov_len = step = size - 1 - used;
		if (process_vm_readv(tid, &here, 1, &there, 1, 0) !=
		    (ssize_t)step)
			break;
		if (memchr(buf + used, '\0', step) != NULL)
			return;
		used += step;
	}
	buf[used] = '\0';
}

static bool
path_is(const struct rule *rule, const struct caller *caller)
{
	char text[4096], link[64];
	int argument = call_path(caller->call.nr);
	size_t length, wanted = strlen(rule->path);
	ssize_t n;

	if (wanted == 0)
		return true;
	if (argument >= 0) {
		read_string(caller->tid, caller->args[argument], text,
		    sizeof(text));
	} else {
		snprintf(link, sizeof(link), "/proc/%d/fd/%d",
		    (int)caller->tid, (int)caller->args[0]);
		n = readlink(link, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
	}
	length = strlen(text);
	if (length < wanted || strcmp(text + length - wanted, rule->path) != 0)
		return false;
	return length == wanted || text[length - wanted - 1] == '/';
}

bool
rule_meets(struct rule *rule, const struct caller *caller)
{
	if (!call_is(&rule->call, &caller->call) || !role_is(rule, caller) ||
	    !path_is(rule, caller))
		return false;
	rule->seen++;
	if (rule->seen < rule->k || rule->seen > rule->last)
		return false;
	rule->done++;
	return true;
}
