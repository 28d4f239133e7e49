/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/time.h"
#include "ca/published.h"
#include "ca/urls.h"
#include "net/fetch.h"
#include "org/audit.h"
#include "pki/crl.h"
#include "sys/text.h"

#define ROOM "ca.published"
#define SETTING "publication.checked"
#define CERT_MAX ((size_t)1 << 16)
#define CRL_MAX ((size_t)64 << 20)

/* What is looked at. */
typedef struct looking {
	sgl_home *home;
	const sgl_authority *authority;
	sgl_cert *cert;
	unsigned seconds;
	sgl_published_fn *each;
	void *ctx;
	bool good;
} looking;

static void
looking_clear(looking *l)
{
	sgl_cert_unref(l->cert);
}
SGL_AUTO_CLEAR_TYPE(looking, looking_clear)

/* --------------------------------------------------------- how it came --- */

static const char *
transfer_fault(sgl_fetch_fault fault)
{
	switch (fault) {
	case SGL_FETCH_GOOD:
		return NULL;
	case SGL_FETCH_NAME:
		return N_("the name of the host does not resolve");
	case SGL_FETCH_CONNECT:
		return N_("the connection is refused: nobody listens there");
	case SGL_FETCH_TIME:
		return N_("no whole answer came in time");
	case SGL_FETCH_STATUS:
		return N_("the server answers, but not with the file");
	case SGL_FETCH_REDIRECT:
		return N_(
		    "the server sends the asker elsewhere, where programs "
		    "that check certificates do not follow");
	case SGL_FETCH_SIZE:
		return N_("what comes is far too long");
	case SGL_FETCH_BROKEN:
		return N_("the answer is no HTTP, or is cut off");
	}
	return NULL;
}

static void
note_transfer(const sgl_fetched *f, sgl_published *p)
{
	p->fault = transfer_fault(f->fault);
	if (f->fault == SGL_FETCH_STATUS || f->fault == SGL_FETCH_REDIRECT)
		(void)snprintf(p->detail, sizeof p->detail, "HTTP %ld%s%s",
		    f->status, f->where[0] == '\0' ? "" : ": ", f->where);
}

/* ---------------------------------------------------------- what it is --- */

static sgl_status
judge_cert(looking *l, sgl_slice body, sgl_published *p, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_err why = {0};

	(void)err;
	if (sgl_slice_eq(body, sgl_cert_get_der(l->cert)))
		return SGL_OK;
	p->fault =
	    sgl_cert_read(sgl_home_engine(l->home), body, &cert, &why) == SGL_OK
	    ? N_("this is another certificate than the authority's")
	    : N_("this is no certificate");
	return SGL_OK;
}

static sgl_status
is_ours(looking *l, sgl_crl *crl, bool *good, sgl_err *err)
{
	const sgl_signed what = sgl_crl_as_signed(crl);
	sgl_status status;
	bool was_known;

	*good = false;
	if (!sgl_name_same(crl->issuer, sgl_cert_get_subject(l->cert)))
		return SGL_OK;
	status = sgl_signed_check(
	    sgl_home_engine(l->home), &what, l->cert, good, &was_known, err);
	return status == SGL_E_NOMEM ? status : SGL_OK;
}

static sgl_status
judge_crl(looking *l, sgl_slice body, sgl_published *p, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_engine *engine = sgl_home_engine(l->home);
	char text[SGL_TIME_TEXT];
	sgl_err why = {0};
	bool good;

	if (sgl_crl_read(engine, body, &crl, &why) != SGL_OK) {
		p->fault = N_("this is no revocation list");
		return SGL_OK;
	}
	TRY(is_ours(l, crl, &good, err));
	if (!good)
		p->fault = N_("this revocation list is another authority's");
	else if (!crl->has_next_update ||
	    crl->next_update <= sgl_engine_now(engine)) {
		p->fault = N_("this revocation list is stale");
		(void)snprintf(p->detail, sizeof p->detail, "%s",
		    sgl_time_text(crl->next_update, text));
	}
	return SGL_OK;
}

/* -------------------------------------------------------------- asking --- */

typedef sgl_status
judge_fn(looking *l, sgl_slice body, sgl_published *p, sgl_err *err);

static sgl_status
look_at(
    looking *l, const sgl_buf *url, size_t max, judge_fn *judge, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) copy = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_fetched) f = {0};
	sgl_published p = {0};

	TRY(sgl_buf_add(&copy, sgl_buf_slice(url), err));
	TRY(sgl_buf_text(&copy, &p.url, err));
	TRY(sgl_fetch(p.url, max, l->seconds, &f, err));
	note_transfer(&f, &p);
	if (p.fault == NULL)
		TRY(judge(l, sgl_buf_slice(&f.body), &p, err));
	l->good = l->good && p.fault == NULL;
	return l->each(l->ctx, &p, err);
}

static sgl_status
look_at_authority(looking *l, sgl_err *err)
{
	const sgl_authority *a = l->authority;

	TRY(sgl_cert_read(
	    sgl_home_engine(l->home), sgl_buf_slice(&a->der), &l->cert, err));
	for (int64_t n = 0; n < a->num_shards; n++) {
		SGL_AUTO_CLEAR(sgl_ca_urls) urls = {{0}, {0}, {0}};

		TRY(sgl_ca_urls_get(l->home, a->id, n, &urls, err));
		if (n == 0)
			TRY(look_at(
			    l, &urls.issuer, CERT_MAX, judge_cert, err));
		if (!sgl_authority_is_parents(a))
			TRY(look_at(l, &urls.crl, CRL_MAX, judge_crl, err));
	}
	return SGL_OK;
}

sgl_status
sgl_published_look(sgl_home *home, unsigned seconds, sgl_published_fn *each,
    void *ctx, bool *good, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	bool all = true;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = list.num; i-- > 0;) {
		SGL_AUTO_CLEAR(looking)
		l = {.home = home,
		    .authority = &list.items[i],
		    .seconds = seconds,
		    .each = each,
		    .ctx = ctx,
		    .good = true};

		TRY(look_at_authority(&l, err));
		all = all && l.good;
	}
	*good = all;
	return SGL_OK;
}

/* ------------------------------------------------------------ remembering ---
 */

sgl_status
sgl_published_note(sgl_home *home, bool unseen, sgl_err *err)
{
	char text[SGL_TIME_TEXT];

	TRY(sgl_audit_add(home,
	    unseen ? "publication.unchecked" : "publication.checked",
	    sgl_home_organisation(home)->public_url, NULL, NULL, err));
	(void)sgl_time_text(sgl_engine_now(sgl_home_engine(home)), text);
	return sgl_store_set_setting(
	    sgl_home_store(home), SETTING, sgl_slice_str(text), err);
}

sgl_status
sgl_published_is_noted(sgl_home *home, bool *noted, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(256);

	return sgl_store_get_setting(
	    sgl_home_store(home), SETTING, &value, noted, err);
}

sgl_status
sgl_published_require(sgl_home *home, bool believed, sgl_err *err)
{
	bool noted;

	if (sgl_home_organisation(home)->public_url == NULL)
		return SGL_OK;
	TRY(sgl_published_is_noted(home, &noted, err));
	if (noted)
		return SGL_OK;
	if (believed)
		return sgl_published_note(home, true, err);
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("it was never seen that the world can fetch revocation lists "
	       "from here, whose URL stands in every certificate: start "
	       "sigilld and run sigill doctor (or give --unchecked)"),
	    "%s", sgl_home_organisation(home)->public_url);
}
