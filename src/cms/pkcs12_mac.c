/* SPDX-License-Identifier: Apache-2.0 */
#include "cms/pkcs12.h"
#include "pki/cert.h"

#define ROOM "cms.pkcs12"
#define MAC_ID 3 /* RFC 7292 B.3: the purpose of the derived bytes */
#define SALT_LEN 16
/* RFC 9579 5 and 6: PBMAC1 keys have 20 bytes at least. */
#define PBMAC1_KEY_MIN 20
#define PBMAC1_KEY_MAX 128

bool
sgl_pkcs12_mac_read(sgl_der *in, sgl_pkcs12_mac *out)
{
	sgl_der look = *in, data, info;
	sgl_pkcs12_mac m = {.iterations = 1};

	if (!sgl_der_read(&look, SGL_SEQUENCE, &data) ||
	    !sgl_der_read(&data, SGL_SEQUENCE, &info) ||
	    !sgl_der_read_whole(&info, SGL_SEQUENCE, &m.algorithm) ||
	    !sgl_der_read_bytes(&info, SGL_OCTET_STRING, &m.value) ||
	    !sgl_der_done(&info) ||
	    !sgl_der_read_bytes(&data, SGL_OCTET_STRING, &m.salt))
		return false;
	if (!sgl_der_done(&data) && !sgl_der_read_uint(&data, &m.iterations))
		return false;
	if (!sgl_der_done(&data))
		return false;
	*out = m;
	*in = look;
	return true;
}

static sgl_status
bad_parameters(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    "malformed parameters of the MAC");
}

/* The MAC under a key from RFC 7292's own derivation. */
static sgl_status
old_mac(sgl_engine *engine, sgl_digest_alg digest, const sgl_pkcs12_mac *mac,
    sgl_slice password, sgl_slice content, sgl_digest *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) bmp = {0};
	uint8_t key[SGL_DIGEST_MAX];
	size_t len = sgl_digest_len(digest);
	sgl_status status;

	if (password.data != NULL)
		TRY(sgl_pbe_bmp(password, &bmp, err));
	status = sgl_kdf_pkcs12(engine, digest, sgl_secret_slice(&bmp),
	    mac->salt, mac->iterations, MAC_ID, key, len, err);
	if (status == SGL_OK)
		status = sgl_hmac(
		    engine, digest, sgl_slice_of(key, len), content, out, err);
	sgl_mem_wipe(key, sizeof key);
	return status;
}

static sgl_status
hmac_digest(sgl_slice oid, sgl_digest_alg *out, sgl_err *err)
{
	static const struct {
		sgl_oid oid;
		sgl_digest_alg digest;
	} table[] = {
	    {SGL_OID_HMAC_SHA1, SGL_DIGEST_SHA1},
	    {SGL_OID_HMAC_SHA224, SGL_DIGEST_SHA224},
	    {SGL_OID_HMAC_SHA256, SGL_DIGEST_SHA256},
	    {SGL_OID_HMAC_SHA384, SGL_DIGEST_SHA384},
	    {SGL_OID_HMAC_SHA512, SGL_DIGEST_SHA512},
	};
	char text[SGL_OID_TEXT];
	sgl_oid known = sgl_oid_find(oid);

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].oid == known) {
			*out = table[i].digest;
			return SGL_OK;
		}
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    "an unknown MAC algorithm", "%s", sgl_oid_label(oid, text));
}

typedef struct pbmac1 {
	sgl_slice salt;
	uint64_t iterations, key_len;
	sgl_digest_alg prf, hmac;
} pbmac1;

