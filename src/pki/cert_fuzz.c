/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of anybody: read, asked everything, and judged with itself as
 * leaf, issuer and anchor. */
#include <assert.h>
#include <stdlib.h>

#include "pki/path.h"
#include "pki/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_time
constant_time(void *ctx)
{
	(void)ctx;
	return 1700000000;
}

static sgl_engine *
engine(void)
{
	static const sgl_engine_config config = {.now = constant_time};
	static sgl_engine *e;

	if (e == NULL && sgl_engine_new(&config, &e, NULL) != SGL_OK)
		abort();
	return e;
}

static void
ask(const sgl_cert *cert)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1 << 24);
	uint32_t effort = 10000;

	(void)sgl_name_text(cert->subject, &text, NULL);
	text.len = 0;
	(void)sgl_name_find(cert->issuer, SGL_OID_AT_CN, &text);
	if (sgl_name_same(cert->issuer, cert->subject)) {
		assert(cert->is_self_issued);
		assert(cert->issuer_hash == cert->subject_hash);
	}
	for (size_t i = 0; i < sgl_cert_num_addresses(cert); i++)
		assert(sgl_cert_get_address(cert, i).len >= 3);
	if (sgl_cert_may_sign(cert) || sgl_cert_may_encrypt(cert))
		assert(cert->malformed_extension.len == 0);
	(void)sgl_cert_get_signature_digest(cert);
	(void)sgl_constraints_allow(cert, cert, &effort);
	assert(effort <= 10000);
}

static void
judge(sgl_cert *cert, bool as_anchor, sgl_purpose purpose)
{
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	sgl_certs set = {&cert, 1}, none = {0};
	sgl_evidence evidence = {as_anchor ? &set : &none, &set, NULL, NULL};
	sgl_path_policy policy = {.time = cert->not_before,
	    .purpose = purpose,
	    .check_revocation = true,
	    .explicit_policy = true,
	    .allow_weak = true};

	if (sgl_path_check(engine(), cert, &evidence, &policy, &path, NULL) !=
	    SGL_OK)
		abort();
	assert(path.num >= 1 && path.fault_at < path.num);
	assert(path.reaches_anchor == as_anchor);
}

/* Two copies in one chain, as if the one had signed the other. */
static void
judge_chain(sgl_cert *cert)
{
	sgl_cert *chain[] = {cert, cert, cert};
	sgl_path_policy policy = {.explicit_policy = true};
	size_t fault_at;

	if (sgl_policies_check(chain, 3, &policy, &fault_at, NULL) != SGL_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_err err;
	sgl_status status =
	    sgl_cert_read(engine(), sgl_slice_of(data, size), &cert, &err);

	if (status != SGL_OK) {
		assert(status == SGL_E_ENCODING && err.offset <= size);
		return 0;
	}
	ask(cert);
	judge(cert, true, SGL_PURPOSE_ANY);
	judge(cert, true, SGL_PURPOSE_MAIL_SIGN);
	judge(cert, false, SGL_PURPOSE_MAIL_ENCRYPT);
	judge_chain(cert);
	return 0;
}
