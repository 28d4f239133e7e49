/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h where the store is. */
#include "base/time.h"
#include "cmd/resolve.h"
#include "org/choose.h"
#include "org/people.h"
#include "pki/cert.h"

#define ROOM "cmd.resolve"

struct sgl_resolver {
	sgl_home *home;
};
SGL_AUTO_TYPE(sgl_resolver, sgl_resolver_free)

void
sgl_identity_clear(sgl_identity *identity)
{
	sgl_keyring_clear(&identity->ring);
	sgl_cert_unref(identity->signing_cert);
	sgl_key_unref(identity->signing_key);
	sgl_cert_unref(identity->encryption_cert);
	sgl_certs_clear(&identity->chain);
	sgl_certs_clear(&identity->roots);
	*identity = (sgl_identity){0};
}
SGL_AUTO_CLEAR_TYPE(sgl_identity, sgl_identity_clear)

sgl_status
sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err)
{
	SGL_AUTO(sgl_resolver)
	r = sgl_mem_zeroed(1, sizeof *r);

	if (r == NULL)
		return sgl_oom(err, ROOM);
	TRY(sgl_home_open(engine, home, false, &r->home, err));
	*out = SGL_TAKE(&r);
	return SGL_OK;
}

void
sgl_resolver_free(sgl_resolver *resolver)
{
	if (resolver == NULL)
		return;
	sgl_home_free(resolver->home);
	sgl_mem_free(resolver);
}

static sgl_status
add_authorities(sgl_home *home, sgl_identity *id, sgl_err *err)
{
	TRY(sgl_home_add_authorities(home, &id->roots, &id->chain, err));
	return sgl_home_add_authorities(
	    home, &id->ring.certs, &id->ring.certs, err);
}

static sgl_status
add_chosen(sgl_home *home, const sgl_person *p, sgl_identity *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) signing = {0};
	SGL_AUTO_CLEAR(sgl_chosen) encryption = {0};

	TRY(sgl_choose_cert(home, p->id, SGL_CERT_SIGNING, &signing, err));
	TRY(sgl_choose_cert(
	    home, p->id, SGL_CERT_ENCRYPTION, &encryption, err));
	id->signing_cert = SGL_TAKE(&signing.cert);
	id->encryption_cert = SGL_TAKE(&encryption.cert);
	if (id->signing_cert == NULL)
		return SGL_OK;
	return sgl_choose_key(home, &signing, &id->signing_key, err);
}

sgl_status
sgl_resolver_identity(sgl_resolver *resolver, const char *address,
    sgl_identity *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_identity) id = {0};
	sgl_home *home = resolver->home;

	TRY(sgl_people_get(home, address, &p, err));
	TRY(sgl_home_add_keys(home, p.id, &id.ring, err));
	TRY(sgl_home_add_certs(home, p.id, &id.ring, err));
	TRY(add_authorities(home, &id, err));
	TRY(add_chosen(home, &p, &id, err));
	*out = id;
	id = (sgl_identity){0};
	return SGL_OK;
}

sgl_status
sgl_resolver_recipient(
    sgl_resolver *resolver, const char *address, sgl_cert **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	char date[SGL_TIME_TEXT];

	TRY(sgl_people_get(resolver->home, address, &p, err));
	TRY(sgl_choose_cert(
	    resolver->home, p.id, SGL_CERT_ENCRYPTION, &chosen, err));
	if (chosen.cert == NULL && chosen.ended != 0)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the encryption certificate has expired: sigill cert "
		       "renew makes a new one"),
		    "%s (%s)", address, sgl_time_text(chosen.ended, date));
	if (chosen.cert == NULL)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("there is no encryption certificate: sigill cert renew "
		       "makes one"),
		    "%s", address);
	*out = SGL_TAKE(&chosen.cert);
	return SGL_OK;
}

sgl_status
sgl_resolver_trust(sgl_resolver *resolver, sgl_certs *anchors,
    sgl_certs *intermediates, sgl_err *err)
{
	return sgl_home_add_authorities(
	    resolver->home, anchors, intermediates, err);
}
