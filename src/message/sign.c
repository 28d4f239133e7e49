/* SPDX-License-Identifier: Apache-2.0 */
#include "message/main.h"
#include "message/sign.h"
#include "message/write.h"
#include "cms/ess.h"
#include "crypto/hash.h"

static sgl_status
read_digest(sgl_msg *m, sgl_digest_alg *out, sgl_err *err)
{
	static const sgl_digest_alg good[] = {
	    SGL_DIGEST_SHA256, SGL_DIGEST_SHA384, SGL_DIGEST_SHA512};
	const char *name = sgl_call_get(m->call, "digest");

	*out = SGL_DIGEST_NONE;
	if (name == NULL)
		return SGL_OK;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (strcmp(name, sgl_digest_name(good[i])) == 0) {
			*out = good[i];
			return SGL_OK;
		}
	return sgl_msg_usage(
	    m, err, N_("--digest is not one of sha256, sha384, sha512"), name);
}

static sgl_status
read_chain(sgl_msg *m, sgl_chain *out, sgl_err *err)
{
	static const char *const names[] = {
	    [SGL_CHAIN_NONE] = "none",
	    [SGL_CHAIN_ISSUERS] = "issuers",
	    [SGL_CHAIN_FULL] = "full",
	};
	const char *name = sgl_call_get(m->call, "chain");

	*out = SGL_CHAIN_ISSUERS;
	if (name == NULL)
		return SGL_OK;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (sgl_chain)i;
			return SGL_OK;
		}
	return sgl_msg_usage(
	    m, err, N_("--chain is not one of none, issuers, full"), name);
}

sgl_status
sgl_msg_check_label(const sgl_msg *m, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) ignored = sgl_buf_init((size_t)1 << 16);
	const char *label = sgl_call_get(m->call, "label");

	return label == NULL ? SGL_OK : sgl_label_add(label, &ignored, err);
}

void
sgl_msg_signing_clear(sgl_msg_signing *s)
{
	sgl_signers_clear(&s->signers);
	sgl_ids_clear(&s->ids);
}

sgl_status
sgl_msg_signing_prepare(sgl_msg *m, const char *option, sgl_msg_signing *s,
    sgl_protect_options *out, sgl_err *err)
{
	sgl_digest_alg digest;
	sgl_chain chain;

	TRY(read_digest(m, &digest, err));
	TRY(read_chain(m, &chain, err));
	TRY(sgl_ids_load(m, option, SGL_ID_SIGNS, &s->ids, err));
	TRY(sgl_signers_choose(m, &s->ids, chain, &s->signers, err));
	for (size_t i = 0; i < s->signers.num; i++) {
		s->signers.items[i].digest = digest;
		s->signers.items[i].pss = sgl_call_has(m->call, "pss");
	}
	out->signers = s->signers.items;
	out->num_signers = s->signers.num;
	out->include = &s->signers.include;
	out->encryption_cert = s->signers.encryption_cert;
	out->no_certs = sgl_call_has(m->call, "no-certs");
	out->signing_time = sgl_engine_now(m->engine);
	out->receipt_request = sgl_call_has(m->call, "receipt-request");
	out->label = sgl_call_get(m->call, "label");
	return SGL_OK;
}

static sgl_status
sign(sgl_msg *m, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_msg_signing) signing = {0};
	sgl_protect_options options = {
	    .what = SGL_PROTECT_SIGN,
	    .opaque = sgl_call_has(m->call, "opaque"),
	    .protect_headers = sgl_call_has(m->call, "protect-headers"),
	};

	TRY(sgl_msg_check_label(m, err));
	if (!sgl_call_has(m->call, "key"))
		return sgl_msg_usage(
		    m, err, N_("something is missing: --key ID"), NULL);
	TRY(sgl_msg_signing_prepare(m, "key", &signing, &options, err));
	return sgl_msg_write(m, &options, err);
}

const sgl_option sgl_sign_options[] = {
    SGL_OPTION_KEY,
    SGL_OPTION_PASSWORD,
    {"opaque", 0, NULL,
	N_("content inside the signature: whoever has no S/MIME cannot read "
	   "it, but no mail server can break it"),
	false},
    {"digest", 0, "DIGEST",
	N_("sha256, sha384 or sha512 (else what fits the key)"), false},
    {"pss", 0, NULL, N_("RSA: sign with PSS, not with PKCS#1 v1.5"), false},
    {"chain", 0, "HOW",
	N_("certificates to send along: none but one's own, issuers (without "
	   "the root; default), or full"),
	false},
    {"no-certs", 0, NULL, N_("send no certificates at all"), false},
    SGL_OPTION_PROTECT_HEADERS,
    SGL_OPTIONS_ESS,
    SGL_OPTION_OUTPUT,
    SGL_OPTION_JSON,
    SGL_OPTION_HOME,
    SGL_OPTIONS_END,
};

int
sgl_sign_main(sgl_call *call)
{
	return sgl_msg_run(call, sign);
}
