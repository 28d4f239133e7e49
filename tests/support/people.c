/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "support/parts.h"
#include "support/people.h"

#define SKI_LEN 20

static void
set_ext(sgl_part_ext *ext, sgl_oid oid, const sgl_buf *value)
{
	*ext = (sgl_part_ext){
	    .oid = sgl_oid_der(oid), .value = sgl_buf_slice(value)};
}

static void
add_ski(sgl_buf *out, uint8_t serial)
{
	sgl_derb b = sgl_derb_over(out);
	uint8_t ski[SKI_LEN] = {serial};

	sgl_derb_octets(&b, sgl_slice_of(ski, sizeof ski));
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
add_address(sgl_buf *out, const char *name)
{
	sgl_derb b = sgl_derb_over(out);
	size_t mark = sgl_derb_open(&b, SGL_SEQUENCE);
	char address[128];

	(void)snprintf(address, sizeof address, "%s@example.org", name);
	sgl_derb_bytes(&b, SGL_CONTEXT_PRIMITIVE(1), sgl_slice_str(address));
	sgl_derb_close(&b, mark);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

/* Bit n of the number is bit n of the BIT STRING, counted from its front. */
static void
add_key_usage(sgl_buf *out, unsigned usage)
{
	sgl_derb b = sgl_derb_over(out);
	uint8_t bits = 0;

	for (unsigned i = 0; i < 8; i++)
		if ((usage & 1u << i) != 0)
			bits |= (uint8_t)(0x80 >> i);
	sgl_derb_bits(&b, sgl_slice_of(&bits, 1), 0);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
make_cert(sgl_engine *engine, const char *name, uint8_t serial,
    unsigned key_usage, sgl_tester *p)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(1024);
	SGL_AUTO_CLEAR(sgl_buf) ski = sgl_buf_init(64);
	SGL_AUTO_CLEAR(sgl_buf) san = sgl_buf_init(256);
	SGL_AUTO_CLEAR(sgl_buf) usage = sgl_buf_init(16);
	sgl_cert_parts parts = {
	    .serial = {&serial, 1}, .spki = sgl_key_get_spki(p->key)};

	sgl_parts_name(name, &subject);
	parts.subject = sgl_buf_slice(&subject);
	add_ski(&ski, serial);
	add_address(&san, name);
	set_ext(&parts.exts[0], SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, &ski);
	set_ext(&parts.exts[1], SGL_OID_CE_SUBJECT_ALT_NAME, &san);
	if (key_usage != SGL_KU_ALL) {
		add_key_usage(&usage, key_usage);
		set_ext(&parts.exts[2], SGL_OID_CE_KEY_USAGE, &usage);
	}
	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &p->cert, NULL), SGL_OK);
}

void
sgl_tester_make(sgl_engine *engine, sgl_key_kind kind, const char *name,
    uint8_t serial, unsigned key_usage, sgl_tester *out)
{
	assert_int_equal(
	    sgl_key_generate(engine, kind, 2048, &out->key, NULL), SGL_OK);
	make_cert(engine, name, serial, key_usage, out);
}

void
sgl_tester_clear(sgl_tester *p)
{
	sgl_key_unref(p->key);
	sgl_cert_unref(p->cert);
	*p = (sgl_tester){NULL, NULL};
}

sgl_status
sgl_key_ask_late(void *ctx, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	(void)err;
	return SGL_NEED_KEY;
}

sgl_key *
sgl_key_new_late(sgl_engine *engine, sgl_key *key)
{
	static const sgl_key_ops ops = {.ask = sgl_key_ask_late};
	sgl_key *late = NULL;

	assert_int_equal(sgl_key_new_remote(engine, sgl_key_get_spki(key), &ops,
			     NULL, &late, NULL),
	    SGL_OK);
	return late;
}