/* PBKDF2-params of RFC 8018 A.2, with keyLength (RFC 9579 4). */
static sgl_status
read_pbkdf2(sgl_der kdf, pbmac1 *p, sgl_err *err)
{
	sgl_slice oid, prf = sgl_oid_der(SGL_OID_HMAC_SHA1);
	sgl_der params, alg;

	if (!sgl_der_read_oid(&kdf, &oid))
		return bad_parameters(err);
	if (sgl_oid_find(oid) != SGL_OID_PBKDF2)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "PBMAC1 with another derivation than PBKDF2");
	if (!sgl_der_read(&kdf, SGL_SEQUENCE, &params) ||
	    !sgl_der_read_bytes(&params, SGL_OCTET_STRING, &p->salt) ||
	    !sgl_der_read_uint(&params, &p->iterations) ||
	    !sgl_der_read_uint(&params, &p->key_len) ||
	    p->key_len < PBMAC1_KEY_MIN || p->key_len > PBMAC1_KEY_MAX)
		return bad_parameters(err);
	if (!sgl_der_done(&params) &&
	    (!sgl_der_read(&params, SGL_SEQUENCE, &alg) ||
		!sgl_der_read_oid(&alg, &prf)))
		return bad_parameters(err);
	return hmac_digest(prf, &p->prf, err);
}

static sgl_status
read_pbmac1(sgl_der in, pbmac1 *p, sgl_err *err)
{
	sgl_der params, kdf, mac;
	sgl_slice oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &params) ||
	    !sgl_der_read(&params, SGL_SEQUENCE, &kdf) ||
	    !sgl_der_read(&params, SGL_SEQUENCE, &mac) ||
	    !sgl_der_read_oid(&mac, &oid))
		return bad_parameters(err);
	TRY(read_pbkdf2(kdf, p, err));
	return hmac_digest(oid, &p->hmac, err);
}

/* RFC 9579: the password is UTF-8 here, salt and rounds are PBKDF2's. */
static sgl_status
new_mac(sgl_engine *engine, sgl_der params, sgl_slice password,
    sgl_slice content, sgl_digest *out, sgl_err *err)
{
	pbmac1 p = {0};
	uint8_t key[PBMAC1_KEY_MAX];
	sgl_status status;

	TRY(read_pbmac1(params, &p, err));
	status = sgl_kdf_pbkdf2(
	    engine, p.prf, password, p.salt, p.iterations, key, p.key_len, err);
	if (status == SGL_OK)
		status = sgl_hmac(engine, p.hmac, sgl_slice_of(key, p.key_len),
		    content, out, err);
	sgl_mem_wipe(key, sizeof key);
	return status;
}

static sgl_status
compute(sgl_engine *engine, const sgl_pkcs12_mac *mac, sgl_slice password,
    sgl_slice content, sgl_digest *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(mac->algorithm), alg;
	sgl_digest_alg digest;
	sgl_slice oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &alg) ||
	    !sgl_der_read_oid(&alg, &oid))
		return bad_parameters(err);
	if (sgl_oid_find(oid) == SGL_OID_PBMAC1)
		return new_mac(engine, alg, password, content, out, err);
	TRY(sgl_digest_alg_read(mac->algorithm, &digest, err));
	return old_mac(engine, digest, mac, password, content, out, err);
}

sgl_status
sgl_pkcs12_mac_check(sgl_engine *engine, const sgl_pkcs12_mac *mac,
    sgl_slice password, sgl_slice content, bool *good, sgl_err *err)
{
	sgl_digest want;

	TRY(compute(engine, mac, password, content, &want, err));
	*good = want.len == mac->value.len &&
	    sgl_mem_equal(want.bytes, mac->value.data, want.len);
	return SGL_OK;
}

sgl_status
sgl_pkcs12_mac_add(sgl_engine *engine, sgl_derb *b, sgl_digest_alg digest,
    uint64_t iterations, sgl_slice password, sgl_slice content, sgl_err *err)
{
	uint8_t salt[SALT_LEN];
	sgl_pkcs12_mac mac = {
	    .salt = sgl_slice_of(salt, sizeof salt), .iterations = iterations};
	sgl_digest value;
	size_t data, info;

	TRY(sgl_random(engine, salt, sizeof salt, err));
	TRY(old_mac(engine, digest, &mac, password, content, &value, err));
	data = sgl_derb_open(b, SGL_SEQUENCE);
	info = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_digest_alg_add(b, digest);
	sgl_derb_octets(b, sgl_digest_slice(&value));
	sgl_derb_close(b, info);
	sgl_derb_octets(b, mac.salt);
	sgl_derb_uint(b, iterations);
	sgl_derb_close(b, data);
	return SGL_OK;
}
