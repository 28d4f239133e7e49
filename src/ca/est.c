/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/est.h"
#include "base/addr.h"
#include "base/base64.h"
#include "crypto/key.h"
#include "sys/text.h"

#define ROOM "ca.est"
#define LOGIN_MAX 1024

bool
sgl_est_find(const char *path, sgl_est_operation *out)
{
	static const char *const names[SGL_EST_NUM_OPERATIONS] = {
	    [SGL_EST_CACERTS] = "cacerts",
	    [SGL_EST_CSRATTRS] = "csrattrs",
	    [SGL_EST_ENROL] = "simpleenroll",
	    [SGL_EST_REENROL] = "simplereenroll",
	    [SGL_EST_KEYGEN] = "serverkeygen"};
	const size_t len = strlen(SGL_EST_PLACE);

	if (strncmp(path, SGL_EST_PLACE, len) != 0)
		return false;
	for (size_t i = 0; i < SGL_EST_NUM_OPERATIONS; i++)
		if (strcmp(path + len, names[i]) == 0) {
			*out = (sgl_est_operation)i;
			return true;
		}
	return false;
}

/* ------------------------------------------------------------ requests --- */

static sgl_status
read_body(sgl_engine *engine, sgl_slice body, sgl_csr **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);

	if (body.len > SGL_EST_BODY_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the request is too long"));
	TRY(sgl_base64_decode(body, &der, err));
	return sgl_csr_read(engine, sgl_buf_slice(&der), out, err);
}

sgl_status
sgl_est_read(sgl_engine *engine, sgl_slice body, sgl_csr **out, sgl_err *err)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;

	TRY(read_body(engine, body, &csr, err));
	TRY(sgl_csr_check_signed(engine, csr, err));
	*out = SGL_TAKE(&csr);
	return SGL_OK;
}

/* ---------------------------------------------- keys that are made here --- */

/* The name of the key in the request: what RFC 5280 4.2.1.2 (1) makes of it, or
 * what the request itself calls it. */
static bool
is_own_key(const sgl_csr *csr)
{
	const sgl_cert *asked = &csr->asked;

	return sgl_slice_eq(csr->public_key_id,
		   sgl_slice_of(asked->key_id, sizeof asked->key_id)) ||
	    (csr->public_key_id.len > 0 &&
		sgl_slice_eq(csr->public_key_id, sgl_cert_get_ski(asked)));
}

/* In CBC mode, for AEAD is no EnvelopedData. A list that has none of these is
 * about other algorithms. */
static sgl_cipher_alg
choose_cipher(sgl_slice capabilities)
{
	sgl_der list = sgl_der_over(capabilities), one;
	sgl_cipher_alg best = SGL_CIPHER_NONE;
	sgl_slice oid;

	while (sgl_der_read(&list, SGL_SEQUENCE, &one) &&
	    sgl_der_read_oid(&one, &oid)) {
		sgl_oid known = sgl_oid_find(oid);

		if (known == SGL_OID_AES256_CBC)
			return SGL_CIPHER_AES256_CBC;
		if (known == SGL_OID_AES192_CBC)
			best = SGL_CIPHER_AES192_CBC;
		else if (known == SGL_OID_AES128_CBC && best == SGL_CIPHER_NONE)
			best = SGL_CIPHER_AES128_CBC;
	}
	return best == SGL_CIPHER_NONE ? SGL_CIPHER_AES256_CBC : best;
}

sgl_status
sgl_est_read_keygen(sgl_engine *engine, sgl_slice body, sgl_csr **out,
    sgl_slice *to, sgl_cipher_alg *cipher, sgl_err *err)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;

	TRY(read_body(engine, body, &csr, err));
	/* RFC 7030 4.4.1.1: one that we do not share ends the request. */
	if (csr->secret_key_id.data != NULL)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("there is no secret key of that name"));
	if (csr->public_key_id.data != NULL) {
		if (!is_own_key(csr))
			return sgl_fail(err, SGL_E_MISMATCH, ROOM,
			    SGL_NO_OFFSET,
			    N_("there is no public key of that name"));
		TRY(sgl_csr_check_signed(engine, csr, err));
	}
	*to = csr->public_key_id;
	*cipher = choose_cipher(csr->capabilities);
	*out = SGL_TAKE(&csr);
	return SGL_OK;
}

/* RFC 2045 6.8: lines of 76 characters. */
static sgl_status
add_lines(sgl_slice in, sgl_buf *out, sgl_err *err)
{
	while (in.len > 0) {
		const size_t num = in.len < 57 ? in.len : 57;

		TRY(sgl_base64_encode(sgl_slice_first(in, num), out, err));
		TRY(sgl_buf_add_str(out, "\r\n", err));
		in = sgl_slice_from(in, num);
	}
	return SGL_OK;
}

/* RFC 7030 4.4.2, RFC 2046 5.1. The boundary has what base64 has not. */
static sgl_status
add_part(const char *type, sgl_slice der, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err,
	    "--" SGL_EST_BOUNDARY "\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    type));
	return add_lines(der, out, err);
}

