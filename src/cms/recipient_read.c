/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RecipientInfos (RFC 5652 6.2): there may be thousands, for others. Each is
 * looked at just long enough to see whether one of our keys fits; only those
 * that do are kept.
 */
#include "cms/reader_inside.h"

#define ROOM "cms.recipient"

typedef struct rid {
	sgl_slice issuer, serial, ski;
} rid;

static sgl_status
malformed(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    "a RecipientInfo is malformed");
}

/* IssuerAndSerialNumber's contents. */
static bool
read_issuer_serial(sgl_der body, rid *id)
{
	return sgl_der_read_whole(&body, SGL_SEQUENCE, &id->issuer) &&
	    sgl_der_read_bytes(&body, SGL_INTEGER, &id->serial) &&
	    sgl_der_done(&body);
}

/* SHA-1 of the public key's bits (RFC 5280 4.2.1.2 (1)), for keys that came
 * without a certificate, or with one that lacks the extension. All zero for a
 * key that is no public key. */
static sgl_status
make_key_id(sgl_engine *engine, sgl_slice spki, uint8_t id[20], sgl_err *err)
{
	sgl_der in = sgl_der_over(spki), body;
	sgl_slice bits;
	unsigned unused;
	sgl_digest d;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read(&body, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read_bits(&body, &bits, &unused))
		return SGL_OK;
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA1, bits, &d, err));
	memcpy(id, d.bytes, 20);
	return SGL_OK;
}

/* Once, and not for every one of ten thousand recipients. */
static sgl_status
make_key_ids(sgl_cms_reader *r, sgl_err *err)
{
	const sgl_keyring *ring = r->options.keys;

	if (r->key_ids != NULL || ring->num_keys == 0)
		return SGL_OK;
	r->key_ids = sgl_mem_zeroed(ring->num_keys, sizeof *r->key_ids);
	if (r->key_ids == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < ring->num_keys; i++)
		TRY(make_key_id(r->engine, sgl_key_get_spki(ring->keys[i]),
		    r->key_ids[i], err));
	return SGL_OK;
}

static sgl_status
find_by_ski(sgl_cms_reader *r, sgl_slice ski, sgl_key **key, sgl_err *err)
{
	const sgl_keyring *ring = r->options.keys;
	sgl_cert *cert = sgl_certs_find_ski(&ring->certs, ski);

	*key = cert == NULL ? NULL : sgl_keyring_find_key(ring, cert);
	if (*key != NULL || ski.len != sizeof *r->key_ids)
		return SGL_OK;
	TRY(make_key_ids(r, err));
	for (size_t i = 0; *key == NULL && i < ring->num_keys; i++)
		if (!memcmp(r->key_ids[i], ski.data, ski.len))
			*key = ring->keys[i];
	return SGL_OK;
}

/* *key is NULL where none fits. */
static sgl_status
find_key(sgl_cms_reader *r, const rid *id, sgl_key **key, sgl_err *err)
{
	const sgl_keyring *ring = r->options.keys;
	sgl_cert *cert;

	*key = NULL;
	if (ring == NULL)
		return SGL_OK;
	if (id->ski.data != NULL)
		return find_by_ski(r, id->ski, key, err);
	cert =
	    sgl_certs_find_issuer_serial(&ring->certs, id->issuer, id->serial);
	*key = cert == NULL ? NULL : sgl_keyring_find_key(ring, cert);
	return SGL_OK;
}

static sgl_status
count_recipient(sgl_cms_reader *r, sgl_err *err)
{
	if (++r->report.num_recipients >
	    sgl_engine_limits(r->engine)->recipients)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "too many recipients");
	return SGL_OK;
}

/* For the person who will ask "which key is missing?". */
static sgl_status
show(sgl_cms_report *report, const rid *id, sgl_err *err)
{
	sgl_recipient_id *shown;
	size_t n = id->issuer.len;

	if (report->num_shown == SGL_RECIPIENTS_SHOWN)
		return SGL_OK;
	shown = &report->recipients[report->num_shown];
	shown->store = sgl_buf_init(SIZE_MAX);
	TRY(sgl_buf_reserve(
	    &shown->store, n + id->serial.len + id->ski.len + 1, err));
	report->num_shown++;
	TRY(sgl_buf_add(&shown->store, id->issuer, err));
	TRY(sgl_buf_add(&shown->store, id->serial, err));
	TRY(sgl_buf_add(&shown->store, id->ski, err));
	shown->issuer = sgl_slice_of(shown->store.data, n);
	shown->serial = sgl_slice_of(shown->store.data + n, id->serial.len);
	shown->ski =
	    sgl_slice_of(shown->store.data + n + id->serial.len, id->ski.len);
	return SGL_OK;
}

/* A place for one more candidate, with a copy of the element in it; NULL in
 * *out where there are enough. */
