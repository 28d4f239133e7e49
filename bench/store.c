/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-store LOCATION [KEYS]
 *
 * How long it takes to find the key that opens a message among all that there
 * ever were (1,000,000, or KEYS), by issuer and serial number and by subject
 * key identifier, beside a bare look-up by the record's own number. LOCATION
 * is the path of a file that does not exist yet, or the URL of an empty
 * database of PostgreSQL; or what was filled by it before. Each row:
 * microseconds per look-up, on the clock and of this process, medians of rounds
 * in which all three take turns on the same keys in random order; and the ratio
 * of the times on the clock to that of the bare one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/store.h"

enum { ROUNDS = 15, LOOKUPS = 2000, AT_ONCE = 20000 };

/* What an RSA-2048 key comes to when it is sealed. */
#define SEALED 1250
#define PER_ISSUER 10000

static void
must(sgl_status status, const sgl_err *err)
{
	if (status == SGL_OK)
		return;
	(void)fprintf(stderr, "bench-store: %s: %s\n", err->text, err->detail);
	exit(1);
}

/* Octets that look random and depend on the number alone. */
static void
scramble(uint64_t number, uint8_t *out, size_t len)
{
	uint64_t x = number + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = (uint8_t)(x >> 56);
	}
}

typedef struct names {
	uint8_t issuer[32], serial[16], ski[20];
} names;

static names
names_of(int64_t number)
{
	names n;

	scramble((uint64_t)(number / PER_ISSUER) << 40, n.issuer, 32);
	scramble((uint64_t)number, n.serial, sizeof n.serial);
	scramble((uint64_t)number << 20, n.ski, sizeof n.ski);
	return n;
}

static sgl_status
add(sgl_store *s, int64_t number, sgl_err *err)
{
	static uint8_t sealed[SEALED];
	const names n = names_of(number);
	sgl_recipient_name name = {.serial = {n.serial, sizeof n.serial},
	    .ski = {n.ski, sizeof n.ski}};
	char kind[] = "rsa";
	sgl_key_record k = {.id = number,
	    .kind = kind,
	    .sealed = {sealed, SEALED, SEALED, SEALED, false},
	    .created = 1};

	scramble((uint64_t)number << 10, k.spki_digest, sizeof k.spki_digest);
	memcpy(name.issuer, n.issuer, sizeof name.issuer);
	TRY(sgl_store_add_key(s, &k, err));
	return sgl_store_add_recipient(s, number, &name, err);
}

static sgl_status
by_number(sgl_store *s, int64_t number, size_t *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool there;

	TRY(sgl_store_find_key(s, number, &k, &there, err));
	*found = there && k.id == number;
	return SGL_OK;
}

static void
fill(sgl_store *s, int64_t keys)
{
	sgl_err err = {0};
	size_t there = 0;

	must(by_number(s, keys, &there, &err), &err);
	if (there != 0)
		return;
	for (int64_t i = 1; i <= keys; i++) {
		if (i % AT_ONCE == 1)
			must(sgl_store_begin(s, &err), &err);
		must(add(s, i, &err), &err);
		if (i % AT_ONCE == 0 || i == keys)
			must(sgl_store_commit(s, &err), &err);
	}
}

static size_t
count(const sgl_key_records *list, int64_t number)
{
	return list->num == 1 && list->items[0].id == number;
}

static sgl_status
by_serial(sgl_store *s, int64_t number, size_t *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};
	const names n = names_of(number);

	TRY(sgl_store_find_key_by_recipient(
	    s, n.issuer, (sgl_slice){n.serial, sizeof n.serial}, &list, err));
	*found = count(&list, number);
	return SGL_OK;
}

static sgl_status
by_ski(sgl_store *s, int64_t number, size_t *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};
	const names n = names_of(number);

	TRY(sgl_store_find_key_by_ski(
	    s, (sgl_slice){n.ski, sizeof n.ski}, &list, err));
	*found = count(&list, number);
	return SGL_OK;
}

static const struct {
	const char *name;
	sgl_status (*find)(
	    sgl_store *s, int64_t number, size_t *found, sgl_err *err);
} ways[] = {
    {"by its own number", by_number},
    {"by issuer and serial number", by_serial},
    {"by subject key identifier", by_ski},
};
#define NUM_WAYS (sizeof ways / sizeof ways[0])

static double
now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Microseconds for each look-up. */
typedef struct times {
	double clock[ROUNDS], process[ROUNDS];
} times;

static void
look_up(sgl_store *s, size_t way, const int64_t *numbers)
{
	sgl_err err = {0};

	for (int i = 0; i < LOOKUPS; i++) {
		size_t found = 0;
		must(ways[way].find(s, numbers[i], &found, &err), &err);
		if (found != 1) {
			(void)fprintf(stderr, "bench-store: not found\n");
			exit(1);
		}
	}
}

static void
time_one(sgl_store *s, size_t way, const int64_t *numbers, times *t, int round)
{
	double clock = now(CLOCK_MONOTONIC);
	double process = now(CLOCK_PROCESS_CPUTIME_ID);

	look_up(s, way, numbers);
	t->clock[round] = (now(CLOCK_MONOTONIC) - clock) * 1e6 / LOOKUPS;
	t->process[round] =
	    (now(CLOCK_PROCESS_CPUTIME_ID) - process) * 1e6 / LOOKUPS;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *all)
{
	qsort(all, ROUNDS, sizeof *all, compare);
	return all[ROUNDS / 2];
}

static void
measure(sgl_store *s, int64_t keys)
{
	static times t[NUM_WAYS];
	int64_t numbers[LOOKUPS];

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < LOOKUPS; i++)
			numbers[i] = 1 + random() % keys;
		for (size_t w = 0; w < NUM_WAYS; w++)
			time_one(s, w, numbers, &t[w], round);
	}
	for (size_t w = 0; w < NUM_WAYS; w++) {
		double clock = median(t[w].clock);
		(void)printf("%-28s %6.1f us %6.1f us %5.2f\n", ways[w].name,
		    clock, median(t[w].process), clock / median(t[0].clock));
	}
}

int
main(int argc, char **argv)
{
	int64_t keys = argc > 2 ? atoll(argv[2]) : 1000000;
	sgl_store *s = NULL;
	sgl_err err = {0};
	double start;

	if (argc < 2 || keys < 1) {
		(void)fprintf(stderr, "usage: bench-store LOCATION [KEYS]\n");
		return 2;
	}
	must(sgl_store_create(argv[1], &s, &err), &err);
	start = now(CLOCK_MONOTONIC);
	fill(s, keys);
	(void)printf("%lld keys, made in %.0f s\n", (long long)keys,
	    now(CLOCK_MONOTONIC) - start);
	measure(s, keys);
	sgl_store_free(s);
	return 0;
}
