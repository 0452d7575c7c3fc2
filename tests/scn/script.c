/* What all scenarios that obey a test have in common. */
#define _GNU_SOURCE 1

#include "script.h"
#include "../kernel.h"

#include <proclc/error.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MAX_WORDS = 32, MAX_LINE = 2000, MAX_FD = 1024 };

int script_in = STDIN_FILENO;
int script_out = STDOUT_FILENO;
pid_t script_child;

static const struct command *own[2];
static char prefix[64];
static int line_to_child = -1;
static int depth;      /* 0, or how often forked */
static bool returning;

void
tell(const char *format, ...)
{
	char line[MAX_LINE];
	va_list args;
	int n = snprintf(line, sizeof(line), "%s", prefix);

	va_start(args, format);
	n += vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, format, args);
	va_end(args);
	if (n > MAX_LINE - 2)
		n = MAX_LINE - 2;
	line[n] = '\n';
	scn_write(script_out, line, (size_t)n + 1);
}

void
tell_code(const char *what, int code)
{
	const char *name = code < 0 ? proclc_error_name(code) : NULL;

	if (name == NULL)
		tell("%s %d", what, code);
	else
		tell("%s %s", what, name);
}

int
script_number(const char *word)
{
	return word == NULL ? -1 : atoi(word);
}

void
script_move(void)
{
	script_in = fcntl(script_in, F_DUPFD_CLOEXEC, 40);
	script_out = fcntl(script_out, F_DUPFD_CLOEXEC, 40);
	die_if(script_in < 0 || script_out < 0, "move");
}

/* Children. */

static void
be_child(int line)
{
	size_t used = strlen(prefix);

	snprintf(prefix + used, sizeof(prefix) - used, "child ");
	if (line_to_child >= 0)
		close(line_to_child);
	line_to_child = -1;
	script_child = 0;
	script_in = line;
	depth++;
}

/* It has obeyed when its byte comes; it has ended when none does. */
static void
await_child(void)
{
	char done;

	while (read(line_to_child, &done, 1) < 0)
		if (errno != EINTR)
			return;
}

static pid_t
fork_how(const char *how)
{
	if (how != NULL && strcmp(how, "quiet") == 0)
		return kernel_quiet_fork();
	if (how != NULL && strcmp(how, "raw") == 0)
		return kernel_raw_fork();
	return fork();
}

static void
do_fork(char **words)
{
	int ends[2];
	pid_t pid;

	die_if(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0,
	    "socketpair");
	pid = fork_how(words[0]);
	if (pid == 0) {
		close(ends[0]);
		be_child(ends[1]);
		scn_write(script_in, ".", 1);
		return;
	}
	die_if(pid < 0, "fork");
	close(ends[1]);
	line_to_child = ends[0];
	script_child = pid;
	await_child();
	tell("forked %d", (int)pid);
}

static void
do_child(char **words)
{
	char line[MAX_LINE] = "";
	size_t used = 0;

	for (; *words != NULL; words++)
		used += (size_t)snprintf(line + used, sizeof(line) - used,
		    "%s%s", used == 0 ? "" : " ", *words);
	scn_write(line_to_child, line, used);
	scn_write(line_to_child, "\n", 1);
	await_child();
}

static void
do_reap(char **words)
{
	int status;

	(void)words;
	while (waitpid(script_child, &status, 0) < 0)
		die_if(errno != EINTR, "waitpid");
	if (WIFSIGNALED(status))
		tell("reaped %d", WTERMSIG(status));
	else
		tell("reaped 0 %d", WEXITSTATUS(status));
}

/* What any of them can do. */

static void
do_kill(char **words)
{
	kill(getpid(), script_number(words[0]));
}

static void
do_block(char **words)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, script_number(words[0]));
	if (strcmp(words[0], "all") == 0)
		sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
do_chdir(char **words)
{
	die_if(chdir(words[0]) != 0, words[0]);
}

