/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"

void
bench_die(const char *what)
{
	(void)fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

void
bench_must(sgl_status status, const char *what, const sgl_err *err)
{
	if (status == SGL_OK)
		return;
	(void)fprintf(stderr, "bench: %s: %s: %s %s\n", what,
	    sgl_status_name(status), err->text == NULL ? "" : err->text,
	    err->detail);
	exit(1);
}

double
bench_clock(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		bench_die("clock");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double
bench_cpu(void)
{
	return bench_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double
bench_wall(void)
{
	return bench_clock(CLOCK_MONOTONIC);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
bench_median(double *values, unsigned num)
{
	qsort(values, num, sizeof *values, by_value);
	return num % 2 == 1 ? values[num / 2]
			    : (values[num / 2 - 1] + values[num / 2]) / 2;
}

EVP_PKEY_CTX *
bench_bare_new(void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	EVP_PKEY_CTX *bare = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (bare == NULL || EVP_PKEY_sign_init(bare) != 1)
		bench_die("context");
	EVP_PKEY_free(pkey);
	return bare;
}

void
bench_bare_sign(EVP_PKEY_CTX *bare, unsigned long number)
{
	uint8_t digest[32] = {1}, signature[80];
	size_t len = sizeof signature;

	memcpy(digest, &number, sizeof number);
	if (EVP_PKEY_sign(bare, signature, &len, digest, sizeof digest) != 1)
		bench_die("EVP_PKEY_sign");
}
