/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the benchmark share. A row is one case at one size. For
 * each row three contenders do the same work: libsigill by its public calls,
 * OpenSSL by its CMS and S/MIME calls, and the limit: only the hashing, the
 * ciphering and the public-key operations that cannot be avoided, on contexts
 * that are set up once.
 */
#ifndef SGL_BENCH_H
#define SGL_BENCH_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "sigill/sigill.h"

#define BENCH_MANY 100 /* recipients of the rows with many */

typedef enum bench_what {
	BENCH_SIGN,
	BENCH_VERIFY,
	BENCH_ENCRYPT,
	BENCH_DECRYPT
} bench_what;

typedef struct bench_case {
	const char *name;
	bench_what what;
	bool ec, gcm;
	bool cold; /* forget keys and certificates in front of each message */
	bool many; /* BENCH_MANY recipients instead of one */
} bench_case;

/* A key with its certificate, as both libraries want them. */
typedef struct bench_party {
	EVP_PKEY *pkey;
	X509 *x509;
	sgl_key *key;
	sgl_cert *cert;
} bench_party;

/* One kind of key: a chain of three, and many to write to. */
typedef struct bench_kind {
	bench_party root, intermediate, leaf;
	STACK_OF(X509) * x509s; /* BENCH_MANY, the leaf among them */
	sgl_certs certs;
} bench_kind;

/* Output is copied here, by both libraries alike. */
typedef struct bench_out {
	sgl_sink sink;
	uint8_t *data;
	size_t len, cap;
	bool finished;
} bench_out;

/* A row at work. */
typedef struct bench_work {
	const bench_case *c;
	bench_kind *kind;
	sgl_engine *engine;
	sgl_slice content; /* a MIME entity */
	sgl_slice message; /* verify, decrypt: what OpenSSL made of it */
	bench_out out;
} bench_work;

typedef struct bench_contender {
	const char *name;
	void *(*open)(bench_work *w); /* once per row; NULL: w itself */
	void (*run)(bench_work *w, void *state); /* one operation */
	void (*close)(void *state);
} bench_contender;
extern const bench_contender bench_sigill, bench_openssl, bench_limit;

/* The answer to everything that must not happen; prints the reason that
 * OpenSSL has, too. */
_Noreturn void bench_die(const char *what);
_Noreturn void bench_die_sigill(const char *what, const sgl_err *err);
void *bench_alloc(size_t size);

/* material.c */
bench_kind *bench_kind_new(sgl_engine *engine, bool ec, bool many);
void bench_kind_free(bench_kind *kind);
/* A text/plain entity with CRLF of about `size` bytes; free() it. */
sgl_slice bench_content(size_t size);
void bench_out_open(bench_out *out, size_t cap);
void bench_out_reset(bench_out *out);
void bench_out_close(bench_out *out);

/* openssl.c: makes and reads messages outside of the measuring. */
sgl_slice bench_message(bench_work *w); /* free() it */
/* Dies unless OpenSSL gets the content out of a message. */
void bench_read_back(bench_work *w, sgl_slice message);

#endif
