/* SPDX-License-Identifier: Apache-2.0 */
#include "cms/pkcs12.h"

#define ROOM "cms.pkcs12"
#define MAX_DERIVATIONS 256 /* for one file */

sgl_pkcs12_password
sgl_pkcs12_password_over(sgl_slice utf8)
{
	return (sgl_pkcs12_password){
	    .utf8 = utf8.data != NULL ? utf8 : SGL_LIT(""),
	    .is_given = utf8.data != NULL,
	};
}

static sgl_status
wrong(const sgl_pkcs12_password *p, sgl_err *err)
{
	const char *text = "wrong password";

	if (p->is_sure)
		text = "a part of the file has another password";
	else if (!p->is_given)
		text = "a password is needed";
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET, text);
}

sgl_status
sgl_pkcs12_password_settle(sgl_pkcs12_password *p, sgl_engine *engine,
    const sgl_pkcs12_mac *mac, sgl_slice content, sgl_err *err)
{
	static const sgl_slice no_bytes;

	TRY(sgl_pkcs12_mac_check(
	    engine, mac, p->utf8, content, &p->is_sure, err));
	if (!p->is_sure && p->utf8.len == 0)
		TRY(sgl_pkcs12_mac_check(
		    engine, mac, no_bytes, content, &p->is_sure, err));
	return p->is_sure ? SGL_OK : wrong(p, err);
}

sgl_status
sgl_pkcs12_spend(sgl_engine *engine, sgl_pkcs12_effort *effort, uint64_t rounds,
    sgl_err *err)
{
	uint64_t max = (uint64_t)4 * sgl_engine_limits(engine)->kdf_iterations;

	if (++effort->num > MAX_DERIVATIONS)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "too many encrypted parts in one file");
	if (rounds > max - effort->rounds)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "password derivation asks for too many rounds");
	effort->rounds += rounds;
	return SGL_OK;
}

/* One decryption in 256 with a wrong password ends in good padding. */
static bool
is_one_sequence(sgl_slice bytes)
{
	sgl_der in = sgl_ber_over(bytes);

	return sgl_der_read(&in, SGL_SEQUENCE, NULL) && sgl_der_done(&in);
}

/* SGL_E_PASSWORD without a word about it. */
static sgl_status
decrypt_with(sgl_engine *engine, sgl_slice password, sgl_slice algorithm,
    sgl_slice in, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) clear = {0};
	sgl_status status =
	    sgl_pbe_decrypt(engine, algorithm, password, in, &clear, err);

	if (status != SGL_OK) {
		if (err != NULL)
			err->offset = SGL_NO_OFFSET;
		return status;
	}
	if (!is_one_sequence(sgl_secret_slice(&clear)))
		return SGL_E_PASSWORD;
	sgl_secret_clear(out);
	*out = clear;
	clear = (sgl_secret){0};
	return SGL_OK;
}

/* PBES2 wants the password in UTF-8. NSS once gave it the BMPString that the
 * older schemes of PKCS#12 want, so such files of Firefox and Thunderbird open
 * with that alone. The MAC must have been right: a wrong password costs nobody
 * twice the work. */
static sgl_status
decrypt_as_nss(sgl_engine *engine, const sgl_pkcs12_password *p,
    sgl_slice algorithm, sgl_slice in, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) bmp = {0};

	if (!p->is_sure || !sgl_pbe_is_pbes2(algorithm))
		return SGL_E_PASSWORD;
	TRY(sgl_pbe_bmp(p->utf8, &bmp, err));
	return decrypt_with(
	    engine, sgl_secret_slice(&bmp), algorithm, in, out, err);
}

sgl_status
sgl_pkcs12_decrypt(sgl_engine *engine, const sgl_pkcs12_password *p,
    sgl_slice algorithm, sgl_slice in, sgl_secret *out, sgl_err *err)
{
	sgl_status status =
	    decrypt_with(engine, p->utf8, algorithm, in, out, err);

	if (status == SGL_E_PASSWORD)
		status = decrypt_as_nss(engine, p, algorithm, in, out, err);
	return status == SGL_E_PASSWORD ? wrong(p, err) : status;
}
