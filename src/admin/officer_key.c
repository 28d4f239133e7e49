/* SPDX-License-Identifier: Apache-2.0 */
/* What sigill recovery officer add does where it is called: the service never
 * sees an officer's private key or password. */
#include <unistd.h>

#include "admin/recovery.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "pki/build.h"
#include "sys/input.h"
#include "sys/output.h"
#include "sys/passphrase.h"

#define ROOM "admin.recovery"
#define FILE_MAX ((size_t)1 << 20)
#define NAME_MAX_DER 1024
#define FOR_EVER ((sgl_time)253402300799) /* 9999-12-31T23:59:59Z */

static sgl_status
refuse(const char *why, const char *detail, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, why, "%s",
	    detail == NULL ? "" : detail);
}

static sgl_status
read_password(const sgl_call *call, sgl_secret *out, sgl_err *err)
{
	const char *path = sgl_call_get(call, "password-file");

	if (path != NULL)
		TRY(sgl_passphrase_file(path, out, err));
	else
		TRY(sgl_passphrase_ask(
		    _("New password for the officer's key: "), true, out, err));
	return out->len > 0
	    ? SGL_OK
	    : sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		  N_("the password is empty"), "%s", path == NULL ? "" : path);
}

static sgl_status
build_cert(sgl_engine *engine, const char *name, sgl_key *key, sgl_cert **out,
    sgl_err *err)
{
	const sgl_rdn rdn = {SGL_OID_AT_CN, sgl_slice_str(name)};
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	uint8_t serial[16];
	sgl_cert_template t = {
	    .serial = sgl_slice_of(serial, sizeof serial),
	    .not_before = sgl_engine_now(engine) - SGL_RECOVERY_SKEW,
	    .not_after = FOR_EVER,
	    .spki = sgl_key_get_spki(key),
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT,
	};

	TRY(sgl_random(engine, serial, sizeof serial, err));
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	TRY(sgl_name_build(&rdn, 1, &subject, err));
	t.issuer = sgl_buf_slice(&subject);
	t.subject = t.issuer;
	return sgl_cert_build(engine, &t, key, SGL_DIGEST_NONE, out, err);
}

static sgl_status
write_key(sgl_engine *engine, const char *path, sgl_key *key, sgl_cert *cert,
    const sgl_secret *password, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_bytes file = {0};
	sgl_status status;

	TRY(sgl_keyring_add_key(&ring, key, err));
	TRY(sgl_keyring_add_cert(&ring, cert, err));
	status = sgl_pkcs12_write(engine, &ring, (sgl_slice){NULL, 0},
	    sgl_secret_slice(password), false, &file, err);
	if (status == SGL_OK)
		status = sgl_file_write(
		    engine, path, true, sgl_slice_of(file.data, file.len), err);
	sgl_bytes_free(&file);
	return status;
}

static sgl_status
make_key(
    const sgl_call *call, const char *path, sgl_buf *certificate, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO_CLEAR(sgl_secret) password = {0};

	if (access(path, F_OK) == 0)
		return refuse(
		    N_("the file is there already: no officer's key is "
		       "overwritten"),
		    path, err);
	TRY(read_password(call, &password, err));
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_key_generate(engine, SGL_KEY_P256, 0, &key, err));
	TRY(build_cert(engine, sgl_call_arg(call, 0), key, &cert, err));
	TRY(sgl_buf_add(certificate, sgl_cert_get_der(cert), err));
	return write_key(engine, path, key, cert, &password, err);
}

sgl_status
sgl_officer_bring(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	const char *certificate = sgl_call_get(call, "certificate");
	const char *key_out = sgl_call_get(call, "key-out");

	if ((certificate == NULL) == (key_out == NULL))
		return refuse(
		    N_("give either --certificate or --key-out"), NULL, err);
	if (certificate != NULL && sgl_call_has(call, "password-file"))
		return refuse(
		    N_("--password-file goes with --key-out"), NULL, err);
	order->input = (sgl_buf){.max = FILE_MAX, .secret = true};
	order->file = certificate;
	return certificate != NULL
	    ? sgl_file_read(certificate, &order->input, err)
	    : make_key(call, key_out, &order->input, err);
}

/* A key that nobody's office came of is not left behind. */
int
sgl_officer_add_main(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	const char *key_out = sgl_call_get(call, "key-out");
	bool was_there = key_out != NULL && access(key_out, F_OK) == 0;
	sgl_err err = {0};
	sgl_status status;

	sgl_reply_init(&r, call);
	status = sgl_org_perform(call, &r, &err);
	/* After SGL_E_IO the officer may be in office with this key. */
	if (status != SGL_OK && status != SGL_E_IO && key_out != NULL &&
	    !was_there)
		(void)unlink(key_out);
	return sgl_org_end(call, status, &r, &err);
}
