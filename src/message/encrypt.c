/* SPDX-License-Identifier: Apache-2.0 */
#include "message/main.h"
#include "message/sign.h"
#include "message/write.h"
#include "pki/cert.h"

static sgl_status
check_cipher(sgl_msg *m, const char *name, sgl_err *err)
{
	static const char *const good[] = {"aes-256-cbc", "aes-192-cbc",
	    "aes-128-cbc", "aes-256-gcm", "aes-128-gcm", "chacha20-poly1305"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (name == NULL || strcmp(name, good[i]) == 0)
			return SGL_OK;
	return sgl_msg_usage(
	    m, err, N_("--cipher names none that we encrypt with"), name);
}

/* What can be said before any file is opened. */
static sgl_status
check_call(sgl_msg *m, sgl_err *err)
{
	const sgl_call *c = m->call;

	TRY(check_cipher(m, sgl_call_get(c, "cipher"), err));
	if (!sgl_call_has(c, "to") && !sgl_call_has(c, "password-recipient") &&
	    !sgl_call_has(c, "kek"))
		return sgl_msg_usage(
		    m, err, N_("something is missing: --to CERT"), NULL);
	if (sgl_call_has(c, "triple") && !sgl_call_has(c, "sign"))
		return sgl_msg_usage(
		    m, err, N_("--triple needs --sign ID"), NULL);
	if ((sgl_call_has(c, "receipt-request") || sgl_call_has(c, "label")) &&
	    !sgl_call_has(c, "sign"))
		return sgl_msg_usage(m, err,
		    N_("--receipt-request and --label need --sign ID"), NULL);
	return sgl_msg_check_label(m, err);
}

static sgl_protect
protection(const sgl_call *call)
{
	if (!sgl_call_has(call, "sign"))
		return SGL_PROTECT_ENCRYPT;
	return sgl_call_has(call, "triple") ? SGL_PROTECT_TRIPLE
					    : SGL_PROTECT_SIGN_ENCRYPT;
}

static sgl_status
encrypt(sgl_msg *m, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_msg_signing) signing = {0};
	SGL_AUTO_CLEAR(sgl_certs) recipients = {0};
	SGL_AUTO_CLEAR(sgl_shared_secrets) secrets = {0};
	sgl_protect_options options = {
	    .what = protection(m->call),
	    .recipients = &recipients,
	    .cipher = sgl_call_get(m->call, "cipher"),
	    .oaep = sgl_call_has(m->call, "oaep"),
	    .use_ski = sgl_call_has(m->call, "ski"),
	    .protect_headers = sgl_call_has(m->call, "protect-headers"),
	};

	TRY(check_call(m, err));
	TRY(sgl_recipients_load(m, &recipients, err));
	TRY(sgl_shared_secrets_load(m, &secrets, err));
	if (options.what != SGL_PROTECT_ENCRYPT)
		TRY(sgl_msg_signing_prepare(
		    m, "sign", &signing, &options, err));
	options.password = sgl_secret_slice(&secrets.password);
	options.kek = sgl_secret_slice(&secrets.kek.key);
	options.kek_id = sgl_slice_of(secrets.kek.id, secrets.kek.id_len);
	return sgl_msg_write(m, &options, err);
}

const sgl_option sgl_encrypt_options[] = {
    {"to", 't', "CERT",
	N_("a recipient: file with certificates, or an address in the "
	   "organisation; may be repeated"),
	true},
    {"cipher", 'c', "CIPHER",
	N_("aes-256-cbc (default), aes-192-cbc, aes-128-cbc, aes-256-gcm, "
	   "aes-128-gcm or chacha20-poly1305"),
	false},
    {"oaep", 0, NULL, N_("RSA: encrypt keys with OAEP, not PKCS#1 v1.5"),
	false},
    {"ski", 0, NULL,
	N_("name recipients by key identifier, not by issuer and serial "
	   "number"),
	false},
    SGL_OPTION_PASSWORD_RECIPIENT(
	N_("whoever knows the first line of FILE can open it too")),
    SGL_OPTION_KEK(
	N_("whoever has this key can open it too: ID:HEX, or 16, 24 or 32 "
	   "bytes")),
    {"sign", 's', "ID", N_("sign first, with this key; may be repeated"), true},
    SGL_OPTION_PASSWORD,
    {"triple", 0, NULL, N_("sign, encrypt, and sign once more"), false},
    SGL_OPTION_PROTECT_HEADERS,
    SGL_OPTIONS_ESS,
    SGL_OPTION_OUTPUT,
    SGL_OPTION_JSON,
    SGL_OPTION_HOME,
    SGL_OPTIONS_END,
};

int
sgl_encrypt_main(sgl_call *call)
{
	return sgl_msg_run(call, encrypt);
}
