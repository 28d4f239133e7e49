/* SPDX-License-Identifier: Apache-2.0 */
#include "store/revocation.h"

/* RFC 5280 5.3.1; 7 is not used. */
static const char *const reasons[] = {
    [SGL_REASON_UNSPECIFIED] = "unspecified",
    [SGL_REASON_KEY_COMPROMISE] = "keyCompromise",
    [SGL_REASON_CA_COMPROMISE] = "cACompromise",
    [SGL_REASON_AFFILIATION_CHANGED] = "affiliationChanged",
    [SGL_REASON_SUPERSEDED] = "superseded",
    [SGL_REASON_CESSATION_OF_OPERATION] = "cessationOfOperation",
    [SGL_REASON_CERTIFICATE_HOLD] = "certificateHold",
    [SGL_REASON_REMOVE_FROM_CRL] = "removeFromCRL",
    [SGL_REASON_PRIVILEGE_WITHDRAWN] = "privilegeWithdrawn",
    [SGL_REASON_AA_COMPROMISE] = "aACompromise",
};

const char *
sgl_revocation_reason_name(sgl_revocation_reason reason)
{
	return reasons[reason];
}

bool
sgl_revocation_reason_find(sgl_slice name, sgl_revocation_reason *out)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i] != NULL &&
		    sgl_slice_eq(name, sgl_slice_str(reasons[i]))) {
			*out = (sgl_revocation_reason)i;
			return true;
		}
	return false;
}

void
sgl_query_bind_revocation(sgl_query *q, const sgl_revocation_mark *r)
{
	sgl_query_bind_ref(q, r->when);
	sgl_query_bind_str(q, r->when == 0 ? NULL : reasons[r->reason]);
}

sgl_status
sgl_query_revocation(
    sgl_query *q, int column, sgl_revocation_mark *out, sgl_err *err)
{
	out->when = sgl_query_int(q, column);
	if (out->when != 0 &&
	    !sgl_revocation_reason_find(
		sgl_query_slice(q, column + 1), &out->reason))
		return sgl_store_damaged(q->store, err);
	return SGL_OK;
}
