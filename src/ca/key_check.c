/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/key_check.h"

#include "ca/making.h"
#include "ca/outer_key.h"

static bool
issues(const sgl_authority *a)
{
	return a->kind == SGL_AUTHORITY_ISSUING &&
	    a->state == SGL_AUTHORITY_ACTIVE;
}

static sgl_status
check_one(sgl_home *home, const sgl_authority *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};

	return sgl_ca_signer_open(home, a, &signer, err);
}

sgl_status
sgl_ca_check_keys(sgl_home *home, bool all, sgl_checked_keys *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	*out = (sgl_checked_keys){0};
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num && out->num < SGL_KEYS_CHECKED; i++) {
		const sgl_authority *a = &list.items[i];
		sgl_checked_key *k = &out->items[out->num];

		k->authority = a->id;
		k->on_token = sgl_outer_key_is_token(a->key_location);
		if (!issues(a) || (!all && !k->on_token))
			continue;
		out->num++;
		if (check_one(home, a, &k->why) == SGL_E_NOMEM)
			return sgl_oom(err, "ca.key_check");
	}
	return SGL_OK;
}
