/* SPDX-License-Identifier: Apache-2.0 */
#include "support/parts.h"

#include <assert.h>

static const char ecdsa_sha256[] =
    "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
static const char validity[] = "\x30\x1e\x17\x0d"
			       "200101000000Z"
			       "\x17\x0d"
			       "491231235959Z";
/* The base point of P-256 stands in for a key. */
static const char spki[] =
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48"
    "\xce\x3d\x03\x01\x07\x03\x42\x00\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8"
    "\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39"
    "\x45\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c"
    "\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51"
    "\xf5";
static const char issuer[] = "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c"
			     "\x02"
			     "ca";
static const char subject[] = "\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x03"
			      "\x0c\x05"
			      "alice";

static sgl_slice
or_default(sgl_slice given, const char *bytes, size_t size)
{
	return given.data != NULL ? given : sgl_slice_of(bytes, size - 1);
}
#define OR(given, literal) or_default(given, literal, sizeof(literal))

static void
add_exts(sgl_derb *b, const sgl_part_ext *exts)
{
	size_t wrap, list, one;

	if (exts[0].oid.len == 0)
		return;
	wrap = sgl_derb_open(b, SGL_CONTEXT(3));
	list = sgl_derb_open(b, SGL_SEQUENCE);
	for (size_t i = 0; i < SGL_PART_EXTS && exts[i].oid.len > 0; i++) {
		one = sgl_derb_open(b, SGL_SEQUENCE);
		sgl_derb_oid(b, exts[i].oid);
		if (exts[i].critical != NULL && exts[i].critical[0] != '\0')
			sgl_derb_bytes(
			    b, SGL_BOOLEAN, sgl_slice_of(exts[i].critical, 1));
		sgl_derb_octets(b, exts[i].value);
		sgl_derb_close(b, one);
	}
	sgl_derb_close(b, list);
	sgl_derb_close(b, wrap);
}

void
sgl_parts_cert(const sgl_cert_parts *p, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t cert, tbs;
	sgl_status status;

	out->len = 0;
	cert = sgl_derb_open(&b, SGL_SEQUENCE);
	tbs = sgl_derb_open(&b, SGL_SEQUENCE);
	if (!p->no_version)
		sgl_derb_raw(&b, OR(p->version, "\xa0\x03\x02\x01\x02"));
	sgl_derb_bytes(&b, SGL_INTEGER, OR(p->serial, "\x01"));
	sgl_derb_raw(&b, OR(p->inner_algorithm, ecdsa_sha256));
	sgl_derb_raw(&b, OR(p->issuer, issuer));
	sgl_derb_raw(&b, OR(p->validity, validity));
	sgl_derb_raw(&b, OR(p->subject, subject));
	sgl_derb_raw(&b, OR(p->spki, spki));
	sgl_derb_raw(&b, p->unique);
	add_exts(&b, p->exts);
	sgl_derb_close(&b, tbs);
	sgl_derb_raw(&b, OR(p->algorithm, ecdsa_sha256));
	sgl_derb_bytes(&b, SGL_BIT_STRING,
	    OR(p->signature, "\x00\x30\x06\x02\x01\x01\x02\x01\x01"));
	sgl_derb_raw(&b, p->behind);
	sgl_derb_close(&b, cert);
	status = sgl_derb_end(&b, NULL);
	assert(status == SGL_OK);
	(void)status;
}

void
sgl_parts_name(const char *text, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t name, rdn, ava;
	sgl_status status;

	out->len = 0;
	name = sgl_derb_open(&b, SGL_SEQUENCE);
	rdn = sgl_derb_open(&b, SGL_SET);
	ava = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_AT_CN));
	sgl_derb_utf8(&b, sgl_slice_str(text));
	sgl_derb_close(&b, ava);
	sgl_derb_close(&b, rdn);
	sgl_derb_close(&b, name);
	status = sgl_derb_end(&b, NULL);
	assert(status == SGL_OK);
	(void)status;
}
