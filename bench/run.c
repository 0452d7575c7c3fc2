/* run.c - the rounds of one bench: every case once, another one first. */
#include <config.h>

#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

enum { CASES = 32 };

/* A bench begins no further round when it has taken so long, or its share of
 * it; but it has a few in any case. */
enum { LEAST_ROUNDS = 3 };
static const double bench_ns = 10e9;
/* From so many on the share is taken twice: to be quick is to have few. */
enum { MANY = 1000 };

double bench_share = 1;

struct field {
	struct worker workers[CASES];
	size_t n;
};

static void *
allocate(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (memory == NULL)
		bench_fatal("no memory");
	return memory;
}

static struct worker *
find(struct field *field, const struct bench_case *of)
{
	size_t i = 0;

	while (i < field->n && field->workers[i].of != of)
		i++;
	if (i == CASES)
		bench_fatal("more than %d cases in one bench", CASES);
	return &field->workers[i];
}

static unsigned
share_of(unsigned n, double share)
{
	double part = n < MANY ? n * share : n * share * share;

	return part < 1 ? 1 : (unsigned)part;
}

static void
add(struct field *field, const struct bench_case *of, unsigned n,
    unsigned rounds)
{
	struct worker *worker = find(field, of);

	if (worker->of != NULL)
		return;
	worker->of = of;
	worker->n = n;
	worker->values = allocate(rounds, sizeof(*worker->values));
	field->n++;
}

static bool
start(struct field *field, int cpu)
{
	for (size_t i = 0; i < field->n; i++)
		if (!worker_start(&field->workers[i], cpu, field->workers, i))
			return false;
	return true;
}

static bool
stop(struct field *field)
{
	bool good = true;

	for (size_t i = 0; i < field->n; i++)
		if (field->workers[i].pid > 0)
			good = worker_stop(&field->workers[i]) && good;
	return good;
}

static void
show_progress(const struct settings *s, const char *bench, unsigned round,
    unsigned rounds)
{
	if (!s->progress)
		return;
	if (round < rounds)
		fprintf(stderr, "\r\033[K%s: round %u of %u", bench, round + 1,
		    rounds);
	else
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

/* One round; the first one of all is not kept. */
static bool
run_round(struct field *field, unsigned round, bool count, bool keep)
{
	for (size_t i = 0; i < field->n; i++) {
		struct worker *w = &field->workers[(i + round) % field->n];
		int64_t value;

		if (w->skipped[0] != '\0')
			continue;
		if (!worker_measure(w, count, &value))
			return false;
		if (keep)
			w->values[round] = count ? (double)value :
			    (double)value / w->n;
	}
	return true;
}

/* Returns how many there have been; 0: something is not well. */
static unsigned
run_rounds(struct field *field, const struct bench_row *rows,
    const struct settings *s, unsigned rounds)
{
	bool count = rows->kind == BENCH_COUNT;
	bool good = count || run_round(field, 0, false, false);
	int64_t start = bench_now_ns();
	unsigned round = 0;

	while (round < rounds && good && (round < LEAST_ROUNDS ||
	    (double)(bench_now_ns() - start) < bench_ns * s->share)) {
		show_progress(s, rows->bench, round, rounds);
		good = run_round(field, round++, count, true);
	}
	show_progress(s, rows->bench, rounds, rounds);
	return good ? round : 0;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of a copy: the order of the rounds means something. */
static double *
sorted(const double *values, unsigned n)
{
	double *copy = allocate(n, sizeof(*copy));

	memcpy(copy, values, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), ascending);
	return copy;
}

static double
middle(const double *ascending_values, unsigned n)
{
	return (ascending_values[(n - 1) / 2] + ascending_values[n / 2]) / 2;
}

static void
sum_up_case(const struct worker *w, unsigned rounds, double *median,
    double *min)
{
	double *values = sorted(w->values, rounds);

	*median = middle(values, rounds);
	*min = values[0];
	free(values);
}

static void
sum_up_ratios(struct result *r, const struct worker *floor,
    const struct worker *ours)
{
	double *values;

	r->ratios = allocate(r->rounds, sizeof(*r->ratios));
	for (unsigned i = 0; i < r->rounds; i++)
		r->ratios[i] = ours->values[i] / floor->values[i];
	values = sorted(r->ratios, r->rounds);
	r->median = middle(values, r->rounds);
	r->min = values[0];
	r->p90 = values[(r->rounds - 1) * 9 / 10];
	r->minima = r->ours_min / r->floor_min;
	free(values);
}

static enum verdict
judge(const struct result *r)
{
	double value = r->median;

	if (r->row->kind == BENCH_COUNT)
		return r->ours_median <= r->row->gate ? VERDICT_GOOD :
		    VERDICT_MISSED;
	if (!(r->row->gate > 0))
		return VERDICT_NONE;
	if (r->row->kind == BENCH_MINIMA)
		value = r->minima;
	return value <= r->row->gate ? VERDICT_GOOD : VERDICT_MISSED;
}

static void
sum_up(struct result *r, const struct worker *floor,
    const struct worker *ours)
{
	const struct worker *skipped = floor->skipped[0] != '\0' ? floor : ours;

	r->n = ours->n;
	if (skipped->skipped[0] != '\0') {
		r->verdict = VERDICT_SKIPPED;
		snprintf(r->skipped, sizeof(r->skipped), "%s%s%s",
		    skipped == floor ? floor->of->name : "",
		    skipped == floor ? ": " : "", skipped->skipped);
		return;
	}
	sum_up_case(floor, r->rounds, &r->floor_median, &r->floor_min);
	sum_up_case(ours, r->rounds, &r->ours_median, &r->ours_min);
	if (r->row->kind != BENCH_COUNT)
		sum_up_ratios(r, floor, ours);
	r->verdict = judge(r);
}

bool
bench_run(const struct bench_row *rows, size_t n_rows,
    const struct settings *s, struct result *results)
{
	struct field field = { .n = 0 };
	unsigned rounds = rows->kind == BENCH_COUNT ? 1 : s->rounds;
	bool good;

	for (size_t i = 0; i < n_rows; i++) {
		unsigned n = share_of(rows[i].n, s->share);

		add(&field, rows[i].floor, n, rounds);
		add(&field, rows[i].ours, n, rounds);
	}
	bench_share = s->share;
	if (!start(&field, s->cpu))
		rounds = 0;
	else
		rounds = run_rounds(&field, rows, s, rounds);
	good = stop(&field) && rounds > 0;
	for (size_t i = 0; i < n_rows && good; i++) {
		results[i] = (struct result){ .row = &rows[i],
		    .rounds = rounds };
		sum_up(&results[i], find(&field, rows[i].floor),
		    find(&field, rows[i].ours));
	}
	for (size_t i = 0; i < field.n; i++)
		free(field.workers[i].values);
	return good;
}
