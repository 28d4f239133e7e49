/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cms/ess.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/issue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
/* Attribute { id-aa-securityLabel or -receiptRequest, SET { */
#define LABEL(len, set) "30" len "060b2a864886f70d010910020231" set
#define UMLAUTS "\xc3\xa5\xc3\xa4\xc3\xb6"
#define TEN "0123456789"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "12345678"

static const struct {
	const char *text, *attribute, *refused;
} written[] = {
    {"1.2.3", LABEL("15", "06") "310406022a03", NULL},
    {"1.2.3:", LABEL("15", "06") "310406022a03", NULL},
    {"1.2.3::", LABEL("15", "06") "310406022a03", NULL},
    {"1.2.3:secret", LABEL("18", "09") "310702010406022a03", NULL},
    {"1.2.3:0", LABEL("18", "09") "310702010006022a03", NULL},
    {"1.2.3:top-secret", LABEL("18", "09") "310702010506022a03", NULL},
    {"1.2.3:256", LABEL("19", "0a") "31080202010006022a03", NULL},
    {"1.2.3:1:A: b", LABEL("1e", "0f") "310d02010106022a031304413a2062", NULL},
    {"1.2.3::" UMLAUTS, LABEL("1d", "0e") "310c06022a030c06c3a5c3a4c3b6", NULL},
    {"", NULL, ""},
    {":secret", NULL, ":secret"},
    {"1", NULL, "1"},
    {"1.2.", NULL, "1.2."},
    {"3.1", NULL, "3.1"},
    {"1.40", NULL, "1.40"},
    {"1.2.3 :1", NULL, "1.2.3 :1"},
    {"1.2.3:257", NULL, "257"},
    {"1.2.3:99999999999", NULL, "99999999999"},
    {"1.2.3:-1", NULL, "-1"},
    {"1.2.3:Secret", NULL, "Secret"},
    {"1.2.3: secret", NULL, " secret"},
    {"1.2.3:1:\x1b", NULL, "?"},
    {"1.2.3:1:\xff", NULL, "?"},
    {"1.2.3:1:" LONG "9", NULL, LONG "9"},
};

static void
writes_labels(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(written); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		sgl_err err = {.text = ""};
		sgl_status got = sgl_label_add(written[i].text, &out, &err);

		if (written[i].refused != NULL) {
			assert_int_equal(got, SGL_E_USAGE);
			assert_string_equal(err.detail, written[i].refused);
			assert_int_equal(out.len, 0);
			continue;
		}
		assert_int_equal(got, SGL_OK);
		if (!sgl_slice_eq(
			sgl_buf_slice(&out), unhex(written[i].attribute)))
			fail_msg("%s", written[i].text);
	}
}

/* 128 characters are allowed, whatever their bytes. */
static void
counts_characters(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	char text[400] = "1.2.3::";

	(void)state;
	for (size_t i = 0; i < 128; i++)
		(void)strcat(text, "\xc3\xa5");
	assert_int_equal(sgl_label_add(text, &out, NULL), SGL_OK);
	(void)strcat(text, "a");
	assert_int_equal(sgl_label_add(text, &out, NULL), SGL_E_USAGE);
}

/* --- reading --- */

static const struct {
	const char *what, *der;
	int classification;
	const char *mark;
	size_t categories;
	bool good;
} labels[] = {
    {"policy alone", "310406022a03", -1, "", 0, true},
    {"all, in the order of tags",
	"311f 020105 06022a03 3113 3011 80022a03 a10b 0c0954c3a47374 20412e2e "
	"130141",
	5, "A", 1, true},
    {"all, as the RFC names them",
	"3116 06022a03 020105 130141 310a 3008 80022a03 a1020500", 5, "A", 1,
	true},
    {"256", "310806022a0302020100", 256, "", 0, true},
    {"no policy", "3103020101", 0, "", 0, false},
    {"two policies", "310806022a0306022a03", 0, "", 0, false},
    {"two classifications", "310a 06022a03 020101 020102", 0, "", 0, false},
    {"two marks", "310a 06022a03 130141 0c0141", 0, "", 0, false},
    {"257", "310806022a0302020101", 0, "", 0, false},
    {"negative", "310706022a030201ff", 0, "", 0, false},
    {"empty mark", "3106 06022a03 0c00", 0, "", 0, false},
    {"no PrintableString", "3107 06022a03 13012a", 0, "", 0, false},
    {"no UTF-8", "3107 06022a03 0c01ff", 0, "", 0, false},
    {"an IA5String", "3107 06022a03 160141", 0, "", 0, false},
    {"no category", "3106 06022a03 3100", 0, "", 0, false},
    {"category without value", "310c 06022a03 3106 3004 80022a03", 0, "", 0,
	false},
    {"category with an EXPLICIT type",
	"3112 06022a03 310c 300a a00406022a03 a1020500", 0, "", 0, false},
    {"a SEQUENCE", "300406022a03", 0, "", 0, false},
    {"something behind", "310406022a0300", 0, "", 0, false},
    {"something inside", "310606022a030500", 0, "", 0, false},
    {"empty", "3100", 0, "", 0, false},
};

