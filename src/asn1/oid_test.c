/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/oid.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *der, *dotted, *name;
} table[] = {
#define OID(id, der, dotted, name) {der, dotted, name},
#include "asn1/oid_table.h"
#undef OID
};

/* The table is in order, and its three columns say the same. */
static void
agrees_with_itself(void **state)
{
	(void)state;
	assert_int_equal(COUNT(table), SGL_OID_COUNT - 1);
	for (size_t i = 0; i < COUNT(table); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(64);
		sgl_oid oid = (sgl_oid)(i + 1);
		char text[SGL_OID_TEXT];

		assert_true(
		    sgl_oid_parse(sgl_slice_str(table[i].dotted), &der));
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&der), sgl_oid_der(oid)));
		assert_int_equal(sgl_oid_find(sgl_buf_slice(&der)), oid);
		assert_string_equal(
		    sgl_oid_dotted(sgl_buf_slice(&der), text), table[i].dotted);
		assert_string_equal(
		    sgl_oid_label(sgl_buf_slice(&der), text), table[i].name);
		assert_string_equal(sgl_oid_name(oid), table[i].name);
		if (i > 0)
			assert_true(sgl_slice_compare(sgl_oid_der(oid),
					sgl_oid_der((sgl_oid)i)) > 0);
	}
}

static const struct {
	const char *hex, *dotted;
	bool parses; /* back to the same bytes */
} texts[] = {
    {"", "", false},
    {"00", "0.0", true},
    {"27", "0.39", true},
    {"28", "1.0", true},
    {"4f", "1.39", true},
    {"50", "2.0", true},
    {"7f", "2.47", true},
    {"8100", "2.48", true},
    {"883703", "2.999.3", true},
    {"2a0384", "1.2.3", false}, /* cut short: what there is */
    {"2a00", "1.2.0", true},
    {"2a8fffffffff7f", "1.2.549755813887", true},
    {"8064", "2.20", false}, /* a zero in front, which no reader passes */
    /* a UUID (2.25), an arc of 47 digits, and one of 49 */
    {"6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776",
	"2.25.329800735698586629295641978511506172918", false},
    {"2affffffffffffffffffffffffffffffffffffffffff7f",
	"1.2.22835963083295358096932575511191922182123945983", false},
    {"2affffffffffffffffffffffffffffffffffffffffffff7f", "1.2...", false},
};

static void
writes_arcs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		sgl_slice der = unhex(texts[i].hex);
		SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(64);
		char text[SGL_OID_TEXT];

		(void)sgl_oid_dotted(der, text);
		assert_string_equal(text, texts[i].dotted);
		if (texts[i].parses) {
			assert_true(sgl_oid_parse(sgl_slice_str(text), &back));
			assert_true(sgl_slice_eq(sgl_buf_slice(&back), der));
		}
	}
}

static void
cuts_long_texts(void **state)
{
	uint8_t der[100];
	char text[SGL_OID_TEXT];

	(void)state;
	memset(der, 0x7f, sizeof der);
	(void)sgl_oid_dotted(sgl_slice_of(der, sizeof der), text);
	assert_true(strlen(text) < SGL_OID_TEXT);
	assert_string_equal(text + strlen(text) - 3, "...");
}

static void
refuses_bad_texts(void **state)
{
	static const char *const bad[] = {"", ".", "1", "1.", ".1", "1..2",
	    "3.1", "0.40", "1.40", "1.2.", "1.2.a", "1.2.-1", "1.2 ", " 1.2",
	    "1.2.99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(64);

		if (sgl_oid_parse(sgl_slice_str(bad[i]), &der))
			fail_msg("%s", bad[i]);
	}
}

static void
knows_what_it_does_not_know(void **state)
{
	char text[SGL_OID_TEXT];

	(void)state;
	assert_int_equal(sgl_oid_find(SGL_LIT("")), SGL_OID_UNKNOWN);
	assert_int_equal(sgl_oid_find(SGL_LIT("\x00")), SGL_OID_UNKNOWN);
	assert_int_equal(sgl_oid_find(SGL_LIT("\xff\xff")), SGL_OID_UNKNOWN);
	assert_string_equal(
	    sgl_oid_label(SGL_LIT("\x2a\x03\x04"), text), "1.2.3.4");
	assert_int_equal(sgl_oid_der(SGL_OID_UNKNOWN).len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_itself),
	    cmocka_unit_test(writes_arcs),
	    cmocka_unit_test(cuts_long_texts),
	    cmocka_unit_test(refuses_bad_texts),
	    cmocka_unit_test(knows_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
