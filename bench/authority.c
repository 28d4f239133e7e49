/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-authority [--quick] [--rounds N]
 *
 * What a certificate authority does all day, per second of processor time, next
 * to bare ECDSA signatures with P-256 by libcrypto on a context that is ready:
 * no authority can be faster than those. Within a round each works for a tenth
 * of a second in turn; what is printed are medians over the rounds, the shares
 * being medians of the shares within a round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pubkey.h"
#include "measure.h"
#include "pki/ocsp.h"

#define TURN 0.1 /* seconds */
#define NUM_KEYS 64
#define NUM_REVOKED 100000
#define NUM_ISSUED 65536u
#define NOW ((sgl_time)1800000000)
#define DAY ((sgl_time)86400)

typedef struct world {
	sgl_engine *engine;
	sgl_key *key, *subjects[NUM_KEYS];
	sgl_cert *ca, *responder;
	sgl_key *responder_key;
	sgl_buf name, request, out;
	sgl_ocsp_issuer issuer;
	/* Answers that were signed before, by serial number. */
	sgl_slice *answers;
	sgl_buf answer;
	unsigned long count;
	EVP_PKEY_CTX *bare;
} world;

/* --- certificates --- */

static sgl_cert_template
user_template(world *w, uint8_t serial[16])
{
	static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION};
	static const sgl_slice addresses[] = {
	    {(const uint8_t *)"alice@example.org", 17}};
	static sgl_slice policies[1];

	policies[0] = sgl_oid_der(SGL_OID_SMIME_BR_MAILBOX_STRICT);
	memset(serial, 0x42, 16);
	memcpy(serial + 8, &w->count, 8);
	return (sgl_cert_template){.serial = {serial, 16},
	    .issuer = w->ca->subject,
	    .subject = sgl_buf_slice(&w->name),
	    .not_before = NOW,
	    .not_after = NOW + 730 * DAY,
	    .spki = sgl_key_get_spki(w->subjects[w->count % NUM_KEYS]),
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE,
	    .ext_key_usage = mail,
	    .num_ext_key_usage = 1,
	    .addresses = addresses,
	    .num_addresses = 1,
	    .issuer_key_id = w->ca->ski,
	    .policies = policies,
	    .num_policies = 1,
	    .crl_url = SGL_LIT("http://pki.example.org/issuing.crl"),
	    .issuer_url = SGL_LIT("http://pki.example.org/issuing.cer"),
	    .ocsp_url = SGL_LIT("http://pki.example.org/ocsp")};
}

static void
issue(world *w)
{
	uint8_t serial[16];
	sgl_cert_template t = user_template(w, serial);
	sgl_cert *cert = NULL;
	sgl_err err;

	bench_must(
	    sgl_cert_build(w->engine, &t, w->key, SGL_DIGEST_NONE, &cert, &err),
	    "issue", &err);
	sgl_cert_unref(cert);
	w->count++;
}

/* Every subject's key is one that the engine has not met. */
static void
issue_to_strangers(world *w)
{
	if (w->count % NUM_KEYS == 0)
		sgl_engine_forget(w->engine);
	issue(w);
}

/* --- OCSP --- */

static uint32_t
number_of(const sgl_ocsp_id *id)
{
	uint32_t n = 0;

	for (size_t i = 0; i < id->serial.len; i++)
		n = n << 8 | id->serial.data[i];
	return n;
}

static void
answer_live(world *w)
{
	sgl_ocsp_request r;
	sgl_ocsp_answer a = {.status = SGL_OCSP_GOOD,
	    .reason = -1,
	    .this_update = NOW,
	    .next_update = NOW + DAY};
	sgl_ocsp_template t = {.responder = w->responder,
	    .is_delegated = true,
	    .produced_at = NOW,
	    .answers = &a,
	    .num_answers = 1};
	sgl_err err;

	bench_must(sgl_ocsp_request_read(sgl_buf_slice(&w->request), &r, &err),
	    "request", &err);
	if (!sgl_ocsp_issuer_is(&w->issuer, &r.ids[0]))
		bench_die("not our request");
	a.id = r.ids[0].whole;
	t.nonce = r.nonce;
	w->out.len = 0;
	bench_must(sgl_ocsp_build(w->engine, &t, w->responder_key,
		       SGL_DIGEST_NONE, &w->out, &err),
	    "response", &err);
}

