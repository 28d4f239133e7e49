/* SPDX-License-Identifier: Apache-2.0 */
/* The file that officers get. */
#include "asn1/pem.h"
#include "sys/text.h"
#include "sys/wire.h"
#include "vault/recovery.h"

#define ROOM "vault.recovery"
#define BLOCK "SIGILL RECOVERY REQUEST"
#define BLOCK_BEGIN "-----BEGIN "
#define BLOCK_MAX ((size_t)1 << 20)
#define STATEMENT_MAX ((size_t)1 << 20)

static void
add_share(sgl_wire *w, const sgl_recovery_share *s)
{
	sgl_wire_add_int(w, s->officer);
	sgl_wire_add_bytes(w, s->name);
	sgl_wire_add_bytes(w, s->spki);
	sgl_wire_add_bytes(w, s->envelope);
}

static void
read_share(sgl_unwire *u, sgl_recovery_share *out)
{
	out->officer = sgl_unwire_int(u, 1, INT64_MAX);
	out->name = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->spki = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	out->envelope = sgl_unwire_bytes(u, SGL_RECOVERY_ENVELOPE_MAX);
}

sgl_status
sgl_recovery_request_add(
    const sgl_recovery_request *r, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) block = sgl_buf_init(BLOCK_MAX);
	sgl_wire w = sgl_wire_over(&block);

	sgl_wire_add_bytes(&w, r->session);
	sgl_wire_add_bytes(&w, r->signature);
	sgl_wire_add_int(&w, (int64_t)r->num_shares);
	for (size_t i = 0; i < r->num_shares; i++)
		add_share(&w, &r->shares[i]);
	TRY(sgl_wire_end(&w, err));
	TRY(sgl_buf_add(out, r->statement, err));
	return sgl_pem_add(out, BLOCK, sgl_buf_slice(&block), err);
}

static sgl_status
fail_read(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("this is not the request of a recovery"));
}

static bool
read_block(sgl_slice block, sgl_recovery_request *out)
{
	sgl_unwire u = sgl_unwire_over(block);

	out->session = sgl_unwire_bytes(&u, SGL_RECOVERY_SPKI_MAX);
	out->signature = sgl_unwire_bytes(&u, SGL_RECOVERY_SIGNATURE_MAX);
	out->num_shares =
	    (size_t)sgl_unwire_int(&u, 1, SGL_RECOVERY_OFFICERS_MAX);
	for (size_t i = 0; i < out->num_shares; i++)
		read_share(&u, &out->shares[i]);
	return sgl_unwire_end(&u, NULL) == SGL_OK;
}

/* The statement is what stands in front of the block. */
static bool
find_statement(sgl_slice file, sgl_slice *out)
{
	const uint8_t *at = file.len == 0
	    ? NULL
	    : memmem(file.data, file.len, "\n" BLOCK_BEGIN,
		  sizeof "\n" BLOCK_BEGIN - 1);

	if (at == NULL)
		return false;
	*out = sgl_slice_first(file, (size_t)(at - file.data) + 1);
	return out->len <= STATEMENT_MAX;
}

sgl_status
sgl_recovery_request_read(
    sgl_slice file, sgl_buf *store, sgl_recovery_request *out, sgl_err *err)
{
	sgl_pem_block block;
	sgl_status status;
	size_t at = 0;
	bool found;

	*store = sgl_buf_init(BLOCK_MAX);
	*out = (sgl_recovery_request){.num_shares = 0};
	if (!find_statement(file, &out->statement))
		return fail_read(err);
	status = sgl_pem_next(file, &at, &block, store, &found, err);
	if (status == SGL_E_NOMEM)
		return status;
	if (status != SGL_OK || !found ||
	    !sgl_slice_eq(block.label, SGL_LIT(BLOCK)) ||
	    !read_block(sgl_buf_slice(store), out))
		return fail_read(err);
	return SGL_OK;
}

/* ---------------------------------------------------------- envelopes --- */

sgl_status
sgl_recovery_enveloped_add(
    const sgl_recovery_enveloped *e, sgl_buf *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(out);

	sgl_wire_add_bytes(&w, e->share);
	sgl_wire_add_bytes(&w, e->spki);
	return sgl_wire_end(&w, err);
}

sgl_status
sgl_recovery_enveloped_read(
    sgl_slice bytes, sgl_recovery_enveloped *out, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(bytes);

	out->share = sgl_unwire_bytes(&u, SGL_RECOVERY_SHARE_MAX);
	out->spki = sgl_unwire_bytes(&u, SGL_RECOVERY_SPKI_MAX);
	return sgl_unwire_end(&u, NULL) == SGL_OK ? SGL_OK : fail_read(err);
}

sgl_status
sgl_recovery_request_check(sgl_engine *engine, const sgl_recovery_request *r,
    sgl_slice spki, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_sig_alg alg = {0};
	bool good;

	TRY(sgl_pubkey_read(engine, spki, &key, err));
	TRY(sgl_recovery_signature(sgl_pubkey_get_kind(key), &alg, err));
	TRY(sgl_pubkey_verify(
	    engine, key, &alg, r->statement, r->signature, &good, err));
	return good ? SGL_OK
		    : sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			  N_("the request was not made by whoever made the "
			     "recovery key, or was changed"));
}
