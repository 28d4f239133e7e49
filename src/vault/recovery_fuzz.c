/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and approvals of a recovery as strangers may write them: what is
 * read is the same when it is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "vault/recovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static bool
is_inside(sgl_slice part, sgl_slice whole)
{
	return part.len == 0 ||
	    (part.data >= whole.data &&
		part.data + part.len <= whole.data + whole.len);
}

static void
try_approval(sgl_slice file)
{
	/* What the corpus names. */
	sgl_digest statement = {.len = 32};
	SGL_AUTO_CLEAR(sgl_buf) store = {0};
	SGL_AUTO_CLEAR(sgl_buf) again = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1 << 16);
	sgl_recovery_approval a, b;

	if (sgl_recovery_approval_read(file, &statement, &store, &a, NULL) !=
	    SGL_OK)
		return;
	check(a.officer > 0 && a.share.len > 0 && a.signature.len > 0);
	check(is_inside(a.share, sgl_buf_slice(&store)));
	check(is_inside(a.signature, sgl_buf_slice(&store)));
	check(sgl_recovery_approval_add(&statement, &a, &text, NULL) == SGL_OK);
	check(sgl_recovery_approval_read(sgl_buf_slice(&text), &statement,
		  &again, &b, NULL) == SGL_OK);
	check(a.officer == b.officer && a.at == b.at &&
	    sgl_slice_eq(a.share, b.share) &&
	    sgl_slice_eq(a.signature, b.signature));
}

static void
check_same(const sgl_recovery_request *a, const sgl_recovery_request *b)
{
	check(sgl_slice_eq(a->statement, b->statement) &&
	    sgl_slice_eq(a->session, b->session) &&
	    sgl_slice_eq(a->signature, b->signature) &&
	    a->num_shares == b->num_shares);
	for (size_t i = 0; i < a->num_shares; i++)
		check(a->shares[i].officer == b->shares[i].officer &&
		    sgl_slice_eq(a->shares[i].name, b->shares[i].name) &&
		    sgl_slice_eq(a->shares[i].spki, b->shares[i].spki) &&
		    sgl_slice_eq(a->shares[i].envelope, b->shares[i].envelope));
}

static void
try_request(sgl_slice file)
{
	SGL_AUTO_CLEAR(sgl_buf) store = {0};
	SGL_AUTO_CLEAR(sgl_buf) again = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(4 << 20);
	sgl_recovery_request a, b;

	if (sgl_recovery_request_read(file, &store, &a, NULL) != SGL_OK)
		return;
	check(is_inside(a.statement, file));
	check(a.num_shares > 0 && a.num_shares <= SGL_RECOVERY_OFFICERS_MAX);
	check(sgl_recovery_request_add(&a, &text, NULL) == SGL_OK);
	check(sgl_recovery_request_read(
		  sgl_buf_slice(&text), &again, &b, NULL) == SGL_OK);
	check_same(&a, &b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_approval(sgl_slice_of(data, size));
	try_request(sgl_slice_of(data, size));
	return 0;
}
