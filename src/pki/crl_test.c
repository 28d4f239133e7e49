/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "pki/crl.h"
#include "pki/crl_scope.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/issue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int
start(void **state)
{
	sgl_engine *engine;

	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	*state = engine;
	return 0;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

/* CN=ca and CN=cb */
#define CA_NAME "300d310b300906035504030c026361"
#define CB_NAME "300d310b300906035504030c026362"
#define TIME_1 "170d3235303130313030303030305a" /* 2025-01-01 */
#define TIME_2 "170d3236303130313030303030305a"
#define ALG "300a06082a8648ce3d040302"

/* A CRL of CN=ca in raw pieces: entries and extensions as hex elements. */
static void
put_crl(const char *entries, const char *exts, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t crl, tbs, list;

	out->len = 0;
	crl = sgl_derb_open(&b, SGL_SEQUENCE);
	tbs = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 1);
	sgl_derb_raw(&b, unhex(ALG));
	sgl_derb_raw(&b, unhex(CA_NAME));
	sgl_derb_raw(&b, unhex(TIME_1));
	sgl_derb_raw(&b, unhex(TIME_2));
	if (entries != NULL) {
		list = sgl_derb_open(&b, SGL_SEQUENCE);
		sgl_derb_raw(&b, unhex(entries));
		sgl_derb_close(&b, list);
	}
	if (exts != NULL) {
		size_t wrap = sgl_derb_open(&b, SGL_CONTEXT(0));

		list = sgl_derb_open(&b, SGL_SEQUENCE);
		sgl_derb_raw(&b, unhex(exts));
		sgl_derb_close(&b, list);
		sgl_derb_close(&b, wrap);
	}
	sgl_derb_close(&b, tbs);
	sgl_derb_raw(&b, unhex(ALG));
	sgl_derb_bits(&b, SGL_LIT("x"), 0);
	sgl_derb_close(&b, crl);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static sgl_crl *
make_crl(sgl_engine *engine, const char *entries, const char *exts)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_crl *crl = NULL;

	put_crl(entries, exts, &der);
	if (sgl_crl_read(engine, sgl_buf_slice(&der), &crl, NULL) != SGL_OK)
		return NULL;
	return crl;
}

#define PLAIN(serial) "3012" serial TIME_1
/* entry extensions: keyCompromise, invalidityDate 2024, certificateIssuer cb,
 * one that nobody knows, critical and not */
#define REASON(n) "300a0603551d1504030a01" n
#define INVALIDITY "30180603551d180411180f32303234303130313030303030305a"
#define ISSUER_CB                                                              \
	"301d0603551d1d0101ff0413"                                             \
	"3011a40f" CB_NAME
#define UNKNOWN_CRITICAL "300a06022a030101ff040100"
#define UNKNOWN_PLAIN "300706022a03040100"

static const struct {
	const char *entries, *exts;
	bool reads, is_unusable;
} lists[] = {
    {NULL, NULL, true, false},
    {PLAIN("020101"), NULL, true, false},
    {PLAIN("020101") PLAIN("0201ff"), NULL, true, false},
    {"301e020101" TIME_1 REASON("01"), NULL, false, false}, /* no SEQUENCE */
    {"3020020101" TIME_1 "300c" REASON("01"), NULL, true, false},
    {"3020020101" TIME_1 "300c" UNKNOWN_CRITICAL, NULL, true, true},
    {"301d020101" TIME_1 "3009" UNKNOWN_PLAIN, NULL, true, false},
    {"3005020101"
     "0500",
	NULL, false, false},
    {"3003020101", NULL, false, false},
    {"300f" TIME_1, NULL, false, false},
    /* CRL extensions: number, delta, IDP; twice; critical and unknown */
    {NULL, "300a0603551d140403020105", true, false},
    {NULL,
	"300a0603551d140403020105"
	"300a0603551d140403020105",
	true, true},
    {NULL, "300a0603551d1404030201ff", true, true},
    {NULL, "300d0603551d1b0101ff0403020105", true, false},
    {NULL, "300f0603551d1c0101ff04053003820100", true, false},
    {NULL, "300f0603551d1c0101ff04053003860100", true, true},
    {NULL, UNKNOWN_CRITICAL, true, true},
    {NULL, UNKNOWN_PLAIN, true, false},
    {NULL, "0500", false, false},
};

static void
reads_lists(void **state)
{
	for (size_t i = 0; i < COUNT(lists); i++) {
		SGL_AUTO(sgl_crl)
		crl = make_crl(*state, lists[i].entries, lists[i].exts);

		if ((crl != NULL) != lists[i].reads ||
		    (crl != NULL && crl->is_unusable != lists[i].is_unusable))
			fail_msg("row %zu", i);
	}
}