static void
reads_labels(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(labels); i++) {
		sgl_slice der = unhex(labels[i].der);
		sgl_label l;

		if (sgl_label_read(der, &l) != labels[i].good)
			fail_msg("%s", labels[i].what);
		if (!labels[i].good)
			continue;
		for (size_t n = 0; n < der.len; n++)
			assert_false(
			    sgl_label_read(sgl_slice_first(der, n), &l));
		assert_true(sgl_label_read(der, &l));
		assert_int_equal(l.classification, labels[i].classification);
		assert_int_equal(l.num_categories, labels[i].categories);
		assert_true(
		    sgl_slice_eq(l.mark, sgl_slice_str(labels[i].mark)));
		assert_true(sgl_slice_eq(l.policy, SGL_LIT("\x2a\x03")));
		assert_true(sgl_slice_eq(l.whole, der));
	}
}

static void
names_classifications(void **state)
{
	(void)state;
	assert_string_equal(sgl_classification_name(0), "unmarked");
	assert_string_equal(sgl_classification_name(5), "top-secret");
	assert_null(sgl_classification_name(6));
	assert_null(sgl_classification_name(-1));
}

#define TO "3006 3004 81026140"

static const struct {
	const char *what, *der;
	int from; /* -1: refused */
} requests[] = {
    {"all", "300e 040141 800100 " TO, SGL_RECEIPTS_ALL},
    {"first tier", "300e 040141 800101 " TO, SGL_RECEIPTS_FIRST_TIER},
    {"a list", "3013 040141 a106 3004 81026262 " TO, SGL_RECEIPTS_LISTED},
    {"an empty list", "300d 040141 a100 " TO, SGL_RECEIPTS_LISTED},
    {"an unknown tier", "300e 040141 800102 " TO, -1},
    {"a long tier", "300f 040141 80020000 " TO, -1},
    {"an EXPLICIT tier", "3010 040141 a003020100 " TO, -1},
    {"no identifier", "300b 800100 " TO, -1},
    {"to nobody", "3008 040141 800100 3000", -1},
    {"to an entity without names", "300a 040141 800100 3002 3000", -1},
    {"to what is no name", "300c 040141 800100 3004 3002 8400", -1},
    {"names without entity", "300c 040141 800100 3004 81026140", -1},
    {"nobody named", "3006 040141 800100", -1},
    {"something behind", "3010 040141 800100 " TO "0500", -1},
    {"a SET", "310e 040141 800100 " TO, -1},
};

static void
reads_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++) {
		sgl_slice der = unhex(requests[i].der), address = {0};
		sgl_receipt_request r;
		sgl_der in;

		if (sgl_receipt_request_read(der, &r) !=
		    (requests[i].from >= 0))
			fail_msg("%s", requests[i].what);
		if (requests[i].from < 0)
			continue;
		for (size_t n = 0; n < der.len; n++)
			assert_false(sgl_receipt_request_read(
			    sgl_slice_first(der, n), &r));
		assert_true(sgl_receipt_request_read(der, &r));
		assert_int_equal(r.from, requests[i].from);
		assert_true(sgl_slice_eq(r.identifier, SGL_LIT("A")));
		in = sgl_der_over(r.to);
		assert_true(sgl_receipt_address_read(&in, &address));
		assert_true(sgl_slice_eq(address, SGL_LIT("a@")));
		assert_false(sgl_receipt_address_read(&in, &address));
	}
}

/* ub-receiptsTo is 16. */
static void
limits_addressees(void **state)
{
	(void)state;
	for (size_t num = 16; num <= 17; num++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		sgl_derb b = sgl_derb_over(&out);
		size_t request = sgl_derb_open(&b, SGL_SEQUENCE), to;
		sgl_receipt_request r;

		sgl_derb_octets(&b, SGL_LIT("A"));
		sgl_derb_bytes(&b, SGL_CONTEXT_PRIMITIVE(0), SGL_LIT("\0"));
		to = sgl_derb_open(&b, SGL_SEQUENCE);
		for (size_t i = 0; i < num; i++)
			sgl_derb_raw(&b, unhex("300481026140"));
		sgl_derb_close(&b, to);
		sgl_derb_close(&b, request);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		assert_int_equal(
		    sgl_receipt_request_read(sgl_buf_slice(&out), &r),
		    num <= 16);
	}
}

