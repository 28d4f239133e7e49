/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a certification request: RFC 2986. */
#include "pki/build_inside.h"
#include "pki/csr.h"

typedef struct attribute_marks {
	size_t seq, set;
} attribute_marks;

static attribute_marks
open_attribute(sgl_derb *b, sgl_oid type)
{
	attribute_marks m;

	m.seq = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(type));
	m.set = sgl_derb_open(b, SGL_SET);
	return m;
}

static void
close_attribute(sgl_derb *b, attribute_marks m)
{
	sgl_derb_close(b, m.set);
	sgl_derb_close(b, m.seq);
}

static sgl_status
add_attributes(sgl_engine *engine, const sgl_cert_template *asked,
    sgl_slice challenge, sgl_derb *b, sgl_err *err)
{
	size_t list = sgl_derb_open(b, SGL_CONTEXT(0));
	attribute_marks m;

	m = open_attribute(b, SGL_OID_AA_EXTENSION_REQUEST);
	TRY(sgl_derb_add_extensions(engine, b, asked, err));
	close_attribute(b, m);
	if (challenge.len > 0) {
		m = open_attribute(b, SGL_OID_AA_CHALLENGE_PASSWORD);
		sgl_derb_utf8(b, challenge);
		close_attribute(b, m);
	}
	sgl_derb_close_set_of(b, list);
	return SGL_OK;
}

static sgl_status
add_info(sgl_engine *engine, const sgl_cert_template *asked,
    sgl_slice challenge, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t info = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_uint(&b, 0); /* v1 */
	sgl_derb_raw(&b, asked->subject);
	sgl_derb_raw(&b, asked->spki);
	TRY(add_attributes(engine, asked, challenge, &b, err));
	sgl_derb_close(&b, info);
	return sgl_derb_end(&b, err);
}

static sgl_status
build(sgl_engine *engine, const sgl_cert_template *asked, sgl_slice challenge,
    sgl_key *key, const sgl_sig_alg *alg, sgl_buf *info, sgl_buf *out,
    sgl_err *err)
{
	size_t start = out->len;
	sgl_status status;

	TRY(add_info(engine, asked, challenge, info, err));
	status = sgl_sign_whole(
	    engine, sgl_buf_slice(info), key, alg, (sgl_slice){0}, out, err);
	if (status != SGL_OK)
		out->len = start;
	return status;
}

sgl_status
sgl_csr_build(sgl_engine *engine, const sgl_cert_template *asked,
    sgl_slice challenge, sgl_key *key, sgl_digest_alg digest, sgl_buf *out,
    sgl_err *err)
{
	sgl_buf info = sgl_buf_init(SGL_CSR_MAX);
	sgl_cert_template t = *asked;
	sgl_sig_alg alg;
	sgl_status status;

	t.spki = sgl_key_get_spki(key);
	t.issuer_key_id = (sgl_slice){0};
	TRY(sgl_check_asked(engine, &t, err));
	TRY(sgl_sign_alg(key, digest, &alg, err));
	info.secret = true; /* the password */
	status = build(engine, &t, challenge, key, &alg, &info, out, err);
	sgl_buf_wipe(&info);
	return status;
}
