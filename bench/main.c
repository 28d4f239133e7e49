/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench [--quick] [--row NAME]... [--rounds N] [--only CONTENDER] [--list]
 *
 * Compares libsigill with OpenSSL's CMS API and with the limit, per second of
 * processor time. Within a round each contender works for a tenth of a second
 * in turn, so that whatever else the machine does meets all of them alike;
 * what is printed are medians over the rounds, the ratios being medians of the
 * ratios within a round.
 *
 * NAME is a case ("decrypt-cbc-rsa") or a case with its size
 * ("decrypt-cbc-rsa/10K"). --quick tries every case once at the small size and
 * checks what comes out: a smoke test. --only leaves one contender working, for
 * a profiler to look at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>

#include "bench.h"

#define TURN 0.1 /* seconds */
#define MAX_ROUNDS 101

static const bench_case cases[] = {
    {"sign-rsa", BENCH_SIGN, false, false, false, false},
    {"sign-p256", BENCH_SIGN, true, false, false, false},
    {"verify-rsa-cold", BENCH_VERIFY, false, false, true, false},
    {"verify-rsa-known", BENCH_VERIFY, false, false, false, false},
    {"verify-p256-cold", BENCH_VERIFY, true, false, true, false},
    {"verify-p256-known", BENCH_VERIFY, true, false, false, false},
    {"encrypt-cbc-rsa", BENCH_ENCRYPT, false, false, false, false},
    {"encrypt-gcm-rsa", BENCH_ENCRYPT, false, true, false, false},
    {"encrypt-cbc-p256", BENCH_ENCRYPT, true, false, false, false},
    {"encrypt-gcm-p256", BENCH_ENCRYPT, true, true, false, false},
    {"encrypt-cbc-rsa-100", BENCH_ENCRYPT, false, false, false, true},
    {"decrypt-cbc-rsa", BENCH_DECRYPT, false, false, false, false},
    {"decrypt-gcm-rsa", BENCH_DECRYPT, false, true, false, false},
    {"decrypt-cbc-p256", BENCH_DECRYPT, true, false, false, false},
    {"decrypt-gcm-p256", BENCH_DECRYPT, true, true, false, false},
    {"decrypt-cbc-rsa-100", BENCH_DECRYPT, false, false, false, true},
};
#define NUM_CASES (sizeof cases / sizeof *cases)

static const struct {
	const char *name;
	size_t size;
} sizes[] = {
    {"10K", 10240},
    {"100K", 102400},
    {"10M", 10485760},
};
#define NUM_SIZES (sizeof sizes / sizeof *sizes)

enum { SIGILL, OPENSSL, LIMIT, NUM_CONTENDERS };
static const bench_contender *const contenders[NUM_CONTENDERS] = {
    &bench_sigill, &bench_openssl, &bench_limit};

_Noreturn void
bench_die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

_Noreturn void
bench_die_sigill(const char *what, const sgl_err *err)
{
	fprintf(stderr, "bench: %s: %s: %s: %s %s\n", what,
	    err->room == NULL ? "" : err->room, sgl_status_name(err->status),
	    err->text == NULL ? "" : err->text, err->detail);
	exit(1);
}

void *
bench_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		bench_die("out of memory");
	return p;
}

static double
cpu_now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		bench_die("clock");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Operations per second of processor time, over `seconds` at least. */
static double
measure(const bench_contender *c, bench_work *w, void *state, double seconds)
{
	double start = cpu_now(), spent = 0;
	unsigned long num = 0, batch = 1;

	while (spent < seconds) {
		for (unsigned long i = 0; i < batch; i++)
			c->run(w, state);
		num += batch;
		spent = cpu_now() - start;
		if (spent < seconds / 16)
			batch *= 2;
	}
	return (double)num / spent;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned num)
{
	qsort(values, num, sizeof *values, by_value);
	return num % 2 == 1 ? values[num / 2]
			    : (values[num / 2 - 1] + values[num / 2]) / 2;
}

/* What goes wrong dies, so that no fast failure is taken for a fast success. */
static void
try_out(bench_work *w, void *const states[])
{
	bool writes = w->c->what == BENCH_SIGN || w->c->what == BENCH_ENCRYPT;

	bench_sigill.run(w, states[SIGILL]);
	if (writes)
		bench_read_back(w, (sgl_slice){w->out.data, w->out.len});
	else if (memcmp(w->out.data, w->content.data, w->content.len) != 0)
		bench_die("the content is not what was written");
	bench_openssl.run(w, states[OPENSSL]);
	bench_limit.run(w, states[LIMIT]);
}

typedef struct wish {
	const char *names[64];
	unsigned num, rounds; /* rounds 0: only try */
	const char *only;
	bool quick, list;
} wish;

static bool
is_only(const char *only, const bench_contender *c)
{
	return only == NULL || strcmp(only, c->name) == 0;
}

typedef struct result {
	double rate[NUM_CONTENDERS], ratio, part; /* part: of the limit */
} result;