/* --- a request of our own --- */

static sgl_slice
value_of(const sgl_buf *attribute)
{
	sgl_der in = sgl_der_over(sgl_buf_slice(attribute)), body, set;
	sgl_slice oid;

	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
	assert_true(sgl_der_read_oid(&body, &oid));
	assert_int_equal(sgl_oid_find(oid), SGL_OID_AA_RECEIPT_REQUEST);
	assert_true(sgl_der_read(&body, SGL_SET, &set));
	return sgl_der_rest(&set);
}

static void
writes_requests(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) alice = {0};
	SGL_AUTO_CLEAR(sgl_buf) one = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) two = sgl_buf_init(4096);
	sgl_receipt_request r, other;
	sgl_slice address;
	sgl_der in;

	sgl_issue_cert(*state,
	    &(sgl_issue){.name = "Alice", .address = "alice@example.org"}, NULL,
	    &alice);
	assert_int_equal(sgl_receipt_request_add(
			     *state, alice.cert, SGL_ISSUE_TIME, &one, NULL),
	    SGL_OK);
	assert_int_equal(sgl_receipt_request_add(
			     *state, alice.cert, SGL_ISSUE_TIME, &two, NULL),
	    SGL_OK);
	assert_true(sgl_receipt_request_read(value_of(&one), &r));
	assert_true(sgl_receipt_request_read(value_of(&two), &other));
	assert_int_equal(r.from, SGL_RECEIPTS_ALL);
	in = sgl_der_over(r.to);
	assert_true(sgl_receipt_address_read(&in, &address));
	assert_true(sgl_slice_eq(address, SGL_LIT("alice@example.org")));
	/* key, time, random */
	assert_int_equal(r.identifier.len, 51);
	assert_memory_equal(r.identifier.data, alice.cert->key_id, 20);
	assert_memory_equal(r.identifier.data + 20, "20260101000000Z", 15);
	assert_false(sgl_slice_eq(r.identifier, other.identifier));
}

static void
refuses_who_has_no_address(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) nobody = {0};
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	sgl_err err = {.text = ""};

	sgl_issue_cert(*state, &(sgl_issue){.name = "Nobody"}, NULL, &nobody);
	assert_int_equal(
	    sgl_receipt_request_add(*state, nobody.cert, 0, &out, &err),
	    SGL_E_USAGE);
	assert_string_equal(err.detail, "CN=Nobody,O=Example");
}

/* --- receipts --- */

static void
reads_receipts(void **state)
{
	sgl_slice der = unhex("300d 020101 06022a03 040141 040142");
	sgl_receipt r;

	(void)state;
	assert_true(sgl_receipt_read(der, &r));
	assert_true(sgl_slice_eq(r.identifier, SGL_LIT("A")));
	assert_true(sgl_slice_eq(r.signature, SGL_LIT("B")));
	for (size_t n = 0; n < der.len; n++)
		assert_false(sgl_receipt_read(sgl_slice_first(der, n), &r));
	assert_false(
	    sgl_receipt_read(unhex("300d 020102 06022a03 040141 040142"), &r));
	assert_false(sgl_receipt_read(
	    unhex("300f 020101 06022a03 040141 040142 0500"), &r));
}

/* --- lack of memory --- */

static sgl_status
write_both(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	const sgl_who *who = ctx;
	sgl_engine *engine = NULL;
	sgl_status status = sgl_engine_new(NULL, &engine, err);

	if (status == SGL_OK)
		status = sgl_label_add("1.2.3:secret:mark", &out, err);
	if (status == SGL_OK)
		status = sgl_receipt_request_add(
		    engine, who->cert, SGL_ISSUE_TIME, &out, err);
	sgl_engine_free(engine);
	return status;
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) alice = {0};

	sgl_issue_cert(*state,
	    &(sgl_issue){.name = "Alice", .address = "alice@example.org"}, NULL,
	    &alice);
	assert_true(sgl_fault_each(write_both, &alice) >= 2);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_labels),
	    cmocka_unit_test(counts_characters),
	    cmocka_unit_test(reads_labels),
	    cmocka_unit_test(names_classifications),
	    cmocka_unit_test(reads_requests),
	    cmocka_unit_test(limits_addressees),
	    cmocka_unit_test(writes_requests),
	    cmocka_unit_test(refuses_who_has_no_address),
	    cmocka_unit_test(reads_receipts),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
