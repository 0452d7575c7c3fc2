/* main.c - which benches to run, and how long. */
#include <config.h>

#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

static const struct bench_row *const tables[] = {
	rows_send,
	rows_pidfile,
	rows_handler,
	rows_latency,
	rows_storm,
	rows_registry,
	rows_fork,
	rows_orphan,
	rows_task,
	rows_command,
	rows_crowd,
	rows_daemon,
	rows_close,
	rows_idle,
};

enum { TABLES = sizeof(tables) / sizeof(tables[0]), RESULTS = 256 };
enum { EXIT_MISSED = 1, EXIT_FAILED = 3, EXIT_USAGE = 2 };

static struct {
	struct settings settings;
	const char *output;
	bool list, check;
	char **names;
} o = { .settings = { .rounds = 15, .share = 1 } };

static struct result results[RESULTS];
static size_t n_results;

static const char usage[] =
    "usage: bench [option...] [bench[,bench]...]\n"
    "  --list             what there is\n"
    "  --rounds=N         15 by default\n"
    "  --quick            5 short rounds\n"
    "  --smoke            see that everything runs; the figures mean nothing\n"
    "  --any-cpu          not all on one processor\n"
    "  --output=PREFIX    write PREFIX.tsv and PREFIX.json, too\n"
    "  --check            leave with 1 when a gate is missed twice\n";

/* The last one that we may use: the first one has the interrupts. */
static int
choose_cpu(void)
{
	cpu_set_t set;
	size_t cpu = CPU_SETSIZE;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	while (cpu > 0 && !CPU_ISSET(cpu - 1, &set))
		cpu--;
	return (int)cpu - 1;
}

static _Noreturn void
refuse(void)
{
	fputs(usage, stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void
help(void)
{
	fputs(usage, stdout);
	exit(0);
}

static void
set_rounds(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 || n > 10000)
		refuse();
	o.settings.rounds = (unsigned)n;
}

static void
set_pace(unsigned rounds, double share)
{
	o.settings.rounds = rounds;
	o.settings.share = share;
}

static void
read_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "quick", no_argument, NULL, 'q' },
		{ "smoke", no_argument, NULL, 's' },
		{ "any-cpu", no_argument, NULL, 'a' },
		{ "output", required_argument, NULL, 'o' },
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	o.settings.cpu = choose_cpu();
	o.settings.progress = isatty(STDERR_FILENO) == 1;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'l')
			o.list = true;
		else if (option == 'r')
			set_rounds(optarg);
		else if (option == 'q')
			set_pace(5, 0.25);
		else if (option == 's')
			set_pace(2, 0.01);
		else if (option == 'a')
			o.settings.cpu = -1;
		else if (option == 'o')
			o.output = optarg;
		else if (option == 'c')
			o.check = true;
		else if (option == 'h')
			help();
		else
			refuse();
	}
	o.names = argv + optind;
}

/* Is this bench one of the words of text, which commas or blanks part? */
static bool
names(const char *text, const char *bench)
{
	size_t length = strlen(bench);

	while (*text != '\0') {
		size_t word = strcspn(text, ", ");

		if (word == length && strncmp(text, bench, length) == 0)
			return true;
		text += word + (text[word] != '\0');
	}
	return false;
}

static bool
wanted(const char *bench)
{
	bool any = false;

	for (char **name = o.names; *name != NULL; name++) {
		if (names(*name, bench))
			return true;
		any = any || **name != '\0';
	}
	return !any;
}

/* How many rows the bench has that begins here. */
static size_t
rows_of(const struct bench_row *rows)
{
	size_t n = 0;

	while (rows[n].bench != NULL && strcmp(rows[n].bench, rows->bench) == 0)
		n++;
	return n;
}

/* Whether each word is a bench. */
static bool
all_known(const char *text)
{
	while (*text != '\0') {
		size_t word = strcspn(text, ", ");
		bool found = word == 0;

		for (size_t i = 0; i < TABLES && !found; i++)
			for (const struct bench_row *row = tables[i];
			    row->bench != NULL && !found; row++)
				found = strlen(row->bench) == word &&
				    strncmp(text, row->bench, word) == 0;
		if (!found) {
			fprintf(stderr, "bench: no such bench: %.*s\n",
			    (int)word, text);
			return false;
		}
		text += word + (text[word] != '\0');
	}
	return true;
}

static bool
missed(const struct result *r, size_t n)
{
	bool so = false;

	for (size_t i = 0; i < n; i++)
		so = so || r[i].verdict == VERDICT_MISSED;
	return so;
}

static void
drop(struct result *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(r[i].ratios);
}

/* One bench.  To miss a gate by an accident of the machine counts for nothing:
 * where it matters it is run again, twice as long. */
static void
run_bench(const struct bench_row *rows, size_t n)
{
	struct settings s = o.settings;
	struct result *r = results + n_results;

	if (n_results + n > RESULTS || !bench_run(rows, n, &s, r))
		exit(EXIT_FAILED);
	if (o.check && missed(r, n)) {
		drop(r, n);
		s.rounds *= 2;
		if (!bench_run(rows, n, &s, r))
			exit(EXIT_FAILED);
	}
	n_results += n;
	report_bench(stdout, r, n);
}

static void
list_bench(const struct bench_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s\t%s\t%s\n", rows[i].bench, rows[i].ours->name,
		    rows[i].floor->name);
}

static void
for_each(void (*fn)(const struct bench_row *rows, size_t n))
{
	size_t n;

	for (size_t i = 0; i < TABLES; i++)
		for (const struct bench_row *row = tables[i];
		    row->bench != NULL; row += n) {
			n = rows_of(row);
			if (wanted(row->bench))
				fn(row, n);
		}
}

int
main(int argc, char **argv)
{
	bool bad;

	read_options(argc, argv);
	for (char **name = o.names; *name != NULL; name++)
		if (!all_known(*name))
			return EXIT_USAGE;
	if (o.list) {
		for_each(list_bench);
		return 0;
	}
	/* A worker that is gone is noticed by the write that fails. */
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	report_head(stdout);
	for_each(run_bench);
	bad = missed(results, n_results);
	if (o.output != NULL &&
	    !report_files(o.output, results, n_results))
		return EXIT_FAILED;
	drop(results, n_results);
	return o.check && bad ? EXIT_MISSED : 0;
}