static sgl_status
add_candidate(
    sgl_cms_reader *r, sgl_slice whole, sgl_candidate **out, sgl_err *err)
{
	sgl_candidate *c;

	*out = NULL;
	if (r->num_candidates == SGL_CANDIDATES_MAX)
		return SGL_OK;
	c = &r->candidates[r->num_candidates];
	*c = (sgl_candidate){.store = sgl_buf_init(2 * whole.len + 1)};
	/* Twice: joined strings are put behind the element. */
	TRY(sgl_buf_reserve(&c->store, 2 * whole.len, err));
	TRY(sgl_buf_add(&c->store, whole, err));
	r->num_candidates++;
	*out = c;
	return SGL_OK;
}

static sgl_der
over_candidate(const sgl_candidate *c)
{
	return sgl_ber_over(sgl_buf_slice(&c->store));
}

/* KeyTransRecipientInfo, 6.2.1. */
static bool
read_transport_id(sgl_der *body, rid *id)
{
	sgl_der look;
	uint64_t version;

	if (!sgl_der_read_uint(body, &version))
		return false;
	if (sgl_der_next_is(body, SGL_CONTEXT_PRIMITIVE(0)))
		return sgl_der_read_bytes(
		    body, SGL_CONTEXT_PRIMITIVE(0), &id->ski);
	return sgl_der_read(body, SGL_SEQUENCE, &look) &&
	    read_issuer_serial(look, id);
}

static sgl_status
read_transport(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole), body;
	sgl_candidate *c;
	sgl_key *key;
	rid id = {0};

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !read_transport_id(&body, &id))
		return malformed(err);
	TRY(show(&r->report, &id, err));
	TRY(find_key(r, &id, &key, err));
	if (key == NULL)
		return SGL_OK;
	TRY(add_candidate(r, whole, &c, err));
	if (c == NULL)
		return SGL_OK;
	c->how = SGL_BY_KEY_TRANSPORT;
	c->key = key;
	in = over_candidate(c);
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !read_transport_id(&body, &id) ||
	    !sgl_der_read_whole(&body, SGL_SEQUENCE, &c->algorithm) ||
	    !sgl_der_read_octets(
		&body, SGL_OCTET_STRING, &c->encrypted_key, &c->store) ||
	    !sgl_der_done(&body))
		return malformed(err);
	return SGL_OK;
}

/* KeyAgreeRecipientInfo, 6.2.2: one ephemeral key, several recipients. */
typedef struct agreement {
	sgl_slice originator, originator_alg, ukm, algorithm;
	bool has_ukm;
	sgl_der keys;
} agreement;

/* originator [0] EXPLICIT: [1] originatorKey is the one that RFC 5753 3.1.1
 * asks for; the other two name static keys, which we do not do. */
static bool
read_originator(sgl_der *body, agreement *a)
{
	sgl_der wrapper, key;
	unsigned unused;

	if (!sgl_der_read(body, SGL_CONTEXT(0), &wrapper))
		return false;
	if (!sgl_der_next_is(&wrapper, SGL_CONTEXT(1)))
		return true; /* originator stays empty: unsupported */
	return sgl_der_read(&wrapper, SGL_CONTEXT(1), &key) &&
	    sgl_der_read_whole(&key, SGL_SEQUENCE, &a->originator_alg) &&
	    sgl_der_read_bits(&key, &a->originator, &unused) && unused == 0;
}

static bool
read_agreement(sgl_der in, agreement *a, sgl_buf *joined)
{
	sgl_der body, ukm;
	uint64_t version;

	if (!sgl_der_read(&in, SGL_CONTEXT(1), &body) ||
	    !sgl_der_read_uint(&body, &version) || !read_originator(&body, a))
		return false;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(1), &ukm, &a->has_ukm) ||
	    (a->has_ukm &&
		!sgl_der_read_octets(&ukm, SGL_OCTET_STRING, &a->ukm, joined)))
		return false;
	return sgl_der_read_whole(&body, SGL_SEQUENCE, &a->algorithm) &&
	    sgl_der_read(&body, SGL_SEQUENCE, &a->keys) && sgl_der_done(&body);
}

/* KeyAgreeRecipientIdentifier: issuerAndSerialNumber or [0] rKeyId. */
static bool
read_agree_id(sgl_der *in, rid *id)
{
	sgl_der body;

	if (sgl_der_next_is(in, SGL_CONTEXT(0)))
		return sgl_der_read(in, SGL_CONTEXT(0), &body) &&
		    sgl_der_read_bytes(&body, SGL_OCTET_STRING, &id->ski);
	return sgl_der_read(in, SGL_SEQUENCE, &body) &&
	    read_issuer_serial(body, id);
}

/* Finds the n-th RecipientEncryptedKey. */
static bool
read_encrypted_key(agreement *a, rid *id, sgl_slice *encrypted, sgl_buf *joined)
{
	sgl_der key;

	*id = (rid){0};
	return sgl_der_read(&a->keys, SGL_SEQUENCE, &key) &&
	    read_agree_id(&key, id) &&
	    sgl_der_read_octets(&key, SGL_OCTET_STRING, encrypted, joined) &&
	    sgl_der_done(&key);
}

