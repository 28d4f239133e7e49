/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RecipientInfos (RFC 5652 6.2): there may be thousands, for others. Each is
 * looked at just long enough to see whether one of our keys fits; only those
 * that do are kept.
 */
#include "cms/reader_inside.h"

#define ROOM "cms.recipient"

typedef sgl_named_recipient rid;

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

static sgl_status
find_on_ring(sgl_cms_reader *r, const rid *id, sgl_key **key, sgl_err *err)
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

/* Two certificates of an issuer that numbers badly may share a name. */
static bool
can(const sgl_key *key, sgl_how how)
{
	return (sgl_key_get_kind(key) == SGL_KEY_RSA) ==
	    (how == SGL_BY_KEY_TRANSPORT);
}

/* *key is borrowed, NULL where none fits. What the finder found stands in the
 * order in which the names are met again here. */
static sgl_status
find_key(
    sgl_cms_reader *r, const rid *id, sgl_how how, sgl_key **key, sgl_err *err)
{
	sgl_waiting_recipients *w = &r->unread;
	sgl_key *found =
	    w->at_found < w->num_found ? w->found[w->at_found++] : NULL;

	TRY(find_on_ring(r, id, key, err));
	if (*key != NULL && can(*key, how))
		return SGL_OK;
	*key = found != NULL && can(found, how) ? found : NULL;
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
	TRY(find_key(r, &id, SGL_BY_KEY_TRANSPORT, &key, err));
	if (key == NULL)
		return SGL_OK;
	TRY(add_candidate(r, whole, &c, err));
	if (c == NULL)
		return SGL_OK;
	c->how = SGL_BY_KEY_TRANSPORT;
	c->key = sgl_key_ref(key);
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
	c->key = sgl_key_ref(key);
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
		TRY(find_key(r, &id, SGL_BY_KEY_AGREEMENT, &key, err));
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

static sgl_status
read_one(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole);

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

/* ----------------------------------------------------------- looking up --- */

#define WAITING_MAX ((size_t)32 << 10)

/* The names that the finder is to be asked for next. */
typedef struct asking {
	sgl_cms_reader *r;
	rid names[SGL_FIND_AT_ONCE];
	size_t num;
} asking;

static void
drop_found(sgl_waiting_recipients *w)
{
	for (size_t i = 0; i < w->num_found; i++)
		sgl_key_unref(w->found[i]);
	sgl_mem_free(w->found);
	w->found = NULL;
	w->num_found = w->at_found = 0;
}

void
sgl_waiting_recipients_clear(sgl_waiting_recipients *w)
{
	drop_found(w);
	sgl_buf_clear(&w->bytes);
}

static sgl_status
ask_finder(asking *a, sgl_err *err)
{
	sgl_waiting_recipients *w = &a->r->unread;
	const sgl_key_finder *finder = a->r->options.finder;
	sgl_key **more;
	size_t num = a->num;

	a->num = 0;
	if (num == 0)
		return SGL_OK;
	more = sgl_mem_resize(w->found, (w->num_found + num) * sizeof *more);
	if (more == NULL)
		return sgl_oom(err, ROOM);
	w->found = more;
	more += w->num_found;
	memset(more, 0, num * sizeof *more);
	w->num_found += num;
	return finder->find(finder->ctx, a->names, num, more, err);
}

static sgl_status
add_name(asking *a, const rid *id, sgl_err *err)
{
	a->names[a->num++] = *id;
	return a->num == SGL_FIND_AT_ONCE ? ask_finder(a, err) : SGL_OK;
}

static sgl_status
add_agreement_names(asking *a, sgl_slice whole, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) joined = sgl_buf_init(whole.len);
	agreement agreed = {0};
	sgl_slice encrypted;
	rid id;

	TRY(sgl_buf_reserve(&joined, whole.len, err));
	if (!read_agreement(sgl_ber_over(whole), &agreed, &joined))
		return SGL_OK;
	while (!sgl_der_done(&agreed.keys)) {
		joined.len = 0;
		if (!read_encrypted_key(&agreed, &id, &encrypted, &joined))
			return SGL_OK;
		TRY(add_name(a, &id, err));
	}
	return SGL_OK;
}

/* What is malformed has no names; who reads it then will say so. */
static sgl_status
add_names(asking *a, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole), body;
	rid id = {0};

	if (sgl_der_next_is(&in, SGL_CONTEXT(1)))
		return add_agreement_names(a, whole, err);
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !read_transport_id(&body, &id))
		return SGL_OK;
	return add_name(a, &id, err);
}

/* All that waits: first the names, then, with what was found for these, the
 * rest. */
static sgl_status
read_together(
    sgl_cms_reader *r, const sgl_slice *infos, size_t num, sgl_err *err)
{
	asking a = {.r = r};
	sgl_status status = SGL_OK;

	for (size_t i = 0; status == SGL_OK && i < num; i++)
		status = add_names(&a, infos[i], err);
	if (status == SGL_OK)
		status = ask_finder(&a, err);
	for (size_t i = 0; status == SGL_OK && i < num; i++)
		status = read_one(r, infos[i], err);
	drop_found(&r->unread);
	return status;
}

sgl_status
sgl_read_recipients_end(sgl_cms_reader *r, sgl_err *err)
{
	sgl_waiting_recipients *w = &r->unread;
	sgl_slice infos[SGL_FIND_AT_ONCE];
	size_t begin = 0, num = w->num;
	sgl_status status;

	for (size_t i = 0; i < num; i++) {
		infos[i] =
		    sgl_slice_of(w->bytes.data + begin, w->ends[i] - begin);
		begin = w->ends[i];
	}
	w->num = 0;
	status = read_together(r, infos, num, err);
	w->bytes.len = 0;
	return status;
}

static sgl_status
let_wait(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_waiting_recipients *w = &r->unread;

	if (w->num == SGL_FIND_AT_ONCE ||
	    w->bytes.len + whole.len > WAITING_MAX)
		TRY(sgl_read_recipients_end(r, err));
	if (whole.len > WAITING_MAX)
		return read_together(r, &whole, 1, err);
	w->bytes.max = WAITING_MAX;
	TRY(sgl_buf_add(&w->bytes, whole, err));
	w->ends[w->num++] = w->bytes.len;
	return SGL_OK;
}

sgl_status
sgl_read_recipient(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	TRY(count_recipient(r, err));
	return r->options.finder == NULL ? read_one(r, whole, err)
					 : let_wait(r, whole, err);
}
