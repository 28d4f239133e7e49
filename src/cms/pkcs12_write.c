/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing PKCS#12 (RFC 7292): the certificates in an encrypted safe, then the
 * keys, each in a shrouded bag, in a plain one. That is how OpenSSL and NSS
 * write it, and what Windows, macOS and phones import.
 */
#include "cms/load.h"
#include "cms/pkcs12.h"

#define ROOM "cms.pkcs12"
#define FILE_MAX ((size_t)64 << 20)
#define LOCAL_ID_LEN 20

/* Rounds. The MAC's derivation is PBKDF1-like and cannot be made as dear as
 * PBKDF2; it protects the password of a file that PBES2 protects too. */
#define PBES2_ROUNDS 310000
#define MAC_ROUNDS 100000
#define LEGACY_ROUNDS 50000

typedef struct p12w {
	sgl_engine *engine;
	const sgl_keyring *ring;
	sgl_slice password;
	bool legacy;
	sgl_slice name; /* UTF-8 */
} p12w;

static sgl_status
encrypt(
    const p12w *w, sgl_slice in, sgl_buf *algorithm, sgl_buf *out, sgl_err *err)
{
	if (w->legacy)
		return sgl_pbe_encrypt_legacy(w->engine, w->password,
		    LEGACY_ROUNDS, in, algorithm, out, err);
	return sgl_pbe_encrypt(
	    w->engine, w->password, PBES2_ROUNDS, in, algorithm, out, err);
}

/* What links a key with its certificates: any bytes, the same in both. */
static sgl_status
local_id(const p12w *w, const sgl_key *key, sgl_digest *out, sgl_err *err)
{
	TRY(sgl_hash_once(
	    w->engine, SGL_DIGEST_SHA256, sgl_key_get_spki(key), out, err));
	out->len = LOCAL_ID_LEN;
	return SGL_OK;
}

static void
add_attribute(sgl_derb *b, sgl_oid type, sgl_tag tag, sgl_slice value)
{
	size_t attribute = sgl_derb_open(b, SGL_SEQUENCE), set;

	sgl_derb_oid(b, sgl_oid_der(type));
	set = sgl_derb_open(b, SGL_SET);
	sgl_derb_bytes(b, tag, value);
	sgl_derb_close(b, set);
	sgl_derb_close(b, attribute);
}

/* NSS refuses a name that is given to certificates of different subjects: from
 * the second key on a number goes behind it. */
static sgl_status
add_name(const p12w *w, sgl_derb *b, const sgl_key *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(FILE_MAX);
	SGL_AUTO_CLEAR(sgl_secret) bmp = {0};
	size_t i = 0;

	if (w->name.len == 0)
		return SGL_OK;
	TRY(sgl_buf_add(&text, w->name, err));
	while (w->ring->keys[i] != key)
		i++;
	if (i > 0)
		TRY(sgl_buf_printf(&text, err, " %zu", i + 1));
	TRY(sgl_pbe_bmp(sgl_buf_slice(&text), &bmp, err));
	/* Without the two zeros that end a password. */
	add_attribute(b, SGL_OID_BAG_FRIENDLY_NAME, SGL_BMP_STRING,
	    sgl_slice_of(bmp.data, bmp.len - 2));
	return SGL_OK;
}

/* friendlyName and localKeyId (RFC 2985 5.5). */
static sgl_status
add_attributes(const p12w *w, sgl_derb *b, const sgl_key *key, sgl_err *err)
{
	sgl_digest id;
	sgl_status status;
	size_t set;

	if (key == NULL)
		return SGL_OK;
	TRY(local_id(w, key, &id, err));
	set = sgl_derb_open(b, SGL_SET);
	status = add_name(w, b, key, err);
	add_attribute(b, SGL_OID_BAG_LOCAL_KEY_ID, SGL_OCTET_STRING,
	    sgl_digest_slice(&id));
	sgl_derb_close_set_of(b, set);
	return status;
}

static sgl_status
add_cert_bag(const p12w *w, sgl_derb *b, const sgl_cert *cert, sgl_err *err)
{
	size_t bag = sgl_derb_open(b, SGL_SEQUENCE), value, body, inner;
	sgl_status status;

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_BAG_CERT));
	value = sgl_derb_open(b, SGL_CONTEXT(0));
	body = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_BAG_X509_CERTIFICATE));
	inner = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_octets(b, sgl_cert_get_der(cert));
	sgl_derb_close(b, inner);
	sgl_derb_close(b, body);
	sgl_derb_close(b, value);
	status = add_attributes(w, b, sgl_keyring_find_key(w->ring, cert), err);
	sgl_derb_close(b, bag);
	return status;
}

static sgl_status
shroud(
    const p12w *w, sgl_key *key, sgl_buf *algorithm, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};

	TRY(sgl_key_write(key, &pkcs8, err));
	return encrypt(w, sgl_secret_slice(&pkcs8), algorithm, out, err);
}

static sgl_status
add_key_bag(const p12w *w, sgl_derb *b, sgl_key *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) algorithm = sgl_buf_init(FILE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(FILE_MAX);
	size_t bag, value, body;
	sgl_status status;

	TRY(shroud(w, key, &algorithm, &bytes, err));
	bag = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_BAG_SHROUDED_KEY));
	value = sgl_derb_open(b, SGL_CONTEXT(0));
	body = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_raw(b, sgl_buf_slice(&algorithm));
	sgl_derb_octets(b, sgl_buf_slice(&bytes));
	sgl_derb_close(b, body);
	sgl_derb_close(b, value);
	status = add_attributes(w, b, key, err);
	sgl_derb_close(b, bag);
	return status;
}

