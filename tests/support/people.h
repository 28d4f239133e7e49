/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody with a key and a certificate, for tests. */
#ifndef SGL_SUPPORT_PEOPLE_H
#define SGL_SUPPORT_PEOPLE_H

#include "pki/cert.h"

typedef struct sgl_tester {
	sgl_key *key;
	sgl_cert *cert;
} sgl_tester;

/*
 * sgl_tester_make makes a key of `kind` (RSA: 2048 bits) and a certificate for
 * it, which nobody signed: serial number `serial`, subject CN=name, address
 * name@example.org, a subject key identifier of `serial` in 20 bytes, and
 * keyUsage, SGL_KU_ALL meaning none. Any failure fails the test.
 */
void sgl_tester_make(sgl_engine *engine, sgl_key_kind kind, const char *name,
    uint8_t serial, unsigned key_usage, sgl_tester *out);
void sgl_tester_clear(sgl_tester *p);

/* sgl_key_new_late makes a key that answers later: its asker gets
 * SGL_NEED_KEY, and sgl_key_ask of `key` itself answers. */
sgl_key *sgl_key_new_late(sgl_engine *engine, sgl_key *key);
/* Its sgl_key_ops.ask. */
sgl_status sgl_key_ask_late(void *ctx, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err);

#endif
