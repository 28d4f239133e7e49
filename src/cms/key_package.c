/* SPDX-License-Identifier: Apache-2.0 */
#include "cms/key_package.h"
#include "crypto/key.h"

#define ROOM "cms.key_package"
#define PACKAGE_MAX ((size_t)64 << 10)

/* AsymmetricKeyPackage ::= SEQUENCE OF OneAsymmetricKey (RFC 5958 2), of which
 * there is one. */
static sgl_status
add_package(const sgl_key *key, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_derb b = sgl_derb_over(out);
	size_t list = sgl_derb_open(&b, SGL_SEQUENCE);

	TRY(sgl_key_write(key, &pkcs8, err));
	sgl_derb_raw(&b, sgl_secret_slice(&pkcs8));
	sgl_derb_close(&b, list);
	return sgl_derb_end(&b, err);
}

static sgl_status
sign(sgl_engine *engine, sgl_slice package, const sgl_key_package *how,
    sgl_sink *out, sgl_err *err)
{
	const sgl_signer signer = {
	    .cert = how->signer_cert, .key = how->signer_key, .not_mail = true};
	const sgl_signed_options options = {.signers = &signer,
	    .num_signers = 1,
	    .signing_time = sgl_engine_now(engine),
	    .content_type = SGL_OID_CT_KEY_PACKAGE};
	SGL_AUTO(sgl_signed_writer)
	w = NULL;
	sgl_asker asker = {.is_open = false};

	TRY(sgl_signed_writer_new(engine, &options, &asker, out, &w, err));
	TRY(sgl_sink_write(sgl_signed_writer_sink(w), package, err));
	TRY(sgl_sink_finish(sgl_signed_writer_sink(w), err));
	return asker.is_open ? sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
				   "the key that signs does not answer at once")
			     : SGL_OK;
}

static sgl_status
envelop(sgl_engine *engine, sgl_slice package, const sgl_key_package *how,
    sgl_buf *out, sgl_err *err)
{
	const sgl_enveloped_options options = {.bare = how->recipient,
	    .cipher = how->cipher,
	    .content_type = SGL_OID_SIGNED_DATA};
	SGL_AUTO(sgl_enveloped_writer)
	w = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_enveloped_writer_new(engine, &options, &sink.sink, &w, err));
	return sign(engine, package, how, sgl_enveloped_writer_sink(w), err);
}

sgl_status
sgl_key_package_write(sgl_engine *engine, const sgl_key *key,
    const sgl_key_package *how, sgl_buf *out, sgl_err *err)
{
	sgl_buf package = {.max = PACKAGE_MAX, .secret = true};
	sgl_status status;

	if (sgl_cipher_is_aead(how->cipher))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "EnvelopedData is in CBC mode");
	status = add_package(key, &package, err);
	if (status == SGL_OK)
		status =
		    envelop(engine, sgl_buf_slice(&package), how, out, err);
	sgl_buf_wipe(&package);
	return status;
}
