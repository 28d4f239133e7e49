/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "crypto/hash.h"
#include "pki/cert_read.h"

#define ROOM "pki.cert"

sgl_cert *
sgl_cert_ref(sgl_cert *cert)
{
	cert->refs++;
	return cert;
}

void
sgl_cert_unref(sgl_cert *cert)
{
	if (cert == NULL)
		return;
	assert(cert->refs > 0);
	if (--cert->refs > 0)
		return;
	sgl_mem_free(cert->addresses);
	sgl_mem_free(cert->address_store);
	sgl_mem_free(cert);
}

/* The bytes live behind the struct: one allocation for both. */
static sgl_cert *
cert_over_copy(sgl_slice der)
{
	sgl_cert *c = NULL;
	size_t size;

	if (!__builtin_add_overflow(sizeof *c, der.len, &size))
		c = sgl_mem_resize(NULL, size);
	if (c == NULL)
		return NULL;
	memset(c, 0, sizeof *c);
	if (der.len > 0)
		memcpy(c + 1, der.data, der.len);
	c->refs = 1;
	c->der = sgl_slice_of(c + 1, der.len);
	return c;
}

bool
sgl_lax_read_time(sgl_der *in, sgl_time *time)
{
	sgl_der look = *in;

	look.ber = true;
	if (!sgl_der_read_time(&look, time))
		return false;
	in->at = look.at;
	return true;
}

bool
sgl_read_signature(sgl_der *in, sgl_slice *signature)
{
	sgl_slice contents;

	if (!sgl_der_read_bytes(in, SGL_BIT_STRING, &contents) ||
	    contents.len == 0)
		return false;
	*signature = contents.data[0] == 0 ? sgl_slice_from(contents, 1)
					   : sgl_slice_first(contents, 0);
	return true;
}

static bool
read_version(sgl_cert *c, sgl_der *tbs)
{
	sgl_der look = *tbs, field;
	bool present;
	uint64_t n = 0;

	if (!sgl_der_read_opt(&look, SGL_CONTEXT(0), &field, &present))
		return false;
	if (present &&
	    (!sgl_der_read_uint(&field, &n) || n > 2 || !sgl_der_done(&field)))
		return false;
	c->version = (unsigned)n + 1;
	*tbs = look;
	return true;
}

/* Whatever INTEGER it is: a negative or an endless one still names. */
static bool
read_serial(sgl_cert *c, sgl_der *tbs)
{
	sgl_der look = *tbs;

	if (!sgl_der_read_bytes(&look, SGL_INTEGER, &c->serial) ||
	    c->serial.len == 0)
		return false;
	*tbs = look;
	return true;
}

static bool
read_validity(sgl_cert *c, sgl_der *tbs)
{
	sgl_der look = *tbs, v;

	if (!sgl_der_read(&look, SGL_SEQUENCE, &v) ||
	    !sgl_lax_read_time(&v, &c->not_before) ||
	    !sgl_lax_read_time(&v, &c->not_after) || !sgl_der_done(&v))
		return false;
	*tbs = look;
	return true;
}

/* issuerUniqueID, subjectUniqueID, extensions (RFC 5280 4.1). */
static bool
read_tail(sgl_cert *c, sgl_der *tbs)
{
	sgl_der wrap, list;
	bool present;

	if (!sgl_der_read_opt(tbs, SGL_CONTEXT_PRIMITIVE(1), NULL, &present) ||
	    !sgl_der_read_opt(tbs, SGL_CONTEXT_PRIMITIVE(2), NULL, &present) ||
	    !sgl_der_read_opt(tbs, SGL_CONTEXT(3), &wrap, &present))
		return false;
	if (!present)
		return true;
	if (!sgl_der_read(&wrap, SGL_SEQUENCE, &list) || !sgl_der_done(&wrap))
		return false;
	c->extensions = sgl_der_rest(&list);
	return sgl_cert_read_extensions(c, list);
}

static bool
read_tbs(sgl_cert *c, sgl_der *tbs)
{
	return read_version(c, tbs) && read_serial(c, tbs) &&
	    sgl_der_read_whole(tbs, SGL_SEQUENCE, &c->tbs_algorithm) &&
	    sgl_der_read_whole(tbs, SGL_SEQUENCE, &c->issuer) &&
	    read_validity(c, tbs) &&
	    sgl_der_read_whole(tbs, SGL_SEQUENCE, &c->subject) &&
	    sgl_der_read_whole(tbs, SGL_SEQUENCE, &c->spki) &&
	    read_tail(c, tbs) && sgl_der_done(tbs);
}

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "a certificate is malformed");
}

