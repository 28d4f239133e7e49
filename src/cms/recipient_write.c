/* SPDX-License-Identifier: Apache-2.0 */
/* RecipientInfos: RFC 5652 6.2, RFC 5753, RFC 8418, RFC 3560. */
#include "cms/write_parts.h"

#define ROOM "cms.recipient"
#define MAX_RECIPIENTS ((size_t)256 << 20)
#define MAX_CEK 32

typedef struct recipients {
	sgl_engine *engine;
	const sgl_enveloped_options *options;
	sgl_slice cek;
	sgl_derb b;
	bool all_version_0, has_password;
} recipients;

static sgl_status
refuse(const sgl_cert *cert, sgl_status status, const char *text, sgl_err *err)
{
	char label[SGL_CERT_LABEL];

	return sgl_fail_at(err, status, ROOM, SGL_NO_OFFSET, text, "%s",
	    sgl_cert_label(cert, label));
}

/* Says whose key it was that the crypto room could not use. */
static sgl_status
name_recipient(const sgl_cert *cert, sgl_status status, sgl_err *err)
{
	if (status == SGL_OK || status == SGL_E_NOMEM || err == NULL)
		return status;
	return refuse(cert, status, err->text, err);
}

/* Who gets it, and by which name: a key identifier, or the certificate's issuer
 * and serial number. */
typedef struct target {
	const sgl_cert *cert;
	sgl_slice key_id; /* empty: not by it */
} target;

static void
add_algorithm(sgl_derb *b, sgl_oid oid, bool with_null)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(oid));
	if (with_null)
		sgl_derb_null(b);
	sgl_derb_close(b, mark);
}

/* --- ktri, @req rfc5652-6.2.1 --- */

static const sgl_oaep oaep = {
    .digest = SGL_DIGEST_SHA256, .mgf = SGL_DIGEST_SHA256};

static void
add_ktri(recipients *r, const target *t, sgl_slice encrypted)
{
	size_t mark = sgl_derb_open(&r->b, SGL_SEQUENCE);

	if (t->key_id.len > 0) {
		r->all_version_0 = false;
		sgl_derb_uint(&r->b, 2);
		sgl_derb_bytes(&r->b, SGL_CONTEXT_PRIMITIVE(0), t->key_id);
	} else {
		sgl_derb_uint(&r->b, 0);
		sgl_issuer_serial_add(&r->b, SGL_SEQUENCE, t->cert);
	}
	if (r->options->oaep)
		sgl_oaep_add(&r->b, &oaep);
	else
		add_algorithm(&r->b, SGL_OID_RSA_ENCRYPTION, true);
	sgl_derb_octets(&r->b, encrypted);
	sgl_derb_close(&r->b, mark);
}

static sgl_status
write_ktri(recipients *r, const target *t, sgl_pubkey *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) encrypted = sgl_buf_init(SGL_ANSWER_MAX);

	TRY(sgl_pubkey_encrypt(r->engine, key, r->options->oaep ? &oaep : NULL,
	    r->cek, &encrypted, err));
	add_ktri(r, t, sgl_buf_slice(&encrypted));
	return SGL_OK;
}

/* --- kari, @req rfc5753-3.1.1, @req rfc8418-3.2 --- */

/* OriginatorPublicKey. The curve is the recipient's and left out, which RFC
 * 5753 3.1.1 allows and RFC 8410 3 demands. */
static void
add_originator(sgl_derb *b, sgl_key_kind kind, sgl_slice point)
{
	size_t outer = sgl_derb_open(b, SGL_CONTEXT(0));
	size_t key = sgl_derb_open(b, SGL_CONTEXT(1));

	add_algorithm(b,
	    kind == SGL_KEY_X25519 ? SGL_OID_X25519 : SGL_OID_EC_PUBLIC_KEY,
	    false);
	sgl_derb_bits(b, point, 0);
	sgl_derb_close(b, key);
	sgl_derb_close(b, outer);
}