/* The certificates of the keys come first: some importers take the first one
 * for the owner's. */
static sgl_status
add_certs(const p12w *w, sgl_derb *b, sgl_err *err)
{
	const sgl_certs *certs = &w->ring->certs;

	for (int with_key = 1; with_key >= 0; with_key--)
		for (size_t i = 0; i < certs->num; i++) {
			const sgl_cert *cert = certs->items[i];
			const sgl_key *key =
			    sgl_keyring_find_key(w->ring, cert);

			if ((key != NULL) == (with_key == 1))
				TRY(add_cert_bag(w, b, cert, err));
		}
	return SGL_OK;
}

static sgl_status
add_keys(const p12w *w, sgl_derb *b, sgl_err *err)
{
	for (size_t i = 0; i < w->ring->num_keys; i++)
		TRY(add_key_bag(w, b, w->ring->keys[i], err));
	return SGL_OK;
}

typedef sgl_status add_bags(const p12w *w, sgl_derb *b, sgl_err *err);

static sgl_status
build_contents(const p12w *w, add_bags *bags, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t contents = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_status status = bags(w, &b, err);

	sgl_derb_close(&b, contents);
	TRY(status);
	return sgl_derb_end(&b, err);
}

/* ContentInfo of id-data with `content` as its OCTET STRING. */
static void
add_data(sgl_derb *b, sgl_slice content)
{
	size_t info = sgl_derb_open(b, SGL_SEQUENCE), body;

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_DATA));
	body = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_octets(b, content);
	sgl_derb_close(b, body);
	sgl_derb_close(b, info);
}

/* ContentInfo of EncryptedData (RFC 5652 8). */
static void
add_encrypted_data(sgl_derb *b, sgl_slice algorithm, sgl_slice bytes)
{
	size_t info = sgl_derb_open(b, SGL_SEQUENCE), body, data, inner;

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_ENCRYPTED_DATA));
	body = sgl_derb_open(b, SGL_CONTEXT(0));
	data = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_uint(b, 0);
	inner = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_DATA));
	sgl_derb_raw(b, algorithm);
	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(0), bytes);
	sgl_derb_close(b, inner);
	sgl_derb_close(b, data);
	sgl_derb_close(b, body);
	sgl_derb_close(b, info);
}

static sgl_status
add_cert_safe(const p12w *w, sgl_derb *b, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) contents = sgl_buf_init(FILE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) algorithm = sgl_buf_init(FILE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(FILE_MAX);

	if (w->ring->certs.num == 0)
		return SGL_OK;
	TRY(build_contents(w, add_certs, &contents, err));
	TRY(encrypt(w, sgl_buf_slice(&contents), &algorithm, &bytes, err));
	add_encrypted_data(b, sgl_buf_slice(&algorithm), sgl_buf_slice(&bytes));
	return SGL_OK;
}

static sgl_status
add_key_safe(const p12w *w, sgl_derb *b, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) contents = sgl_buf_init(FILE_MAX);

	if (w->ring->num_keys == 0)
		return SGL_OK;
	TRY(build_contents(w, add_keys, &contents, err));
	add_data(b, sgl_buf_slice(&contents));
	return SGL_OK;
}

static sgl_status
add_safes(const p12w *w, sgl_derb *b, sgl_err *err)
{
	TRY(add_cert_safe(w, b, err));
	return add_key_safe(w, b, err);
}

static sgl_status
build_pfx(const p12w *w, sgl_slice safes, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t pfx = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_status status;

	sgl_derb_uint(&b, 3);
	add_data(&b, safes);
	status = sgl_pkcs12_mac_add(w->engine, &b,
	    w->legacy ? SGL_DIGEST_SHA1 : SGL_DIGEST_SHA256,
	    w->legacy ? LEGACY_ROUNDS : MAC_ROUNDS, w->password, safes, err);
	sgl_derb_close(&b, pfx);
	TRY(status);
	return sgl_derb_end(&b, err);
}

static sgl_status
check_options(const p12w *w, sgl_err *err)
{
	if (w->password.data == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a PKCS#12 needs a password");
	if (w->ring->num_keys + w->ring->certs.num == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a PKCS#12 of nothing");
	return SGL_OK;
}

static sgl_status
write_file(const p12w *w, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) safes = sgl_buf_init(FILE_MAX);

	TRY(check_options(w, err));
	TRY(build_contents(w, add_safes, &safes, err));
	return build_pfx(w, sgl_buf_slice(&safes), out, err);
}

sgl_status
sgl_pkcs12_write(sgl_engine *engine, const sgl_keyring *ring,
    sgl_slice friendly_name, sgl_slice password, bool legacy, sgl_bytes *out,
    sgl_err *err)
{
	p12w w = {engine, ring, password, legacy, friendly_name};
	sgl_buf file = sgl_buf_init(FILE_MAX);
	sgl_status status = write_file(&w, &file, err);

	if (status != SGL_OK) {
		sgl_buf_wipe(&file);
		return status;
	}
	*out = (sgl_bytes){file.data, file.len};
	return SGL_OK;
}