static sgl_status
read_outer(sgl_cert *c, sgl_err *err)
{
	sgl_der in = sgl_der_over(c->der), outer, look, tbs;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &outer) || !sgl_der_done(&in))
		return malformed(&in, err);
	look = outer;
	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &c->tbs) ||
	    !sgl_der_read(&outer, SGL_SEQUENCE, &tbs))
		return malformed(&outer, err);
	if (!read_tbs(c, &tbs))
		return malformed(&tbs, err);
	if (!sgl_der_read_whole(
		&outer, SGL_SEQUENCE, &c->signature_algorithm) ||
	    !sgl_read_signature(&outer, &c->signature) || !sgl_der_done(&outer))
		return malformed(&outer, err);
	return SGL_OK;
}

sgl_status
sgl_cert_read_digests(sgl_engine *engine, sgl_cert *c, sgl_err *err)
{
	sgl_digest d;
	sgl_slice key = {0};

	if (!sgl_cert_read_key(c, &key))
		return sgl_fail(err, SGL_E_ENCODING, ROOM,
		    (uint64_t)(c->spki.data - c->der.data),
		    "the public key of a certificate is malformed");
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, c->der, &d, err));
	memcpy(c->fingerprint, d.bytes, sizeof c->fingerprint);
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA1, key, &d, err));
	memcpy(c->key_id, d.bytes, sizeof c->key_id);
	return SGL_OK;
}

sgl_status
sgl_cert_read(sgl_engine *engine, sgl_slice der, sgl_cert **out, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	c = cert_over_copy(der);

	if (c == NULL)
		return sgl_oom(err, ROOM);
	c->key_usage = SGL_KU_ALL;
	TRY(read_outer(c, err));
	TRY(sgl_cert_read_digests(engine, c, err));
	TRY(sgl_cert_read_addresses(c, err));
	c->issuer_hash = sgl_name_hash(c->issuer);
	c->subject_hash = sgl_name_hash(c->subject);
	c->is_self_issued = c->issuer_hash == c->subject_hash &&
	    sgl_name_same(c->issuer, c->subject);
	*out = SGL_TAKE(&c);
	return SGL_OK;
}

sgl_slice
sgl_cert_get_der(const sgl_cert *cert)
{
	return cert->der;
}

sgl_slice
sgl_cert_get_serial(const sgl_cert *cert)
{
	return cert->serial;
}

sgl_slice
sgl_cert_get_issuer(const sgl_cert *cert)
{
	return cert->issuer;
}

sgl_slice
sgl_cert_get_subject(const sgl_cert *cert)
{
	return cert->subject;
}

sgl_slice
sgl_cert_get_spki(const sgl_cert *cert)
{
	return cert->spki;
}

sgl_slice
sgl_cert_get_ski(const sgl_cert *cert)
{
	return cert->ski;
}

sgl_time
sgl_cert_get_not_before(const sgl_cert *cert)
{
	return cert->not_before;
}

sgl_time
sgl_cert_get_not_after(const sgl_cert *cert)
{
	return cert->not_after;
}

sgl_slice
sgl_cert_get_fingerprint(const sgl_cert *cert)
{
	return sgl_slice_of(cert->fingerprint, sizeof cert->fingerprint);
}

size_t
sgl_cert_num_addresses(const sgl_cert *cert)
{
	return cert->num_addresses;
}

sgl_slice
sgl_cert_get_address(const sgl_cert *cert, size_t i)
{
	assert(i < cert->num_addresses);
	return cert->addresses[i];
}

unsigned
sgl_cert_get_key_usage(const sgl_cert *cert)
{
	return cert->key_usage;
}

bool
sgl_cert_is_ca(const sgl_cert *cert)
{
	return cert->is_ca;
}

bool
sgl_cert_is_self_issued(const sgl_cert *cert)
{
	return cert->is_self_issued;
}

bool
sgl_cert_is_valid_at(const sgl_cert *cert, sgl_time t)
{
	return cert->not_before <= t && t <= cert->not_after;
}

bool
sgl_cert_shares_address(const sgl_cert *a, const sgl_cert *b)
{
	for (size_t i = 0; i < a->num_addresses; i++)
		for (size_t k = 0; k < b->num_addresses; k++)
			if (sgl_slice_eq_nocase(
				a->addresses[i], b->addresses[k]))
				return true;
	return false;
}