static void
add_agreed_key(recipients *r, const target *t, sgl_slice wrapped)
{
	size_t list = sgl_derb_open(&r->b, SGL_SEQUENCE);
	size_t one = sgl_derb_open(&r->b, SGL_SEQUENCE), mark;

	if (t->key_id.len > 0) {
		mark = sgl_derb_open(&r->b, SGL_CONTEXT(0));
		sgl_derb_octets(&r->b, t->key_id);
		sgl_derb_close(&r->b, mark);
	} else {
		sgl_issuer_serial_add(&r->b, SGL_SEQUENCE, t->cert);
	}
	sgl_derb_octets(&r->b, wrapped);
	sgl_derb_close(&r->b, one);
	sgl_derb_close(&r->b, list);
}

typedef struct agreement {
	sgl_key_kind kind;
	sgl_agree_alg alg;
	sgl_buf point;
	uint8_t wrapped[MAX_CEK + 8];
	size_t wrapped_len;
} agreement;

static void
agreement_clear(agreement *a)
{
	sgl_buf_clear(&a->point);
}
SGL_AUTO_CLEAR_TYPE(agreement, agreement_clear)

static sgl_status
agree(recipients *r, sgl_pubkey *key, agreement *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) shared = {NULL, 0};
	uint8_t kek[32];
	sgl_status status;

	sgl_agree_alg_for(a->kind, r->cek.len, &a->alg);
	TRY(sgl_pubkey_agree(r->engine, key, &a->point, &shared, err));
	status = sgl_agree_kek(r->engine, &a->alg, sgl_slice_of(NULL, 0),
	    sgl_secret_slice(&shared), kek, err);
	if (status == SGL_OK)
		status =
		    sgl_key_wrap(r->engine, sgl_slice_of(kek, a->alg.kek_len),
			r->cek, a->wrapped, &a->wrapped_len, err);
	sgl_mem_wipe(kek, sizeof kek);
	return status;
}

static sgl_status
write_kari(recipients *r, const target *t, sgl_pubkey *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(agreement)
	a = {.kind = sgl_pubkey_get_kind(key), .point = sgl_buf_init(256)};
	size_t mark;

	TRY(agree(r, key, &a, err));
	r->all_version_0 = false;
	mark = sgl_derb_open(&r->b, SGL_CONTEXT(1));
	sgl_derb_uint(&r->b, 3);
	add_originator(&r->b, a.kind, sgl_buf_slice(&a.point));
	sgl_agree_alg_add(&r->b, &a.alg);
	add_agreed_key(r, t, sgl_slice_of(a.wrapped, a.wrapped_len));
	sgl_derb_close(&r->b, mark);
	return SGL_OK;
}

/* --- a certificate --- */

static sgl_status
check_cert(const recipients *r, const sgl_cert *cert, sgl_err *err)
{
	switch (cert->key_kind) {
	case SGL_KEY_RSA:
	case SGL_KEY_P256:
	case SGL_KEY_P384:
	case SGL_KEY_P521:
	case SGL_KEY_X25519:
		break;
	case SGL_KEY_ED25519:
	case SGL_KEY_UNKNOWN:
		return refuse(cert, SGL_E_UNSUPPORTED,
		    "nothing can be encrypted to this kind of key", err);
	}
	if (r->options->any_usage)
		return SGL_OK;
	if (r->options->not_mail ? !sgl_cert_has_encryption_usage(cert)
				 : !sgl_cert_may_encrypt(cert))
		return refuse(cert, SGL_E_USAGE,
		    "the certificate may not be used for encryption", err);
	return SGL_OK;
}

static sgl_status
write_key(recipients *r, const target *t, sgl_pubkey *key, sgl_err *err)
{
	return sgl_pubkey_get_kind(key) == SGL_KEY_RSA
	    ? write_ktri(r, t, key, err)
	    : write_kari(r, t, key, err);
}

static sgl_status
write_cert(recipients *r, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	target t = {.cert = cert};
	sgl_status status;

	if (r->options->use_ski)
		t.key_id = sgl_cert_get_ski(cert);
	TRY(check_cert(r, cert, err));
	status = sgl_cert_get_pubkey(r->engine, cert, &key, err);
	if (status == SGL_OK)
		status = write_key(r, &t, key, err);
	return name_recipient(cert, status, err);
}

/* --- a key without a certificate --- */