static void
answer_stored(world *w)
{
	sgl_ocsp_request r;
	sgl_slice answer;
	sgl_err err;

	bench_must(sgl_ocsp_request_read(sgl_buf_slice(&w->request), &r, &err),
	    "request", &err);
	if (!sgl_ocsp_issuer_is(&w->issuer, &r.ids[0]))
		bench_die("not our request");
	answer = w->answers[number_of(&r.ids[0]) % NUM_ISSUED];
	if (answer.len == 0)
		bench_die("no answer");
	w->out.len = 0;
	bench_must(sgl_buf_add(&w->out, answer, &err), "copy", &err);
}

/* --- CRLs --- */

static sgl_status
tell(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	uint8_t *serial = ctx;

	(void)err;
	*end = i == NUM_REVOKED;
	memset(serial, 0x42, 16);
	memcpy(serial + 8, &i, sizeof i);
	*out = (sgl_revoked){.serial = {serial, 16},
	    .revoked_at = NOW - (sgl_time)i,
	    .reason = (int)(i % 6),
	    .has_invalidity_date = i % 8 == 0,
	    .invalidity_date = NOW - DAY};
	return SGL_OK;
}

static void
list_revoked(world *w)
{
	uint8_t serial[16];
	sgl_crl_template t = {.issuer = w->ca->subject,
	    .issuer_key_id = w->ca->ski,
	    .this_update = NOW,
	    .next_update = NOW + DAY,
	    .number = 1,
	    .next = tell,
	    .ctx = serial};
	sgl_err err;

	w->out.len = 0;
	bench_must(sgl_crl_build(
		       w->engine, &t, w->key, SGL_DIGEST_NONE, &w->out, &err),
	    "CRL", &err);
}

static void
sign_bare(world *w)
{
	bench_bare_sign(w->bare, w->count++);
}

/* --- making it --- */

static void
make_name(const char *cn, sgl_buf *out)
{
	sgl_rdn rdns[] = {{SGL_OID_AT_O, SGL_LIT("Example")},
	    {SGL_OID_AT_CN, sgl_slice_str(cn)}};
	sgl_err err;

	out->len = 0;
	bench_must(sgl_name_build(rdns, 2, out, &err), "name", &err);
}

static sgl_key *
make_key(world *w)
{
	sgl_key *key = NULL;
	sgl_err err;

	bench_must(sgl_key_generate(w->engine, SGL_KEY_P256, 0, &key, &err),
	    "key", &err);
	return key;
}

static void
make_authority(world *w)
{
	static const sgl_oid ocsp[] = {SGL_OID_KP_OCSP_SIGNING};
	sgl_cert_template t = {.serial = SGL_LIT("\x01"),
	    .not_before = NOW - DAY,
	    .not_after = NOW + 3650 * DAY,
	    .is_ca = true,
	    .key_usage = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN};
	sgl_err err;

	make_name("Example Issuing CA", &w->name);
	t.issuer = t.subject = sgl_buf_slice(&w->name);
	t.spki = sgl_key_get_spki(w->key);
	bench_must(sgl_cert_build(
		       w->engine, &t, w->key, SGL_DIGEST_NONE, &w->ca, &err),
	    "CA", &err);
	t.is_ca = false;
	t.key_usage = SGL_KU_DIGITAL_SIGNATURE;
	t.spki = sgl_key_get_spki(w->responder_key);
	t.ext_key_usage = ocsp;
	t.num_ext_key_usage = 1;
	t.ocsp_nocheck = true;
	t.issuer_key_id = w->ca->ski;
	bench_must(sgl_cert_build(w->engine, &t, w->key, SGL_DIGEST_NONE,
		       &w->responder, &err),
	    "responder", &err);
	make_name("Alice Example", &w->name);
}

