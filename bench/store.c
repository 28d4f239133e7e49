/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-store LOCATION [KEYS]
 *
 * How long it takes to find the key that opens a message, by what the message
 * calls its recipient, among all that there ever were (1,000,000, or KEYS; a
 * thousand of each person): by issuer and serial number and by subject key
 * identifier, as the service does it, from the name to the sealed key; beside a
 * bare look-up by the record's own number, and reading the file alone. LOCATION
 * is the path of a file that does not exist yet, or the URL of an empty
 * database of PostgreSQL; or what was filled by it before. Each row, in
 * microseconds per look-up, of keys in random order: the median and the 99th
 * percentile of all on the clock, and the same of this thread's processor time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "org/recipients.h"

enum { ROUNDS = 15, LOOKUPS = 2000, ALL = ROUNDS * LOOKUPS, AT_ONCE = 20000 };

/* What an RSA-2048 key comes to when it is sealed. */
#define SEALED 1250
#define PER_ISSUER 10000
#define PER_PERSON 1000

static sgl_engine *engine;
static int bare = -1;

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

/* An issuer's Name, of usual length. */
typedef struct names {
	uint8_t issuer[90], serial[16], ski[20];
} names;

static names
names_of(int64_t number)
{
	names n;

	scramble(
	    (uint64_t)(number / PER_ISSUER) << 40, n.issuer, sizeof n.issuer);
	scramble((uint64_t)number, n.serial, sizeof n.serial);
	scramble((uint64_t)number << 20, n.ski, sizeof n.ski);
	return n;
}

static int64_t
person_of(int64_t number)
{
	return 1 + (number - 1) / PER_PERSON;
}

static sgl_status
add_person(sgl_store *s, int64_t number, sgl_err *err)
{
	char address[64], name[] = "Somebody";
	sgl_person p = {
	    .address = address, .address_key = address, .name = name};
	int64_t id;

	if (number % PER_PERSON != 1)
		return SGL_OK;
	(void)snprintf(address, sizeof address, "p%lld@example.org",
	    (long long)person_of(number));
	p.created = 1;
	return sgl_store_add_person(s, &p, &id, err);
}

static sgl_status
set_issuer(const names *n, uint8_t out[32], sgl_err *err)
{
	sgl_digest d;

	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256,
	    sgl_slice_of(n->issuer, sizeof n->issuer), &d, err));
	memcpy(out, d.bytes, 32);
	return SGL_OK;
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
	    .person = person_of(number),
	    .created = 1};

	scramble((uint64_t)number << 10, k.spki_digest, sizeof k.spki_digest);
	TRY(set_issuer(&n, name.issuer, err));
	TRY(add_person(s, number, err));
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

static sgl_status
by_name(sgl_store *s, int64_t number, const sgl_named_recipient *name,
    size_t *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool there;

	TRY(sgl_recipients_find(
	    engine, s, person_of(number), name, &k, &there, err));
	*found = there && k.id == number;
	return SGL_OK;
}

static sgl_status
by_serial(sgl_store *s, int64_t number, size_t *found, sgl_err *err)
{
	const names n = names_of(number);
	const sgl_named_recipient name = {
	    .issuer = sgl_slice_of(n.issuer, sizeof n.issuer),
	    .serial = sgl_slice_of(n.serial, sizeof n.serial)};

	return by_name(s, number, &name, found, err);
}

static sgl_status
by_ski(sgl_store *s, int64_t number, size_t *found, sgl_err *err)
{
	const names n = names_of(number);
	const sgl_named_recipient name = {
	    .ski = sgl_slice_of(n.ski, sizeof n.ski)};

	return by_name(s, number, &name, found, err);
}

/* What reading costs here without a database: two pages of the file, at random.
 * Not of a database that is elsewhere. */
static sgl_status
by_pread(sgl_store *s, int64_t number, size_t *found, sgl_err *err)
{
	static uint8_t page[4096];
	off_t pages = lseek(bare, 0, SEEK_END) / (off_t)sizeof page;

	(void)s;
	(void)number;
	for (int i = 0; i < 2; i++)
		if (pread(bare, page, sizeof page,
			random() % pages * (off_t)sizeof page) < 0)
			return sgl_fail(err, SGL_E_IO, "bench", SGL_NO_OFFSET,
			    "the file cannot be read");
	*found = 1;
	return SGL_OK;
}

static const struct {
	const char *name;
	sgl_status (*find)(
	    sgl_store *s, int64_t number, size_t *found, sgl_err *err);
} ways[] = {
    {"two pages by pread", by_pread},
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

/* Microseconds of each look-up. */
typedef struct times {
	double clock[ALL], thread[ALL];
} times;

static void
time_one(sgl_store *s, size_t way, int64_t number, times *t, int at)
{
	double clock = now(CLOCK_MONOTONIC);
	double thread = now(CLOCK_THREAD_CPUTIME_ID);
	sgl_err err = {0};
	size_t found = 0;

	must(ways[way].find(s, number, &found, &err), &err);
	t->thread[at] = (now(CLOCK_THREAD_CPUTIME_ID) - thread) * 1e6;
	t->clock[at] = (now(CLOCK_MONOTONIC) - clock) * 1e6;
	if (found != 1) {
		(void)fprintf(stderr, "bench-store: not found\n");
		exit(1);
	}
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
say(const char *name, double *clock, double *thread)
{
	qsort(clock, ALL, sizeof *clock, compare);
	qsort(thread, ALL, sizeof *thread, compare);
	(void)printf("%-28s %6.1f us %6.1f us   %6.1f us %6.1f us\n", name,
	    clock[ALL / 2], clock[ALL / 100 * 99], thread[ALL / 2],
	    thread[ALL / 100 * 99]);
}

static void
measure(sgl_store *s, int64_t keys)
{
	static times t[NUM_WAYS];
	int64_t numbers[LOOKUPS];

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < LOOKUPS; i++)
			numbers[i] = 1 + random() % keys;
		for (size_t w = bare < 0; w < NUM_WAYS; w++)
			for (int i = 0; i < LOOKUPS; i++)
				time_one(s, w, numbers[i], &t[w],
				    round * LOOKUPS + i);
	}
	(void)printf("%-28s %20s   %20s\n", "", "clock: median, 99 %",
	    "thread: median, 99 %");
	for (size_t w = bare < 0; w < NUM_WAYS; w++)
		say(ways[w].name, t[w].clock, t[w].thread);
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
	must(sgl_engine_new(NULL, &engine, &err), &err);
	must(sgl_store_create(argv[1], &s, &err), &err);
	start = now(CLOCK_MONOTONIC);
	fill(s, keys);
	(void)printf("%lld keys, made in %.0f s\n", (long long)keys,
	    now(CLOCK_MONOTONIC) - start);
	bare = open(argv[1], O_RDONLY | O_CLOEXEC);
	measure(s, keys);
	sgl_store_free(s);
	sgl_engine_free(engine);
	return 0;
}