static result
compete(bench_work *w, void *const states[], const wish *want)
{
	static double rate[NUM_CONTENDERS][MAX_ROUNDS];
	static double ratio[MAX_ROUNDS], part[MAX_ROUNDS];
	unsigned rounds = want->rounds;
	result r = {0};

	for (unsigned i = 0; i < rounds; i++) {
		for (unsigned c = 0; c < NUM_CONTENDERS; c++)
			rate[c][i] = is_only(want->only, contenders[c])
			    ? measure(contenders[c], w, states[c], TURN)
			    : 0;
		ratio[i] = rate[SIGILL][i] / rate[OPENSSL][i];
		part[i] = rate[SIGILL][i] / rate[LIMIT][i];
	}
	for (unsigned c = 0; c < NUM_CONTENDERS; c++)
		r.rate[c] = median(rate[c], rounds);
	r.ratio = median(ratio, rounds);
	r.part = median(part, rounds);
	return r;
}

static void
print_head(void)
{
	printf("%-26s %11s %11s %11s %8s %9s\n", "operations per cpu second",
	    "sigill", "openssl", "limit", "ratio", "of limit");
}

static void
print_row(const char *name, const result *r)
{
	printf("%-26s %11.1f %11.1f %11.1f %7.2fx %8.1f%%\n", name,
	    r->rate[SIGILL], r->rate[OPENSSL], r->rate[LIMIT], r->ratio,
	    100 * r->part);
	fflush(stdout);
}

static void
do_row(const bench_case *c, const char *name, bench_kind *kind,
    sgl_engine *engine, size_t size, const wish *want)
{
	bench_work w = {.c = c, .kind = kind, .engine = engine};
	void *states[NUM_CONTENDERS];
	result r;

	w.content = bench_content(size);
	bench_out_open(&w.out, 2 * w.content.len + 100000);
	if (c->what == BENCH_VERIFY || c->what == BENCH_DECRYPT)
		w.message = bench_message(&w);
	for (unsigned i = 0; i < NUM_CONTENDERS; i++)
		states[i] = contenders[i]->open(&w);
	try_out(&w, states);
	if (want->rounds > 0) {
		r = compete(&w, states, want);
		print_row(name, &r);
	}
	for (unsigned i = 0; i < NUM_CONTENDERS; i++)
		contenders[i]->close(states[i]);
	bench_out_close(&w.out);
	free((void *)(uintptr_t)w.content.data);
	free((void *)(uintptr_t)w.message.data);
}

/* The kinds of keys that cases want, made when first wanted. */
typedef struct kinds {
	sgl_engine *engine;
	bench_kind *made[2][2];
} kinds;

static bench_kind *
kind_for(kinds *k, const bench_case *c)
{
	bench_kind **p = &k->made[c->ec][c->many];

	if (*p == NULL)
		*p = bench_kind_new(k->engine, c->ec, c->many);
	return *p;
}

static bool
is_wanted(const wish *w, const char *name, const char *row)
{
	for (unsigned i = 0; i < w->num; i++)
		if (strcmp(w->names[i], name) == 0 ||
		    strcmp(w->names[i], row) == 0)
			return true;
	return w->num == 0;
}

static unsigned
run_all(const wish *w, kinds *k)
{
	unsigned num = 0;

	for (unsigned s = 0; s < (w->quick ? 1 : NUM_SIZES); s++)
		for (unsigned i = 0; i < NUM_CASES; i++) {
			char row[64];

			snprintf(row, sizeof row, "%s/%s", cases[i].name,
			    sizes[s].name);
			if (!is_wanted(w, cases[i].name, row))
				continue;
			num++;
			if (w->list)
				puts(row);
			else
				do_row(&cases[i], row, kind_for(k, &cases[i]),
				    k->engine, sizes[s].size, w);
		}
	return num;
}

static _Noreturn void
usage(void)
{
	fputs("usage: bench [--quick] [--row NAME]... [--rounds N] "
	      "[--only CONTENDER] [--list]\n",
	    stderr);
	exit(2);
}

static const char *
argument(char **argv, int *i)
{
	if (argv[*i + 1] == NULL)
		usage();
	return argv[++*i];
}

static wish
read_arguments(char **argv)
{
	wish w = {.rounds = 7};

	for (int i = 1; argv[i] != NULL; i++) {
		if (strcmp(argv[i], "--quick") == 0) {
			w.quick = true;
			w.rounds = 0;
		} else if (strcmp(argv[i], "--list") == 0) {
			w.list = true;
		} else if (strcmp(argv[i], "--row") == 0 && w.num < 64) {
			w.names[w.num++] = argument(argv, &i);
		} else if (strcmp(argv[i], "--only") == 0) {
			w.only = argument(argv, &i);
		} else if (strcmp(argv[i], "--rounds") == 0) {
			w.rounds = (unsigned)atoi(argument(argv, &i));
			if (w.rounds == 0 || w.rounds > MAX_ROUNDS)
				usage();
		} else {
			usage();
		}
	}
	return w;
}

int
main(int argc, char **argv)
{
	wish w = read_arguments(argv);
	sgl_err err = {0};
	kinds k = {0};
	unsigned num;

	(void)argc;
	if (sgl_engine_new(NULL, &k.engine, &err) != SGL_OK)
		bench_die_sigill("engine", &err);
	if (!w.quick && !w.list)
		print_head();
	num = run_all(&w, &k);
	for (unsigned i = 0; i < 4; i++)
		bench_kind_free(k.made[i / 2][i % 2]);
	sgl_engine_free(k.engine);
	if (num == 0) {
		fputs("bench: no such row; --list shows them\n", stderr);
		return 2;
	}
	if (w.quick)
		printf("%u cases work\n", num);
	return 0;
}