static sgl_status
keep_agreement(sgl_cms_reader *r, sgl_slice whole, sgl_key *key, size_t index,
    sgl_err *err)
{
	sgl_candidate *c;
	agreement a = {0};
	rid id;

	TRY(add_candidate(r, whole, &c, err));
	if (c == NULL)
		return SGL_OK;
	c->how = SGL_BY_KEY_AGREEMENT;
	c->key = key;
	if (!read_agreement(over_candidate(c), &a, &c->store))
		return malformed(err);
	for (size_t i = 0; i <= index; i++)
		if (!read_encrypted_key(&a, &id, &c->encrypted_key, &c->store))
			return malformed(err);
	c->algorithm = a.algorithm;
	c->originator = a.originator;
	c->originator_alg = a.originator_alg;
	c->ukm = a.ukm;
	c->has_ukm = a.has_ukm;
	return SGL_OK;
}

static sgl_status
read_agreements(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) joined = sgl_buf_init(whole.len);
	agreement a = {0};
	sgl_slice encrypted;
	rid id;

	/* All that may be joined, so that nothing fails for want of room. */
	TRY(sgl_buf_reserve(&joined, whole.len, err));
	if (!read_agreement(sgl_ber_over(whole), &a, &joined) ||
	    sgl_der_done(&a.keys))
		return malformed(err);
	for (size_t i = 0; !sgl_der_done(&a.keys); i++) {
		sgl_key *key;

		joined.len = 0;
		if (!read_encrypted_key(&a, &id, &encrypted, &joined))
			return malformed(err);
		if (i > 0)
			TRY(count_recipient(r, err));
		TRY(show(&r->report, &id, err));
		TRY(find_key(r, &id, &key, err));
		if (key != NULL)
			TRY(keep_agreement(r, whole, key, i, err));
	}
	return SGL_OK;
}

/* KEKRecipientInfo, 6.2.3. */
static sgl_status
read_kek(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in, body, id;
	sgl_candidate *c;
	sgl_slice key_id;
	uint64_t version;

	r->report.has_kek = true;
	if (r->options.kek.data == NULL)
		return SGL_OK;
	TRY(add_candidate(r, whole, &c, err));
	if (c == NULL)
		return SGL_OK;
	c->how = SGL_BY_KEK;
	in = over_candidate(c);
	if (!sgl_der_read(&in, SGL_CONTEXT(2), &body) ||
	    !sgl_der_read_uint(&body, &version) ||
	    !sgl_der_read(&body, SGL_SEQUENCE, &id) ||
	    !sgl_der_read_bytes(&id, SGL_OCTET_STRING, &key_id) ||
	    !sgl_der_read_whole(&body, SGL_SEQUENCE, &c->algorithm) ||
	    !sgl_der_read_octets(
		&body, SGL_OCTET_STRING, &c->encrypted_key, &c->store))
		return malformed(err);
	if (r->options.kek_id.data != NULL &&
	    !sgl_slice_eq(key_id, r->options.kek_id))
		sgl_buf_clear(&r->candidates[--r->num_candidates].store);
	return SGL_OK;
}

/* PasswordRecipientInfo, 6.2.4. */
static sgl_status
read_password(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in, body, kdf;
	sgl_candidate *c;
	uint64_t version;
	bool has_kdf;

	r->report.has_password = true;
	if (r->options.password.data == NULL)
		return SGL_OK;
	TRY(add_candidate(r, whole, &c, err));
	if (c == NULL)
		return SGL_OK;
	c->how = SGL_BY_PASSWORD;
	in = over_candidate(c);
	if (!sgl_der_read(&in, SGL_CONTEXT(3), &body) ||
	    !sgl_der_read_uint(&body, &version) ||
	    !sgl_der_read_opt(&body, SGL_CONTEXT(0), &kdf, &has_kdf) ||
	    !sgl_der_read_whole(&body, SGL_SEQUENCE, &c->algorithm) ||
	    !sgl_der_read_octets(
		&body, SGL_OCTET_STRING, &c->encrypted_key, &c->store))
		return malformed(err);
	if (has_kdf)
		c->derivation = sgl_der_rest(&kdf);
	return SGL_OK;
}

sgl_status
sgl_read_recipient(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole);

	TRY(count_recipient(r, err));
	if (sgl_der_next_is(&in, SGL_SEQUENCE))
		return read_transport(r, whole, err);
	if (sgl_der_next_is(&in, SGL_CONTEXT(1)))
		return read_agreements(r, whole, err);
	if (sgl_der_next_is(&in, SGL_CONTEXT(2)))
		return read_kek(r, whole, err);
	if (sgl_der_next_is(&in, SGL_CONTEXT(3)))
		return read_password(r, whole, err);
	if (sgl_der_next_is(&in, SGL_CONTEXT(4)))
		return SGL_OK; /* OtherRecipientInfo: for somebody else */
	return malformed(err);
}
