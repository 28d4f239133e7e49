/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl_entry.h"

#include <assert.h>

#include "pki/cert_read.h"
#include "pki/general.h"

#define ROOM "pki.crl"

/*
 * The index: `slots` is a hash table with open addressing of entry numbers
 * plus one, `at` says where each entry is, `issuer` (only where entries of
 * other issuers occur) which entry's certificateIssuer applies to it, as its
 * number plus one; zero is the CRL's own issuer.
 */
struct sgl_crl_index {
	uint64_t seed;
	uint32_t mask;
	uint32_t *at, *issuer, *slots;
};

static bool
is_known_entry_extension(sgl_slice oid)
{
	return sgl_slice_eq(oid, sgl_oid_der(SGL_OID_CE_CRL_REASON)) ||
	    sgl_slice_eq(oid, sgl_oid_der(SGL_OID_CE_INVALIDITY_DATE));
}

/* certificateIssuer holds GeneralNames. */
static bool
read_entry_issuer(sgl_slice value, sgl_slice *out)
{
	sgl_der in = sgl_der_over(value), names;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &names) || !sgl_der_done(&in))
		return false;
	*out = sgl_der_rest(&names);
	return true;
}

static bool
read_entry_extensions(sgl_der list, sgl_crl_entry *out)
{
	sgl_ext ext;

	while (!sgl_der_done(&list)) {
		if (!sgl_ext_read(&list, &ext))
			return false;
		if (sgl_slice_eq(
			ext.oid, sgl_oid_der(SGL_OID_CE_CERTIFICATE_ISSUER))) {
			if (!read_entry_issuer(ext.value, &out->issuer))
				out->is_unusable = true;
		} else if (ext.critical && !is_known_entry_extension(ext.oid)) {
			out->is_unusable = true;
		}
	}
	return true;
}

/*
 * Nearly all entries look like one of two: a serial number and a UTCTime, and
 * perhaps a reason. A list has a hundred thousand of them, so these are told by
 * their bytes. false: it is none of the two, which says nothing else.
 */
static bool
read_usual(sgl_der *in, sgl_crl_entry *out)
{
	static const uint8_t reason[] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03,
	    0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};
	const uint8_t *p = in->at, *time, *rest;
	size_t left = (size_t)(in->end - p), len, serial;

	if (left < 4 || p[0] != 0x30 || p[1] >= 0x80 || p[2] != 0x02)
		return false;
	len = p[1];
	serial = p[3];
	if (len > left - 2 || serial >= 0x80 || len < 2 + serial + 15)
		return false;
	time = p + 4 + serial;
	rest = time + 15;
	if (time[0] != 0x17 || time[1] != 13)
		return false;
	if (len != 2 + serial + 15 &&
	    (len != 2 + serial + 15 + sizeof reason + 1 ||
		memcmp(rest, reason, sizeof reason) != 0))
		return false;
	*out = (sgl_crl_entry){.serial = sgl_slice_of(p + 4, serial)};
	out->time = (sgl_der){time, p + 2 + len, in->origin, false};
	in->at = p + 2 + len;
	return true;
}

bool
sgl_crl_entry_read(sgl_der *in, sgl_crl_entry *out)
{
	sgl_der body, list;
	sgl_tag tag;
	bool present;

	if (read_usual(in, out))
		return true;
	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_bytes(&body, SGL_INTEGER, &out->serial))
		return false;
	out->time = body;
	out->issuer = (sgl_slice){0};
	out->is_unusable = false;
	if (!sgl_der_read_any(&body, &tag, NULL, NULL) ||
	    (tag != SGL_UTC_TIME && tag != SGL_GENERALIZED_TIME))
		return false;
	if (sgl_der_done(&body))
		return true;
	return sgl_der_read_opt(&body, SGL_SEQUENCE, &list, &present) &&
	    present && sgl_der_done(&body) && read_entry_extensions(list, out);
}

/* An INTEGER that is longer than it need be is the same number; 0x00ff and
 * 0xff are not. */
static sgl_slice
trim(sgl_slice serial)
{
	while (serial.len > 1 &&
	    (serial.data[0] == 0x00 || serial.data[0] == 0xff) &&
	    ((serial.data[0] ^ serial.data[1]) & 0x80) == 0)
		serial = sgl_slice_from(serial, 1);
	return serial;
}

