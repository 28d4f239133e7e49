/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/profile.h"

static const sgl_profile profiles[SGL_NUM_PROFILES] = {
    [SGL_PROFILE_ROOT] = {.days = 7305,
	.is_ca = true,
	.key_usage_rsa = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	.key_usage_ec = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN},
    [SGL_PROFILE_ISSUING] = {.days = 3652,
	.is_ca = true,
	.has_path_len = true,
	.path_len = 0,
	.key_usage_rsa = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	.key_usage_ec = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	.is_for_mail = true,
	.in_domain = true},
    [SGL_PROFILE_BRANCH] = {.days = 1826,
	.is_ca = true,
	.has_path_len = true,
	.key_usage_rsa = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	.key_usage_ec = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	.is_for_mail = true},
    [SGL_PROFILE_SIGNING] = {.days = 730,
	.key_usage_rsa = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_NON_REPUDIATION,
	.key_usage_ec = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_NON_REPUDIATION,
	.is_for_mail = true},
    [SGL_PROFILE_ENCRYPTION] = {.days = 730,
	.key_usage_rsa = SGL_KU_KEY_ENCIPHERMENT,
	.key_usage_ec = SGL_KU_KEY_AGREEMENT,
	.is_for_mail = true,
	.has_capabilities = true},
    [SGL_PROFILE_DUAL] = {.days = 730,
	.key_usage_rsa = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_ENCIPHERMENT,
	.key_usage_ec = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT,
	.is_for_mail = true,
	.has_capabilities = true},
    [SGL_PROFILE_RESPONDER] = {.days = 30,
	.key_usage_rsa = SGL_KU_DIGITAL_SIGNATURE,
	.key_usage_ec = SGL_KU_DIGITAL_SIGNATURE,
	.is_responder = true,
	.algorithm = "p256"},
    [SGL_PROFILE_DOOR] = {.days = 365,
	.key_usage_rsa = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_ENCIPHERMENT,
	.key_usage_ec = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT,
	.algorithm = "rsa-2048"},
};

const sgl_profile *
sgl_profile_get(sgl_profile_id id)
{
	return &profiles[id];
}

const char *
sgl_profile_name(sgl_profile_id id)
{
	static const char *const names[SGL_NUM_PROFILES] = {"root", "issuing",
	    "branch", "signing", "encryption", "dual", "responder", "door"};

	return names[id];
}

sgl_status
sgl_profile_capabilities(sgl_buf *out, sgl_err *err)
{
	static const sgl_oid ciphers[] = {
	    SGL_OID_AES256_CBC, SGL_OID_AES192_CBC, SGL_OID_AES128_CBC};
	sgl_derb b = sgl_derb_over(out);
	size_t all = sgl_derb_open(&b, SGL_SEQUENCE);

	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
		size_t one = sgl_derb_open(&b, SGL_SEQUENCE);
		sgl_derb_oid(&b, sgl_oid_der(ciphers[i]));
		sgl_derb_close(&b, one);
	}
	sgl_derb_close(&b, all);
	return sgl_derb_end(&b, err);
}