static void
refuses_cut(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_crl *crl = NULL;

	put_crl(PLAIN("020101"), "300a0603551d140403020105", &der);
	for (size_t n = 0; n < der.len; n++)
		assert_int_equal(
		    sgl_crl_read(*state, sgl_slice_of(der.data, n), &crl, NULL),
		    SGL_E_ENCODING);
	assert_int_equal(sgl_buf_add(&der, SGL_LIT("\0"), NULL), SGL_OK);
	assert_int_equal(sgl_crl_read(*state, sgl_buf_slice(&der), &crl, NULL),
	    SGL_E_ENCODING);
}

static bool
finds(
    sgl_crl *crl, const char *issuer, const char *serial, sgl_crl_found *found)
{
	bool is;

	assert_int_equal(
	    sgl_crl_find(crl, unhex(issuer), unhex(serial), &is, found, NULL),
	    SGL_OK);
	return is;
}

static void
finds_entries(void **state)
{
	SGL_AUTO(sgl_crl)
	crl = make_crl(*state,
	    PLAIN("020101") "3013020200ff" TIME_1 "303a020103" TIME_1
			    "3026" REASON("01") INVALIDITY
	    "3033020104" TIME_1 "301f" ISSUER_CB PLAIN("020105"),
	    NULL);
	sgl_crl_found found;

	assert_non_null(crl);
	assert_int_equal(crl->num_entries, 5);
	assert_true(finds(crl, CA_NAME, "01", &found));
	assert_int_equal(found.revoked_at, 1735689600);
	assert_int_equal(found.reason, -1);
	/* the same number in more bytes; another number in the same digits */
	assert_true(finds(crl, CA_NAME, "0001", &found));
	assert_true(finds(crl, CA_NAME, "00ff", &found));
	assert_false(finds(crl, CA_NAME, "ff", &found));
	assert_false(finds(crl, CA_NAME, "02", &found));
	assert_false(finds(crl, CA_NAME, "", &found));
	assert_true(finds(crl, CA_NAME, "03", &found));
	assert_int_equal(found.reason, 1);
	assert_true(found.has_invalidity_date);
	assert_int_equal(found.invalidity_date, 1704067200);
	/* from here on another issuer's (RFC 5280 5.3.3) */
	assert_false(finds(crl, CA_NAME, "04", &found));
	assert_true(finds(crl, CB_NAME, "04", &found));
	assert_false(finds(crl, CA_NAME, "05", &found));
	assert_true(finds(crl, CB_NAME, "05", &found));
	assert_false(finds(crl, CB_NAME, "01", &found));
}

#define MANY 100000

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static sgl_slice
serial_of(uint32_t i, uint8_t out[5])
{
	out[0] = 1;
	for (int k = 0; k < 4; k++)
		out[1 + k] = (uint8_t)(i >> (24 - 8 * k));
	return sgl_slice_of(out, 5);
}

/* Each second number; ctx is room for one. */
static sgl_status
tell(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	(void)err;
	*end = i == MANY;
	*out = (sgl_revoked){.serial = serial_of((uint32_t)i * 2, ctx),
	    .revoked_at = SGL_ISSUE_TIME,
	    .reason = 4};
	return SGL_OK;
}

static void
put_many(sgl_engine *engine, const sgl_who *root, sgl_buf *der)
{
	uint8_t serial[5];
	sgl_crl_template t = {.issuer = root->cert->subject,
	    .this_update = SGL_ISSUE_TIME,
	    .next_update = SGL_ISSUE_TIME + 1,
	    .number = 1,
	    .next = tell,
	    .ctx = serial};

	assert_int_equal(
	    sgl_crl_build(engine, &t, root->key, SGL_DIGEST_NONE, der, NULL),
	    SGL_OK);
}

/* 100000 entries, each second number: all are found, in no time. */
static void
finds_among_many(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(16 << 20);
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_crl_found found;
	uint8_t bytes[5];
	double begin, read, first;
	bool is;

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	put_many(*state, &root, &der);
	begin = seconds();
	assert_int_equal(
	    sgl_crl_read(*state, sgl_buf_slice(&der), &crl, NULL), SGL_OK);
	assert_int_equal(crl->num_entries, MANY);
	read = seconds();
	assert_int_equal(sgl_crl_find(crl, root.cert->subject,
			     serial_of(0, bytes), &is, &found, NULL),
	    SGL_OK);
	first = seconds();
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(sgl_crl_find(crl, root.cert->subject,
				     serial_of(i, bytes), &is, &found, NULL),
		    SGL_OK);
		assert_int_equal(is, i % 2 == 0);
	}
	print_message("%d entries, %zu bytes: read %.1f ms, index %.1f ms, "
		      "lookup %.0f ns\n",
	    MANY, der.len, (read - begin) * 1e3, (first - read) * 1e3,
	    (seconds() - first) * 1e9 / MANY);
	assert_true(seconds() - begin < 5);
}

