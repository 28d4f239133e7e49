/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/door.h"
#include "ca/making.h"
#include "ca/names.h"
#include "ca/responder.h"
#include "org/audit.h"
#include "sys/text.h"

#define ROOM "ca.door"
#define DAY ((sgl_time)24 * 60 * 60)
#define SOON (30 * DAY)
#define NAME_MAX_DER 4096

void
sgl_ca_door_clear(sgl_ca_door *d)
{
	sgl_cert_unref(d->cert);
	*d = (sgl_ca_door){0};
}

static sgl_status
find_authority(
    const sgl_authorities *list, const sgl_authority **out, sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].kind == SGL_AUTHORITY_ISSUING &&
		    list->items[i].state == SGL_AUTHORITY_ACTIVE) {
			*out = &list->items[i];
			return SGL_OK;
		}
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the organisation has no issuing authority: sigill ca "
	       "replace-issuing, or below another organisation sigill ca "
	       "request and install"));
}

sgl_status
sgl_ca_door_find(sgl_home *home, sgl_ca_door *out, bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_responder_record) r = {0};
	sgl_engine *engine = sgl_home_engine(home);
	const sgl_authority *a;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	TRY(find_authority(&list, &a, err));
	TRY(sgl_store_find_responder(
	    sgl_home_store(home), a->id, SGL_RESPONDER_SCEP, &r, found, err));
	*found = *found && sgl_engine_now(engine) + SOON <= r.not_after;
	if (!*found)
		return SGL_OK;
	out->key = r.key;
	return sgl_cert_read(engine, sgl_buf_slice(&r.der), &out->cert, err);
}

static sgl_status
make_door(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	sgl_ca_order order = {.profile = SGL_PROFILE_DOOR};
	const sgl_authority *a;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	TRY(find_authority(&list, &a, err));
	TRY(sgl_ca_signer_open(home, a, &signer, err));
	/* It would not be found again, and made once more for each request. */
	if (sgl_engine_now(sgl_home_engine(home)) + SOON >
	    sgl_cert_get_not_after(signer.cert))
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the issuing authority ends soon: SCEP waits for the "
		       "next one"));
	TRY(sgl_ca_responder_name(sgl_home_organisation(home), "SCEP",
	    sgl_engine_now(sgl_home_engine(home)), &subject, err));
	order.subject = sgl_buf_slice(&subject);
	TRY(sgl_ca_make(home, &order, &signer, &m, err));
	return sgl_responder_store(home, a->id, SGL_RESPONDER_SCEP, &m, err);
}

sgl_status
sgl_ca_door_get(sgl_home *home, sgl_ca_door *out, sgl_err *err)
{
	bool found;

	TRY(sgl_ca_door_find(home, out, &found, err));
	if (found)
		return SGL_OK;
	TRY(make_door(home, err));
	TRY(sgl_ca_door_find(home, out, &found, err));
	return found ? SGL_OK
		     : sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			   N_("the issuing authority ends soon: SCEP waits for "
			      "the next one"));
}

sgl_status
sgl_ca_door_ask(sgl_home *home, const sgl_ca_door *d,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_vault *vault;

	if (request->op == SGL_KEY_ECDH)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("the key of SCEP is RSA"));
	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_vault_get(vault, d->key, &key, err));
	return sgl_key_ask(sgl_home_engine(home), key, request, answer, err);
}
