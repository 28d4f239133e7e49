/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of tests/vectors: each is read whole, in halves and byte by
 * byte, with the same outcome; then cut short at every place up to 4 KiB and
 * at seeded places behind, which must never pass for the whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pki/cert.h"
#include "sigill/smime.h"
#include "smime/verdict.h"

/* 2030-01-01: inside the validity of the vectors' certificates. */
#define JUDGED_AT 1893456000

#define MAX_FILE ((size_t)16 << 20)

typedef struct vector {
	char file[128], keys[128], signature[64], confidentiality[64],
	    content[64];
} vector;

typedef struct outcome {
	sgl_status status;
	uint64_t offset;
	bool finished;
	sgl_buf content;
	sgl_bytes json;
	char signature[64], confidentiality[64];
} outcome;

static sgl_engine *engine;
static char folder[512];

static sgl_buf
slurp(const char *name)
{
	sgl_buf b = sgl_buf_init(MAX_FILE);
	char path[1024];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s: cannot be opened", path);
	do {
		assert_int_equal(sgl_buf_reserve(&b, 65536, NULL), SGL_OK);
		n = fread(b.data + b.len, 1, 65536, f);
		b.len += n;
	} while (n > 0);
	(void)fclose(f);
	return b;
}

static void
load(const char *name, sgl_keyring *ring)
{
	sgl_buf file = slurp(name);
	sgl_err err;

	assert_int_equal(sgl_load(engine, sgl_buf_slice(&file),
			     sgl_slice_of(NULL, 0), ring, NULL, NULL, &err),
	    SGL_OK);
	sgl_buf_clear(&file);
}

typedef struct offered {
	sgl_keyring ring;
	sgl_slice password, kek, kek_id;
	uint8_t kek_bytes[32], id_bytes[32];
} offered;

static size_t
unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	while (sscanf(text + 2 * n, "%2x", &byte) == 1 && text[2 * n] != ':')
		out[n++] = (uint8_t)byte;
	return n;
}

/* "rsa,p521" or "password:X" or "kek:HEX:ID" or "-". */
static void
offer(const vector *v, offered *o)
{
	char keys[128], *save = NULL, name[160];
	const char *colon;

	memset(o, 0, sizeof *o);
	if (!strncmp(v->keys, "password:", 9)) {
		o->password = sgl_slice_str(v->keys + 9);
	} else if (!strncmp(v->keys, "kek:", 4)) {
		colon = strchr(v->keys + 4, ':');
		o->kek = sgl_slice_of(
		    o->kek_bytes, unhex(v->keys + 4, o->kek_bytes));
		o->kek_id =
		    sgl_slice_of(o->id_bytes, unhex(colon + 1, o->id_bytes));
	} else if (strcmp(v->keys, "-") != 0) {
		(void)snprintf(keys, sizeof keys, "%s", v->keys);
		for (char *k = strtok_r(keys, ",", &save); k != NULL;
		     k = strtok_r(NULL, ",", &save)) {
			(void)snprintf(name, sizeof name, "%s.pem", k);
			load(name, &o->ring);
		}
	}
}

static sgl_status
push_all(sgl_reader *r, sgl_slice in, size_t step, sgl_err *err)
{
	for (size_t at = 0; at < in.len; at += step) {
		size_t n = in.len - at < step ? in.len - at : step, taken;
		sgl_status status = sgl_reader_push(
		    r, sgl_slice_of(in.data + at, n), &taken, err);

		if (status != SGL_OK)
			return status;
		assert_int_equal(taken, n);
	}
	return SGL_OK;
}

static void
judge(const sgl_report *report, outcome *out)
{
	sgl_keyring anchors = {0};
	sgl_judge_options options = {
	    .anchors = &anchors.certs, .time = JUDGED_AT};
	sgl_verdict *v = NULL;

	load("ca.pem", &anchors);
	assert_int_equal(sgl_judge(engine, report, &options, &v, NULL), SGL_OK);
	assert_int_equal(sgl_verdict_json(v, &out->json, NULL), SGL_OK);
	(void)snprintf(out->signature, sizeof out->signature, "%s",
	    sgl_signature_state_name(sgl_verdict_get_signature(v)));
	(void)snprintf(out->confidentiality, sizeof out->confidentiality, "%s",
	    sgl_confidentiality_state_name(sgl_verdict_get_confidentiality(v)));
	sgl_verdict_free(v);
	sgl_keyring_clear(&anchors);
}

static void
read_pieces(
    sgl_slice in, const offered *o, size_t step, bool judged, outcome *out)
{
	sgl_read_options options = {.peel = SGL_PEEL_ALL,
	    .keys = &o->ring,
	    .password = o->password,
	    .kek = o->kek,
	    .kek_id = o->kek_id};
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_err err = {0};

	memset(out, 0, sizeof *out);
	out->content = sgl_buf_init(MAX_FILE);
	sgl_bufsink_init(&sink, &out->content);
	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink.sink, &r, &err), SGL_OK);
	out->status = push_all(r, in, step, &err);
	if (out->status == SGL_OK)
		out->status = sgl_reader_finish(r, &report, &err);
	out->offset = out->status == SGL_OK ? 0 : err.offset;
	out->finished = sink.finished;
	if (out->status == SGL_OK && judged)
		judge(report, out);
	sgl_reader_free(r);
	assert_true(sink.finished != sink.aborted);
}