/* Delta CRLs: number, base, and that they belong together. */
static void
fits_deltas(void **state)
{
	static const struct {
		const char *base, *delta;
		bool fits;
	} pairs[] = {
	    {"300a0603551d140403020105",
		"300a0603551d140403020106300d0603551d1b0101ff0403020105", true},
	    {"300a0603551d140403020105",
		"300a0603551d140403020106300d0603551d1b0101ff0403020104", true},
	    {"300a0603551d140403020105",
		"300a0603551d140403020107300d0603551d1b0101ff0403020106",
		false},
	    {"300a0603551d140403020105",
		"300a0603551d140403020105300d0603551d1b0101ff0403020105",
		false},
	    {"300a0603551d140403020105",
		"300b0603551d14040402020100300d0603551d1b0101ff0403020105",
		true},
	    {NULL, "300a0603551d140403020106300d0603551d1b0101ff0403020105",
		false},
	    {"300a0603551d140403020105", "300a0603551d140403020106", false},
	    {"300a0603551d140403020105300f0603551d1c0101ff04053003820100",
		"300a0603551d140403020106300d0603551d1b0101ff0403020105",
		false},
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		SGL_AUTO(sgl_crl)
		base = make_crl(*state, NULL, pairs[i].base);
		SGL_AUTO(sgl_crl)
		delta = make_crl(*state, NULL, pairs[i].delta);

		assert_non_null(base);
		assert_non_null(delta);
		if (sgl_crl_fits_delta(base, delta) != pairs[i].fits)
			fail_msg("row %zu", i);
	}
}

static void
keeps_sets(void **state)
{
	SGL_AUTO_CLEAR(sgl_crls) set = {0};
	SGL_AUTO(sgl_crl)
	a = make_crl(*state, NULL, NULL);
	SGL_AUTO(sgl_crl)
	again = make_crl(*state, NULL, NULL);
	SGL_AUTO(sgl_crl)
	b = make_crl(*state, PLAIN("020101"), NULL);

	assert_int_equal(sgl_crls_add(&set, a, NULL), SGL_OK);
	assert_int_equal(sgl_crls_add(&set, again, NULL), SGL_OK);
	assert_int_equal(sgl_crls_add(&set, b, NULL), SGL_OK);
	assert_int_equal(set.num, 2);
}

typedef struct job {
	sgl_engine *engine;
	sgl_slice der;
} job;

static sgl_status
read_job(void *ctx, sgl_err *err)
{
	job *j = ctx;
	SGL_AUTO(sgl_crl)
	crl = NULL;
	SGL_AUTO_CLEAR(sgl_crls) set = {0};
	sgl_crl_found found;
	bool is;

	TRY(sgl_crl_read(j->engine, j->der, &crl, err));
	TRY(sgl_crls_add(&set, crl, err));
	return sgl_crl_find(
	    crl, unhex(CA_NAME), SGL_LIT("\x01"), &is, &found, err);
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	job j = {.engine = *state};

	put_crl(PLAIN("020101"), NULL, &der);
	j.der = sgl_buf_slice(&der);
	assert_int_equal(read_job(&j, NULL), SGL_OK);
	assert_int_equal(sgl_fault_each(read_job, &j), 3);
}

static void
read_file(const char *path, void *ctx)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 24);
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_err err = {0};

	sgl_corpus_read(path, &der);
	if (sgl_crl_read(ctx, sgl_buf_slice(&der), &crl, &err) != SGL_OK)
		fail_msg("%s: %s at %zu", path, err.text, (size_t)err.offset);
}

static void
reads_pkits(void **state)
{
	if (!sgl_corpus_has("pkits")) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	assert_int_equal(sgl_corpus_each("pkits/crls", read_file, *state), 173);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_lists),
	    cmocka_unit_test(refuses_cut),
	    cmocka_unit_test(finds_entries),
	    cmocka_unit_test(finds_among_many),
	    cmocka_unit_test(fits_deltas),
	    cmocka_unit_test(keeps_sets),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(reads_pkits),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