static uint64_t
hash(uint64_t seed, sgl_slice serial)
{
	uint64_t h = seed;

	serial = trim(serial);
	for (size_t i = 0; i < serial.len; i++) {
		h = (h ^ serial.data[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return h;
}

static void
insert(struct sgl_crl_index *x, uint32_t number, sgl_slice serial)
{
	uint32_t i = (uint32_t)hash(x->seed, serial) & x->mask;

	while (x->slots[i] != 0)
		i = (i + 1) & x->mask;
	x->slots[i] = number + 1;
}

static void
fill(const sgl_crl *crl, struct sgl_crl_index *x)
{
	sgl_der list = sgl_der_over(crl->entries);
	sgl_crl_entry entry;
	uint32_t issuer = 0;

	for (uint32_t i = 0; i < crl->num_entries; i++) {
		x->at[i] = (uint32_t)(list.at - crl->der.data);
		if (!sgl_crl_entry_read(&list, &entry))
			return; /* it was read before */
		/* RFC 5280 5.3.3: holds until the next one says otherwise. */
		if (entry.issuer.data != NULL)
			issuer = i + 1;
		if (x->issuer != NULL)
			x->issuer[i] = issuer;
		insert(x, i, entry.serial);
	}
}

/* One allocation: the struct, `slots`, `at`, `issuer`. At most half of the
 * slots are used. */
static sgl_status
make_index(sgl_crl *crl, sgl_err *err)
{
	size_t num = crl->num_entries, slots = 4, words;
	struct sgl_crl_index *x;

	while (slots < num * 2)
		slots *= 2;
	words = slots + num + (crl->has_other_issuers ? num : 0);
	x = sgl_mem_zeroed(1, sizeof *x + words * sizeof(uint32_t));
	if (x == NULL)
		return sgl_oom(err, ROOM);
	/* Whoever chooses the serials does not choose this. */
	memcpy(&x->seed, crl->fingerprint, sizeof x->seed);
	x->mask = (uint32_t)(slots - 1);
	x->slots = (uint32_t *)(x + 1);
	x->at = x->slots + slots;
	x->issuer = crl->has_other_issuers ? x->at + num : NULL;
	fill(crl, x);
	crl->index = x;
	return SGL_OK;
}

static sgl_crl_entry
entry_at(const sgl_crl *crl, uint32_t number)
{
	sgl_der in =
	    sgl_der_over(sgl_slice_from(crl->der, crl->index->at[number]));
	sgl_crl_entry entry = {0};
	bool whole = sgl_crl_entry_read(&in, &entry);

	assert(whole);
	(void)whole;
	return entry;
}

static bool
is_issuer(const sgl_crl *crl, uint32_t number, sgl_slice issuer)
{
	const struct sgl_crl_index *x = crl->index;
	uint32_t from = x->issuer == NULL ? 0 : x->issuer[number];
	sgl_crl_entry entry;
	sgl_general name;
	sgl_der in;

	if (from == 0)
		return sgl_name_same(crl->issuer, issuer);
	entry = entry_at(crl, from - 1);
	in = sgl_der_over(entry.issuer);
	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_DIRECTORY &&
		    sgl_name_same(name.value, issuer))
			return true;
	return false;
}

static void
read_detail(const sgl_ext *ext, sgl_crl_found *out)
{
	sgl_der in = sgl_der_over(ext->value);
	sgl_slice byte;

	if (sgl_slice_eq(ext->oid, sgl_oid_der(SGL_OID_CE_CRL_REASON))) {
		if (sgl_der_read_bytes(&in, SGL_ENUMERATED, &byte) &&
		    byte.len == 1 && byte.data[0] <= 10)
			out->reason = byte.data[0];
	} else if (sgl_slice_eq(
		       ext->oid, sgl_oid_der(SGL_OID_CE_INVALIDITY_DATE))) {
		out->has_invalidity_date =
		    sgl_lax_read_time(&in, &out->invalidity_date);
	}
}

/* A time that cannot be read is the earliest there is: revoked all along. */
static sgl_crl_found
read_details(const sgl_crl_entry *entry)
{
	sgl_crl_found found = {.revoked_at = INT64_MIN, .reason = -1};
	sgl_der in = entry->time, list;
	sgl_time time;
	sgl_ext ext;

	if (sgl_lax_read_time(&in, &time))
		found.revoked_at = time;
	else if (!sgl_der_read_any(&in, NULL, NULL, NULL))
		return found;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &list))
		return found;
	while (sgl_ext_read(&list, &ext))
		read_detail(&ext, &found);
	return found;
}

sgl_status
sgl_crl_find(sgl_crl *crl, sgl_slice issuer, sgl_slice serial, bool *found,
    sgl_crl_found *out, sgl_err *err)
{
	const struct sgl_crl_index *x;
	sgl_slice want = trim(serial);

	*found = false;
	if (crl->num_entries == 0)
		return SGL_OK;
	if (crl->index == NULL)
		TRY(make_index(crl, err));
	x = crl->index;
	for (uint32_t i = (uint32_t)hash(x->seed, want) & x->mask;
	     x->slots[i] != 0; i = (i + 1) & x->mask) {
		uint32_t number = x->slots[i] - 1;
		sgl_crl_entry entry = entry_at(crl, number);

		if (!sgl_slice_eq(trim(entry.serial), want) ||
		    !is_issuer(crl, number, issuer))
			continue;
		*out = read_details(&entry);
		*found = true;
		return SGL_OK;
	}
	return SGL_OK;
}

sgl_status
sgl_crl_each(const sgl_crl *crl,
    sgl_status (*visit)(
	void *ctx, sgl_slice serial, const sgl_crl_found *found, sgl_err *err),
    void *ctx, sgl_err *err)
{
	sgl_der in = sgl_der_over(crl->entries);

	for (uint32_t i = 0; i < crl->num_entries; i++) {
		sgl_crl_entry entry;
		sgl_crl_found found;

		if (!sgl_crl_entry_read(&in, &entry))
			break; /* reading the CRL has counted them */
		if (crl->has_other_issuers && !is_issuer(crl, i, crl->issuer))
			continue;
		found = read_details(&entry);
		TRY(visit(ctx, entry.serial, &found, err));
	}
	return SGL_OK;
}
