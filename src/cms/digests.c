/* SPDX-License-Identifier: Apache-2.0 */
#include "cms/digests.h"

#define ROOM "cms.digests"
#define NUM_ALGS (SGL_DIGEST_SHA512 + 1)

/* MD5 proves nothing and is not made. */
#define MAKEABLE (SGL_DIGEST_LIKELY | SGL_DIGEST_BIT(SGL_DIGEST_SHA224))

struct sgl_digests {
	sgl_engine *engine;
	sgl_hash *hashes[NUM_ALGS];
	sgl_buf kept; /* wiped: it may be what somebody encrypted */
	bool keeps;
	uint8_t start[64];
	size_t num_start;
};

static sgl_status
start_hashes(sgl_digests *d, sgl_digest_mask mask, sgl_err *err)
{
	for (unsigned i = 0; i < NUM_ALGS; i++)
		if ((mask & MAKEABLE & SGL_DIGEST_BIT(i)) != 0)
			TRY(sgl_hash_new(
			    d->engine, (sgl_digest_alg)i, &d->hashes[i], err));
	return SGL_OK;
}

sgl_status
sgl_digests_new(sgl_engine *engine, sgl_digest_mask mask, size_t keep_max,
    sgl_digests **out, sgl_err *err)
{
	SGL_AUTO(sgl_digests)
	d = sgl_mem_zeroed(1, sizeof *d);

	if (d == NULL)
		return sgl_oom(err, ROOM);
	d->engine = engine;
	d->kept = (sgl_buf){.max = keep_max, .secret = true};
	d->keeps = keep_max > 0;
	TRY(start_hashes(d, mask, err));
	*out = SGL_TAKE(&d);
	return SGL_OK;
}

static sgl_status
keep(sgl_digests *d, sgl_slice in, sgl_err *err)
{
	sgl_status status = sgl_buf_add(&d->kept, in, err);

	if (status != SGL_E_LIMIT)
		return status;
	d->keeps = false;
	sgl_buf_wipe(&d->kept);
	return SGL_OK;
}

static void
keep_start(sgl_digests *d, sgl_slice in)
{
	size_t room = sizeof d->start - d->num_start;
	size_t n = in.len < room ? in.len : room;

	if (n > 0)
		memcpy(d->start + d->num_start, in.data, n);
	d->num_start += n;
}

sgl_status
sgl_digests_update(sgl_digests *d, sgl_slice in, sgl_err *err)
{
	keep_start(d, in);
	for (unsigned i = 0; i < NUM_ALGS; i++)
		if (d->hashes[i] != NULL)
			TRY(sgl_hash_update(d->hashes[i], in, err));
	return d->keeps ? keep(d, in, err) : SGL_OK;
}

sgl_status
sgl_digests_value(sgl_digests *d, sgl_digest_alg alg, sgl_digest *out,
    bool *found, sgl_err *err)
{
	if ((SGL_DIGEST_BIT(alg) & MAKEABLE) == 0) {
		*found = false;
		return SGL_OK;
	}
	if (d->hashes[alg] != NULL)
		TRY(sgl_hash_value(d->hashes[alg], out, err));
	else if (d->keeps)
		TRY(sgl_hash_once(
		    d->engine, alg, sgl_buf_slice(&d->kept), out, err));
	*found = d->hashes[alg] != NULL || d->keeps;
	return SGL_OK;
}

/* Identifier and length; what follows may be cut off. */
static bool
skip_head(sgl_slice *in, uint8_t tag)
{
	size_t n = 2;

	if (in->len < 2 || in->data[0] != tag)
		return false;
	if (in->data[1] > 0x80)
		n += in->data[1] & 0x7fu;
	if (in->len < n)
		return false;
	*in = sgl_slice_from(*in, n);
	return true;
}

/* SET OF SEQUENCE { OBJECT IDENTIFIER, SET } */
bool
sgl_digests_is_attributes(const sgl_digests *d)
{
	sgl_slice in = sgl_slice_of(d->start, d->num_start);
	size_t oid;

	if (!skip_head(&in, 0x31) || !skip_head(&in, 0x30) || in.len < 2)
		return false;
	oid = in.data[1];
	return skip_head(&in, 0x06) && oid < in.len && in.data[oid] == 0x31;
}

bool
sgl_digests_content(const sgl_digests *d, sgl_slice *out)
{
	if (!d->keeps)
		return false;
	*out = sgl_buf_slice(&d->kept);
	return true;
}

void
sgl_digests_free(sgl_digests *d)
{
	if (d == NULL)
		return;
	for (unsigned i = 0; i < NUM_ALGS; i++)
		sgl_hash_free(d->hashes[i]);
	sgl_buf_wipe(&d->kept);
	sgl_mem_wipe(d->start, sizeof d->start);
	sgl_mem_free(d);
}