static void
make_request(world *w)
{
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(1000);
	sgl_slice ids[1];
	sgl_err err;

	bench_must(sgl_ocsp_issuer_init(w->engine, w->ca, &w->issuer, &err),
	    "issuer", &err);
	bench_must(sgl_ocsp_id_build(&w->issuer, SGL_DIGEST_SHA1,
		       SGL_LIT("\x01\x23\x45"), &id, &err),
	    "CertID", &err);
	ids[0] = sgl_buf_slice(&id);
	bench_must(
	    sgl_ocsp_request_build(ids, 1,
		SGL_LIT("0123456789abcdef0123456789abcdef"), &w->request, &err),
	    "request", &err);
	answer_live(w);
	bench_must(sgl_buf_add(&w->answer, sgl_buf_slice(&w->out), &err),
	    "copy", &err);
	w->answers = calloc(NUM_ISSUED, sizeof *w->answers);
	if (w->answers == NULL)
		bench_die("out of memory");
	for (size_t i = 0; i < NUM_ISSUED; i++)
		w->answers[i] = sgl_buf_slice(&w->answer);
}

static void
make_world(world *w)
{
	sgl_err err;

	*w = (world){.name = sgl_buf_init(1000),
	    .request = sgl_buf_init(1000),
	    .answer = sgl_buf_init(100000),
	    .out = sgl_buf_init((size_t)64 << 20)};
	bench_must(sgl_engine_new(NULL, &w->engine, &err), "engine", &err);
	w->key = make_key(w);
	w->responder_key = make_key(w);
	for (size_t i = 0; i < NUM_KEYS; i++)
		w->subjects[i] = make_key(w);
	make_authority(w);
	make_request(w);
	w->bare = bench_bare_new();
}

static void
clear_world(world *w)
{
	for (size_t i = 0; i < NUM_KEYS; i++)
		sgl_key_unref(w->subjects[i]);
	sgl_key_unref(w->key);
	sgl_key_unref(w->responder_key);
	sgl_cert_unref(w->ca);
	sgl_cert_unref(w->responder);
	sgl_buf_clear(&w->name);
	sgl_buf_clear(&w->request);
	sgl_buf_clear(&w->answer);
	sgl_buf_clear(&w->out);
	free(w->answers);
	EVP_PKEY_CTX_free(w->bare);
	sgl_engine_free(w->engine);
}

/* --- measuring --- */

static double
measure(world *w, void (*run)(world *))
{
	double start = bench_cpu(), spent = 0;
	unsigned long num = 0, batch = 1;

	while (spent < TURN) {
		for (unsigned long i = 0; i < batch; i++)
			run(w);
		num += batch;
		spent = bench_cpu() - start;
		if (spent < TURN / 16)
			batch *= 2;
	}
	return (double)num / spent;
}

static const struct {
	const char *name;
	void (*run)(world *);
} rows[] = {
    {"bare P-256 signature", sign_bare},
    {"certificate, key known", issue},
    {"certificate, new key", issue_to_strangers},
    {"OCSP with nonce", answer_live},
    {"OCSP signed before", answer_stored},
    {"CRL of 100000", list_revoked},
};
#define NUM_ROWS (sizeof rows / sizeof *rows)

static void
compete(world *w, unsigned rounds)
{
	static double rate[NUM_ROWS][MAX_ROUNDS], share[NUM_ROWS][MAX_ROUNDS];

	for (unsigned i = 0; i < rounds; i++)
		for (size_t r = 0; r < NUM_ROWS; r++) {
			rate[r][i] = measure(w, rows[r].run);
			share[r][i] = rate[r][i] / rate[0][i];
		}
	printf("%-24s %12s %14s\n", "per cpu second", "rate", "of bare");
	for (size_t r = 0; r < NUM_ROWS; r++)
		printf("%-24s %12.1f %13.1f%%\n", rows[r].name,
		    bench_median(rate[r], rounds),
		    100 * bench_median(share[r], rounds));
	printf(
	    "%-24s %12.1f MiB\n", "  its size", (double)w->out.len / (1 << 20));
}

int
main(int argc, char **argv)
{
	unsigned long rounds = 7;
	bool quick = argc == 2 && strcmp(argv[1], "--quick") == 0;
	world w;

	if (argc == 3 && strcmp(argv[1], "--rounds") == 0)
		rounds = strtoul(argv[2], NULL, 10);
	if ((argc > 1 && !quick && argc != 3) || rounds < 1 ||
	    rounds > MAX_ROUNDS) {
		fputs(
		    "usage: bench-authority [--quick] [--rounds N]\n", stderr);
		return 2;
	}
	make_world(&w);
	for (size_t r = 0; r < NUM_ROWS; r++)
		rows[r].run(&w);
	if (!quick)
		compete(&w, (unsigned)rounds);
	clear_world(&w);
	return 0;
}