sgl_status
sgl_est_add_key(sgl_slice key, bool is_encrypted, sgl_slice certs, sgl_buf *out,
    sgl_err *err)
{
	TRY(add_part(is_encrypted ? "application/pkcs7-mime; "
				    "smime-type=server-generated-key"
				  : "application/pkcs8",
	    key, out, err));
	TRY(add_part(SGL_EST_CERTS_TYPE, certs, out, err));
	return sgl_buf_add_str(out, "--" SGL_EST_BOUNDARY "--\r\n", err);
}

bool
sgl_est_is_same(const sgl_csr *csr, const sgl_cert *client)
{
	const sgl_cert *asked = &csr->asked;

	if (!sgl_name_same(asked->subject, client->subject) ||
	    asked->num_addresses != client->num_addresses)
		return false;
	for (size_t i = 0; i < client->num_addresses; i++)
		if (sgl_addr_compare(asked->addresses[i],
			client->addresses[i]) != SGL_ADDR_SAME)
			return false;
	return true;
}

/* --------------------------------------------------------------- login --- */

void
sgl_est_login_clear(sgl_est_login *l)
{
	sgl_secret_clear(&l->user);
	sgl_secret_clear(&l->code);
}

/* A text, as it would be typed. */
static bool
is_text(sgl_slice s)
{
	return s.len > 0 && memchr(s.data, '\0', s.len) == NULL;
}

static sgl_status
split(sgl_slice pair, sgl_est_login *out, bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_est_login) l = {{NULL, 0}, {NULL, 0}};
	const uint8_t *colon =
	    pair.len == 0 ? NULL : memchr(pair.data, ':', pair.len);
	size_t at;

	if (colon == NULL)
		return SGL_OK;
	at = (size_t)(colon - pair.data);
	if (!is_text(sgl_slice_first(pair, at)) ||
	    !is_text(sgl_slice_from(pair, at + 1)))
		return SGL_OK;
	TRY(sgl_secret_set(&l.user, sgl_slice_first(pair, at), err));
	TRY(sgl_secret_set(&l.code, sgl_slice_from(pair, at + 1), err));
	*out = l;
	l = (sgl_est_login){{NULL, 0}, {NULL, 0}};
	*found = true;
	return SGL_OK;
}

sgl_status
sgl_est_read_login(
    const char *authorization, sgl_est_login *out, bool *found, sgl_err *err)
{
	const sgl_slice scheme = SGL_LIT("Basic ");
	const sgl_slice all = sgl_slice_str(authorization);
	sgl_buf pair = {.max = LOGIN_MAX, .secret = true};
	sgl_status status;

	*found = false;
	if (all.len > 2 * LOGIN_MAX || !sgl_slice_starts_nocase(all, scheme))
		return SGL_OK;
	status = sgl_base64_decode(sgl_slice_from(all, scheme.len), &pair, err);
	if (status == SGL_OK)
		status = split(sgl_buf_slice(&pair), out, found, err);
	sgl_buf_wipe(&pair);
	return status == SGL_E_ENCODING || status == SGL_E_LIMIT ? SGL_OK
								 : status;
}

/* --------------------------------------------------------- attributes --- */

/* SEQUENCE { type, SET { value } } */
static void
add_key_kind(sgl_derb *b, sgl_key_kind kind, unsigned bits)
{
	const sgl_kind_info *info = sgl_kind_info_of(kind);
	size_t seq, set;

	if (kind != SGL_KEY_RSA && !sgl_kind_is_ec(kind)) {
		sgl_derb_oid(b, sgl_oid_der(info->algorithm));
		return;
	}
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(info->algorithm));
	set = sgl_derb_open(b, SGL_SET);
	if (kind == SGL_KEY_RSA)
		sgl_derb_uint(b, bits);
	else
		sgl_derb_oid(b, sgl_oid_der(info->curve));
	sgl_derb_close(b, set);
	sgl_derb_close(b, seq);
}

/* The OID that stands first in the AlgorithmIdentifier of a signature. */
static sgl_status
add_signature(sgl_derb *b, sgl_key_kind kind, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) store = sgl_buf_init(256);
	sgl_derb one = sgl_derb_over(&store);
	sgl_sig_alg alg;
	sgl_der in, body;
	sgl_slice oid;

	TRY(sgl_sig_alg_for_key(kind,
	    kind == SGL_KEY_RSA ? SGL_DIGEST_SHA256 : SGL_DIGEST_NONE, false,
	    &alg, err));
	sgl_sig_alg_add(&one, &alg);
	TRY(sgl_derb_end(&one, err));
	in = sgl_der_over(sgl_buf_slice(&store));
	if (sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read_oid(&body, &oid))
		sgl_derb_oid(b, oid);
	return SGL_OK;
}

sgl_status
sgl_est_csrattrs(sgl_key_kind kind, unsigned bits, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t all = sgl_derb_open(&b, SGL_SEQUENCE);

	add_key_kind(&b, kind, bits);
	TRY(add_signature(&b, kind, err));
	sgl_derb_close(&b, all);
	return sgl_derb_end(&b, err);
}