static void
outcome_clear(outcome *o)
{
	sgl_buf_clear(&o->content);
	sgl_bytes_free(&o->json);
}

static void
check_same(const outcome *a, const outcome *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->offset, b->offset);
	assert_int_equal(a->finished, b->finished);
	assert_true(sgl_slice_eq(
	    sgl_buf_slice(&a->content), sgl_buf_slice(&b->content)));
	assert_true(sgl_slice_eq(sgl_slice_of(a->json.data, a->json.len),
	    sgl_slice_of(b->json.data, b->json.len)));
}

static void
check_content(const vector *v, const outcome *o)
{
	sgl_buf want;

	if (!strcmp(v->content, "-"))
		return;
	want = slurp(v->content);
	if (!sgl_slice_eq(sgl_buf_slice(&want), sgl_buf_slice(&o->content)))
		fail_msg("%s: another content", v->file);
	sgl_buf_clear(&want);
}

static void
check_states(const vector *v, const outcome *o)
{
	if (o->status != SGL_OK)
		fail_msg("%s: status %s", v->file, sgl_status_name(o->status));
	if (strcmp(v->signature, o->signature) != 0 ||
	    strcmp(v->confidentiality, o->confidentiality) != 0)
		fail_msg("%s: %s / %s, expected %s / %s", v->file, o->signature,
		    o->confidentiality, v->signature, v->confidentiality);
	assert_int_equal(
	    o->finished, strcmp(v->confidentiality, "locked") != 0);
}

static void
check_vector(const vector *v)
{
	sgl_buf file = slurp(v->file);
	outcome whole, pieces;
	offered o;
	const size_t steps[] = {1, 7, 4096, file.len / 2 + 1};

	offer(v, &o);
	read_pieces(sgl_buf_slice(&file), &o, file.len, true, &whole);
	check_states(v, &whole);
	check_content(v, &whole);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		read_pieces(sgl_buf_slice(&file), &o, steps[i], true, &pieces);
		check_same(&whole, &pieces);
		outcome_clear(&pieces);
	}
	outcome_clear(&whole);
	sgl_keyring_clear(&o.ring);
	sgl_buf_clear(&file);
}

/* What may be missing without loss: blank lines at the end, base64's padding,
 * the end line of PEM. */
static size_t
required_len(const char *name, sgl_slice file)
{
	size_t len = file.len;
	const char *end = strstr(name, ".pem7") != NULL
	    ? strstr((const char *)file.data, "-----END")
	    : NULL;

	if (end != NULL)
		len = (size_t)(end - (const char *)file.data);
	if (strstr(name, ".der") != NULL || strstr(name, ".p7c") != NULL)
		return len;
	while (len > 0 && strchr("\r\n \t=", file.data[len - 1]) != NULL)
		len--;
	return len;
}

static void
check_cut(const vector *v, sgl_slice file, const offered *o, size_t at)
{
	outcome cut;

	read_pieces(
	    sgl_slice_first(file, at), o, at == 0 ? 1 : at, false, &cut);
	if (cut.status == SGL_OK || cut.finished)
		fail_msg("%s: cut at %zu and not noticed", v->file, at);
	outcome_clear(&cut);
}

static void
check_truncation(const vector *v)
{
	sgl_buf file = slurp(v->file);
	size_t required, seed = 1;
	offered o;

	/* A locked layer is read to its end as well. */
	assert_int_equal(sgl_buf_add(&file, SGL_LIT("\0"), NULL), SGL_OK);
	file.len--;
	required = required_len(v->file, sgl_buf_slice(&file));
	offer(v, &o);
	for (size_t at = 0; at < required && at < 4096; at++)
		check_cut(v, sgl_buf_slice(&file), &o, at);
	for (size_t i = 0; i < 200 && required > 4096; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		check_cut(v, sgl_buf_slice(&file), &o,
		    4096 + (seed >> 33) % (required - 4096));
	}
	check_cut(v, sgl_buf_slice(&file), &o, required - 1);
	sgl_keyring_clear(&o.ring);
	sgl_buf_clear(&file);
}

static void
for_each_vector(void (*check)(const vector *))
{
	char path[600], line[700];
	size_t num = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/EXPECTED.tsv", folder);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: cannot be opened", path);
	while (fgets(line, sizeof line, f) != NULL) {
		vector v;

		assert_int_equal(sscanf(line,
				     "%127[^\t]\t%127[^\t]\t%63[^\t]\t"
				     "%63[^\t]\t%63[^\n]",
				     v.file, v.keys, v.signature,
				     v.confidentiality, v.content),
		    5);
		check(&v);
		num++;
	}
	(void)fclose(f);
	assert_true(num > 50);
}

static void
test_outcomes(void **state)
{
	(void)state;
	for_each_vector(check_vector);
}

static void
test_truncation(void **state)
{
	(void)state;
	for_each_vector(check_truncation);
}

static int
set_up(void **state)
{
	const char *source = getenv("SIGILL_SOURCE");

	(void)state;
	(void)snprintf(folder, sizeof folder,
	    "%s/tests/vectors/made-by-openssl", source == NULL ? "." : source);
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
