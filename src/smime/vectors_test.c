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

#include "support/message.h"

/* 2030-01-01: inside the validity of the vectors' certificates. */
#define JUDGED_AT 1893456000

typedef struct vector {
	char file[128], keys[128], signature[64], confidentiality[64],
	    content[64];
} vector;

static sgl_engine *engine;
static char folder[512];

typedef struct offered {
	message_offer offer;
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

static void
add_anchor(sgl_certs *anchors)
{
	sgl_keyring ring = {0};

	message_load(engine, folder, "ca.pem", NULL, &ring);
	assert_int_equal(
	    sgl_certs_add(anchors, ring.certs.items[0], NULL), SGL_OK);
	sgl_keyring_clear(&ring);
}

static void
withdraw(offered *o)
{
	sgl_keyring_clear(&o->offer.ring);
	sgl_certs_clear(&o->offer.anchors);
}

/* "rsa,p521" or "password:X" or "kek:HEX:ID" or "-". */
static void
offer(const vector *v, offered *o)
{
	char keys[128], *save = NULL, name[160];
	const char *colon;

	memset(o, 0, sizeof *o);
	o->offer.at = JUDGED_AT;
	o->offer.peel = SGL_PEEL_ALL;
	add_anchor(&o->offer.anchors);
	if (!strncmp(v->keys, "password:", 9)) {
		o->offer.password = sgl_slice_str(v->keys + 9);
	} else if (!strncmp(v->keys, "kek:", 4)) {
		colon = strchr(v->keys + 4, ':');
		o->offer.kek = sgl_slice_of(
		    o->kek_bytes, unhex(v->keys + 4, o->kek_bytes));
		o->offer.kek_id =
		    sgl_slice_of(o->id_bytes, unhex(colon + 1, o->id_bytes));
	} else if (strcmp(v->keys, "-") != 0) {
		(void)snprintf(keys, sizeof keys, "%s", v->keys);
		for (char *k = strtok_r(keys, ",", &save); k != NULL;
		     k = strtok_r(NULL, ",", &save)) {
			(void)snprintf(name, sizeof name, "%s.pem", k);
			message_load(
			    engine, folder, name, NULL, &o->offer.ring);
		}
	}
}

static void
check_content(const vector *v, const message_outcome *o)
{
	sgl_buf want;

	if (!strcmp(v->content, "-"))
		return;
	want = message_file(folder, v->content);
	if (!sgl_slice_eq(sgl_buf_slice(&want), sgl_buf_slice(&o->content)))
		fail_msg("%s: another content", v->file);
	sgl_buf_clear(&want);
}

static void
check_states(const vector *v, const message_outcome *o)
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
	sgl_buf file = message_file(folder, v->file);
	message_outcome whole, pieces;
	offered o;
	const size_t steps[] = {1, 7, 4096, file.len / 2 + 1};

	offer(v, &o);
	message_read(
	    engine, sgl_buf_slice(&file), &o.offer, file.len, true, &whole);
	check_states(v, &whole);
	check_content(v, &whole);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		message_read(engine, sgl_buf_slice(&file), &o.offer, steps[i],
		    true, &pieces);
		message_same(&whole, &pieces);
		message_outcome_clear(&pieces);
	}
	message_outcome_clear(&whole);
	withdraw(&o);
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
	message_outcome cut;

	message_read(engine, sgl_slice_first(file, at), &o->offer,
	    at == 0 ? 1 : at, false, &cut);
	if (cut.status == SGL_OK || cut.finished)
		fail_msg("%s: cut at %zu and not noticed", v->file, at);
	message_outcome_clear(&cut);
}

static void
check_truncation(const vector *v)
{
	sgl_buf file = message_file(folder, v->file);
	size_t required, seed = 1;
	offered o;

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
	withdraw(&o);
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
	assert_true(num > 25);
}

/* OpenSSL's, and ours of the forms that it cannot write. */
static void
in_each_folder(void (*check)(const vector *))
{
	static const char *const makers[] = {"openssl", "sigill"};
	const char *source = getenv("SIGILL_SOURCE");

	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
		(void)snprintf(folder, sizeof folder,
		    "%s/tests/vectors/made-by-%s",
		    source == NULL ? "." : source, makers[i]);
		for_each_vector(check);
	}
}

static void
test_outcomes(void **state)
{
	(void)state;
	in_each_folder(check_vector);
}

static void
test_truncation(void **state)
{
	(void)state;
	in_each_folder(check_truncation);
}

static int
set_up(void **state)
{
	(void)state;
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
