/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/oid.h"
#include "ca/policy.h"
#include "sys/text.h"

#define ROOM "ca.policy"
#define OID_MAX 64
#define URL_MAX 512

static const char reserved_arc[] = "2.23.140.1.5.";
/* Legacy ones are issued no more since 2025-07-15 (BR 1.2.1). */
static const char *const mailbox[] = {"2.23.140.1.5.1.2", "2.23.140.1.5.1.3"};

bool
sgl_policy_is_reserved(sgl_slice dotted)
{
	return sgl_slice_starts(dotted, sgl_slice_str(reserved_arc));
}

static bool
is_mailbox(sgl_slice dotted)
{
	for (size_t i = 0; i < sizeof mailbox / sizeof mailbox[0]; i++)
		if (sgl_slice_eq(dotted, sgl_slice_str(mailbox[i])))
			return true;
	return false;
}

static sgl_status
refuse(const char *text, sgl_slice dotted, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text, "%.*s",
	    (int)dotted.len, (const char *)dotted.data);
}

sgl_status
sgl_policy_check(sgl_slice dotted, bool *reserved, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) oid = sgl_buf_init(OID_MAX);

	TRY(sgl_buf_reserve(&oid, OID_MAX, err));
	if (!sgl_oid_parse(dotted, &oid))
		return refuse(N_("is no object identifier like "
				 "1.3.6.1.4.1.99999.1"),
		    dotted, err);
	if (sgl_oid_find(sgl_buf_slice(&oid)) == SGL_OID_ANY_POLICY)
		return refuse(
		    N_("is no policy for certificates of people"), dotted, err);
	*reserved = sgl_policy_is_reserved(dotted);
	return *reserved && !is_mailbox(dotted)
	    ? refuse(N_("says more of people than is known here: of the "
			"Baseline Requirements' policies there are "
			"2.23.140.1.5.1.2 and 2.23.140.1.5.1.3 "
			"(mailbox-validated)"),
		  dotted, err)
	    : SGL_OK;
}

bool
sgl_policy_has_reserved(const sgl_organisation *o)
{
	sgl_slice dotted;

	for (size_t i = 0; sgl_organisation_get_policy(o, i, &dotted); i++)
		if (sgl_policy_is_reserved(dotted))
			return true;
	return false;
}

bool
sgl_policy_is_url(sgl_slice url)
{
	if (url.len > URL_MAX ||
	    (!sgl_slice_starts_nocase(url, SGL_LIT("https://")) &&
		!sgl_slice_starts_nocase(url, SGL_LIT("http://"))))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if (url.data[i] <= ' ' || url.data[i] > '~')
			return false;
	return true;
}
