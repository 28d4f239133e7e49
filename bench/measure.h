/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs that measure an authority share: processor time, medians,
 * and bare ECDSA signatures with P-256 by libcrypto on a context that is ready,
 * which no authority can be faster than. Whatever fails ends the program.
 */
#ifndef SGL_BENCH_MEASURE_H
#define SGL_BENCH_MEASURE_H

#include <openssl/evp.h>

#include "sigill/base.h"

#define MAX_ROUNDS 101

_Noreturn void bench_die(const char *what);
void bench_must(sgl_status status, const char *what, const sgl_err *err);

/* Seconds of processor time: of this process, or by another clock. */
double bench_cpu(void);
double bench_clock(clockid_t clock);
double bench_wall(void);
/* bench_median sorts the values. */
double bench_median(double *values, unsigned num);

EVP_PKEY_CTX *bench_bare_new(void); /* EVP_PKEY_CTX_free */
void bench_bare_sign(EVP_PKEY_CTX *bare, unsigned long number);

#endif