static void
do_pid(char **words)
{
	(void)words;
	tell("pid %d", (int)getpid());
}

static bool
in_use(int fd)
{
	return fd == script_in || fd == script_out || fd == line_to_child;
}

static void
do_close_all(char **words)
{
	(void)words;
	for (int fd = 3; fd < MAX_FD; fd++)
		if (!in_use(fd))
			kernel_close(fd);
}

/* Those that are not our talk's. */
static void
do_fds(char **words)
{
	int n = 0;

	(void)words;
	for (int fd = 3; fd < MAX_FD; fd++)
		if (!in_use(fd) && fcntl(fd, F_GETFD) >= 0)
			n++;
	tell("fds %d", n);
}

static void
do_occupy(char **words)
{
	int fd;

	do {
		fd = open(words[0], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		die_if(fd < 0, words[0]);
	} while (fd < 128);
}

static void
do_closed(char **words)
{
	(void)words;
	tell("closed %d%d%d", fcntl(0, F_GETFD) < 0, fcntl(1, F_GETFD) < 0,
	    fcntl(2, F_GETFD) < 0);
}

static void
do_exit(char **words)
{
	exit(script_number(words[0]));
}

static void
do_exit_now(char **words)
{
	_exit(script_number(words[0]));
}

static void
do_return(char **words)
{
	(void)words;
	returning = true;
}

static const struct command common[] = {
	{ "fork", do_fork },
	{ "child", do_child },
	{ "reap", do_reap },
	{ "kill", do_kill },
	{ "block", do_block },
	{ "chdir", do_chdir },
	{ "pid", do_pid },
	{ "close_all", do_close_all },
	{ "fds", do_fds },
	{ "occupy", do_occupy },
	{ "closed", do_closed },
	{ "exit", do_exit },
	{ "_exit", do_exit_now },
	{ "return", do_return },
	{ NULL, NULL }
};

static const struct command *
find(const struct command *commands, const char *name)
{
	while (commands->name != NULL && strcmp(commands->name, name) != 0)
		commands++;
	return commands->name == NULL ? NULL : commands;
}

static void
obey_one(char *line)
{
	char *words[MAX_WORDS + 1] = { NULL };
	const struct command *command;
	char *rest;
	int n = 0;

	for (char *word = strtok_r(line, " ", &rest);
	    word != NULL && n < MAX_WORDS; word = strtok_r(NULL, " ", &rest))
		words[n++] = word;
	if (n == 0)
		return;
	command = find(own[0], words[0]);
	if (command == NULL && own[1] != NULL)
		command = find(own[1], words[0]);
	if (command == NULL)
		command = find(common, words[0]);
	die_if(command == NULL, words[0]);
	command->obey(words + 1);
}

void
script_obey(char *line)
{
	char *next;

	for (; line != NULL; line = next) {
		next = strchr(line, ';');
		if (next != NULL)
			*next++ = '\0';
		obey_one(line);
	}
}

/* As hear(), but from wherever we listen now. */
static ssize_t
listen_line(char *line, size_t size)
{
	size_t used = 0;
	ssize_t n;
	char c;

	for (;;) {
		await_input(script_in);
		n = read(script_in, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		if (c == '\n')
			break;
		if (used + 1 < size)
			line[used++] = c;
	}
	line[used] = '\0';
	return (ssize_t)used;
}

int
script_main(const struct command *commands, const struct command *more)
{
	return script_main_with(commands, more, NULL);
}

int
script_main_with(const struct command *commands, const struct command *more,
    char *first)
{
	char line[MAX_LINE];

	own[0] = commands;
	own[1] = more;
	script_obey(first);
	while (!returning && listen_line(line, sizeof(line)) >= 0) {
		int before = depth;

		script_obey(line);
		if (depth > 0 && depth == before)
			scn_write(script_in, ".", 1);
	}
	if (depth > 0 && !returning)
		_exit(0);
	return 0;
}
