/* report.c - results for people, and for programs. */
#include <config.h>

#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *const verdicts[] = {
	[VERDICT_NONE] = "-",
	[VERDICT_GOOD] = "good",
	[VERDICT_MISSED] = "MISSED",
	[VERDICT_SKIPPED] = "skipped",
};

static const char *const kinds[] = {
	[BENCH_MEDIAN] = "median",
	[BENCH_MINIMA] = "minima",
	[BENCH_COUNT] = "count",
};

/* "model name : AMD EPYC", without what is not for a table or a string. */
static void
read_cpu(char *text, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256], *value = NULL;

	snprintf(text, size, "unknown processor");
	while (file != NULL && value == NULL &&
	    fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "model name", 10) == 0)
			value = strchr(line, ':');
	if (value != NULL)
		snprintf(text, size, "%s", value + 2);
	if (file != NULL)
		fclose(file);
	for (char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c == '"' || *c == '\\')
			*c = c[1] == '\0' ? '\0' : ' ';
}

static void
describe_machine(char *text, size_t size)
{
	struct utsname system;
	char cpu[128];

	read_cpu(cpu, sizeof(cpu));
	uname(&system);
	snprintf(text, size, "%s %s %s, %ld x %s", system.sysname,
	    system.release, system.machine, sysconf(_SC_NPROCESSORS_ONLN),
	    cpu);
}

void
report_head(FILE *out)
{
	char machine[512];

	describe_machine(machine, sizeof(machine));
	fprintf(out, "%s\n\n%-26s %-26s%11s%11s%8s%8s%8s  %s\n", machine,
	    "ours", "floor", "floor ns", "ours ns", "ratio", "least",
	    "fastest", "gate");
}

static void
print_gate(FILE *out, const struct result *r)
{
	if (r->verdict != VERDICT_NONE)
		fprintf(out, "  %.4g %s", r->row->gate, verdicts[r->verdict]);
	fputc('\n', out);
}

static void
print_row(FILE *out, const struct result *r)
{
	if (r->verdict == VERDICT_SKIPPED) {
		fprintf(out, "%-26s skipped: %s\n", r->row->ours->name,
		    r->skipped);
		return;
	}
	fprintf(out, "%-26s %-26s%11.0f%11.0f", r->row->ours->name,
	    r->row->floor->name, r->floor_median, r->ours_median);
	if (r->row->kind == BENCH_COUNT)
		fprintf(out, "%24s", "times");
	else
		fprintf(out, "%8.2f%8.2f%8.2f", r->median, r->min, r->minima);
	print_gate(out, r);
}

void
report_bench(FILE *out, const struct result *results, size_t n)
{
	fprintf(out, "--- %s\n", results->row->bench);
	for (size_t i = 0; i < n; i++)
		print_row(out, &results[i]);
	fflush(out);
}

static void
write_tsv(FILE *out, const struct result *r)
{
	fprintf(out, "%s\t%s\t%s\t%s\t%u\t%u", r->row->bench,
	    r->row->ours->name, r->row->floor->name, kinds[r->row->kind],
	    r->n, r->rounds);
	fprintf(out, "\t%.1f\t%.1f\t%.1f\t%.1f", r->floor_median, r->floor_min,
	    r->ours_median, r->ours_min);
	fprintf(out, "\t%.4f\t%.4f\t%.4f\t%.4f", r->median, r->min, r->p90,
	    r->minima);
	/* Never empty: a line must not end with a tab. */
	fprintf(out, "\t%.4g\t%s\t%s\n", r->row->gate, verdicts[r->verdict],
	    r->skipped[0] == '\0' ? "-" : r->skipped);
}

static void
write_json(FILE *out, const struct result *r)
{
	fprintf(out, "{\"bench\": \"%s\", \"ours\": \"%s\", \"floor\": \"%s\"",
	    r->row->bench, r->row->ours->name, r->row->floor->name);
	fprintf(out, ", \"kind\": \"%s\", \"n\": %u, \"rounds\": %u",
	    kinds[r->row->kind], r->n, r->rounds);
	fprintf(out, ", \"floor_median\": %.1f, \"floor_min\": %.1f",
	    r->floor_median, r->floor_min);
	fprintf(out, ", \"ours_median\": %.1f, \"ours_min\": %.1f",
	    r->ours_median, r->ours_min);
	fprintf(out, ", \"ratio_median\": %.4f, \"ratio_min\": %.4f",
	    r->median, r->min);
	fprintf(out, ", \"ratio_p90\": %.4f, \"ratio_of_minima\": %.4f",
	    r->p90, r->minima);
	fprintf(out, ", \"gate\": %.4g, \"verdict\": \"%s\"", r->row->gate,
	    verdicts[r->verdict]);
	fprintf(out, ", \"skipped\": \"%s\", \"ratios\": [", r->skipped);
	for (unsigned i = 0; r->ratios != NULL && i < r->rounds; i++)
		fprintf(out, "%s%.4f", i == 0 ? "" : ", ", r->ratios[i]);
	fputs("]}", out);
}

static FILE *
create(const char *prefix, const char *suffix)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", prefix, suffix);
	file = fopen(path, "we");
	if (file == NULL)
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
	return file;
}

static bool
finish(FILE *file, const char *suffix)
{
	bool good = ferror(file) == 0;

	good = fclose(file) == 0 && good;
	if (!good)
		fprintf(stderr, "bench: cannot write the %s\n", suffix);
	return good;
}

static bool
write_all_tsv(const char *prefix, const struct result *results, size_t n)
{
	FILE *out = create(prefix, ".tsv");

	if (out == NULL)
		return false;
	fputs("bench\tours\tfloor\tkind\tn\trounds\tfloor_median\tfloor_min"
	    "\tours_median\tours_min\tratio_median\tratio_min\tratio_p90"
	    "\tratio_of_minima\tgate\tverdict\tskipped\n", out);
	for (size_t i = 0; i < n; i++)
		write_tsv(out, &results[i]);
	return finish(out, ".tsv");
}

static bool
write_all_json(const char *prefix, const struct result *results, size_t n)
{
	FILE *out = create(prefix, ".json");
	char machine[512];

	if (out == NULL)
		return false;
	describe_machine(machine, sizeof(machine));
	fprintf(out, "{\"machine\": \"%s\", \"rows\": [\n", machine);
	for (size_t i = 0; i < n; i++) {
		write_json(out, &results[i]);
		fputs(i + 1 < n ? ",\n" : "\n", out);
	}
	fputs("]}\n", out);
	return finish(out, ".json");
}

bool
report_files(const char *prefix, const struct result *results, size_t n)
{
	return write_all_tsv(prefix, results, n) &&
	    write_all_json(prefix, results, n);
}