static sgl_status
write_bare(recipients *r, const sgl_bare_recipient *bare, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	const target t = {.key_id = bare->key_id};

	if (bare->key_id.len == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a key without a certificate needs a name");
	TRY(sgl_pubkey_read(r->engine, bare->spki, &key, err));
	if (sgl_pubkey_get_kind(key) == SGL_KEY_ED25519)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "nothing can be encrypted to this kind of key");
	return write_key(r, &t, key, err);
}

/* --- kekri, @req rfc5652-6.2.3 --- */

static sgl_oid
wrap_oid(size_t kek_len)
{
	switch (kek_len) {
	case 16:
		return SGL_OID_AES128_WRAP;
	case 24:
		return SGL_OID_AES192_WRAP;
	case 32:
		return SGL_OID_AES256_WRAP;
	default:
		return SGL_OID_UNKNOWN;
	}
}

static sgl_status
write_kekri(recipients *r, sgl_slice kek, sgl_slice kek_id, sgl_err *err)
{
	uint8_t wrapped[MAX_CEK + 8];
	size_t len = 0, outer, id;

	if (wrap_oid(kek.len) == SGL_OID_UNKNOWN || kek_id.len == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a key-encryption key has 16, 24 or 32 bytes and a name");
	TRY(sgl_key_wrap(r->engine, kek, r->cek, wrapped, &len, err));
	r->all_version_0 = false;
	outer = sgl_derb_open(&r->b, SGL_CONTEXT(2));
	sgl_derb_uint(&r->b, 4);
	id = sgl_derb_open(&r->b, SGL_SEQUENCE);
	sgl_derb_octets(&r->b, kek_id);
	sgl_derb_close(&r->b, id);
	add_algorithm(&r->b, wrap_oid(kek.len), false);
	sgl_derb_octets(&r->b, sgl_slice_of(wrapped, len));
	sgl_derb_close(&r->b, outer);
	return SGL_OK;
}

/* --- pwri, @req rfc5652-6.2.4 --- */

static sgl_status
write_pwri(recipients *r, sgl_slice password, sgl_err *err)
{
	if (password.len == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "the password is empty");
	r->has_password = true;
	return sgl_pwri_wrap(r->engine, password, r->cek, &r->b, err);
}

/* --- all of them --- */

static sgl_status
write_all(recipients *r, sgl_err *err)
{
	const sgl_enveloped_options *o = r->options;
	size_t num = o->recipients == NULL ? 0 : o->recipients->num;

	if (num == 0 && o->bare == NULL && o->password.data == NULL &&
	    o->kek.data == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "there is nobody to encrypt to");
	for (size_t i = 0; i < num; i++)
		TRY(write_cert(r, o->recipients->items[i], err));
	if (o->bare != NULL)
		TRY(write_bare(r, o->bare, err));
	if (o->kek.data != NULL)
		TRY(write_kekri(r, o->kek, o->kek_id, err));
	if (o->password.data != NULL)
		TRY(write_pwri(r, o->password, err));
	return SGL_OK;
}

/* @req rfc5652-6.1 @req rfc5083-2.1
 * Without originatorInfo and unprotectedAttrs. */
static unsigned
version_of(const recipients *r, bool auth)
{
	if (auth)
		return 0;
	if (r->has_password)
		return 3;
	return r->all_version_0 ? 0 : 2;
}

sgl_status
sgl_recipients_write(sgl_engine *engine, const sgl_enveloped_options *options,
    bool auth, sgl_slice cek, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) infos = sgl_buf_init(MAX_RECIPIENTS);
	recipients r = {.engine = engine,
	    .options = options,
	    .cek = cek,
	    .b = sgl_derb_over(&infos),
	    .all_version_0 = true};
	sgl_derb b = sgl_derb_over(out);
	size_t mark = sgl_derb_open(&r.b, SGL_SET);

	TRY(write_all(&r, err));
	sgl_derb_close_set_of(&r.b, mark);
	TRY(sgl_derb_end(&r.b, err));
	sgl_derb_uint(&b, version_of(&r, auth));
	sgl_derb_raw(&b, sgl_buf_slice(&infos));
	return sgl_derb_end(&b, err);
}
