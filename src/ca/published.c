/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/base64.h"
#include "base/time.h"
#include "ca/published.h"
#include "ca/urls.h"
#include "org/audit.h"
#include "pki/crl.h"
#include "pki/ocsp.h"
#include "sys/text.h"

#define ROOM "ca.published"
#define SETTING "publication.checked"
#define URL_MAX ((size_t)8192)
#define REQUEST_MAX ((size_t)4096)
#define DER_MAX ((size_t)1 << 20)
/* Others may keep a list so long after we made a newer one (and we let them
 * keep it for five minutes: daemon/outlet.c). */
#define SLACK ((sgl_time)900)
#define CLOCK_LEEWAY 300

static const size_t longest[] = {
    [SGL_PUBLICATION_ISSUER] = (size_t)1 << 16,
    [SGL_PUBLICATION_CRL] = (size_t)15 << 20,
    [SGL_PUBLICATION_OCSP] = (size_t)1 << 16,
};

static void
publication_clear(sgl_publication *p)
{
	sgl_buf_clear(&p->issuer);
	sgl_buf_clear(&p->about);
	sgl_buf_clear(&p->url);
	sgl_buf_clear(&p->body);
}

void
sgl_publications_clear(sgl_publications *list)
{
	for (size_t i = 0; i < list->num; i++)
		publication_clear(&list->items[i]);
	sgl_mem_free(list->items);
	*list = (sgl_publications){0};
}

/* ------------------------------------------------------- what there is --- */

/* One more, about this authority. */
static sgl_status
add(sgl_publications *list, const sgl_authority *a, sgl_publication_kind kind,
    sgl_publication **out, sgl_err *err)
{
	sgl_publication *more =
	    sgl_mem_resize(list->items, (list->num + 1) * sizeof *more);

	if (more == NULL)
		return sgl_oom(err, ROOM);
	list->items = more;
	*out = &more[list->num++];
	**out = (sgl_publication){.kind = kind,
	    .authority = a->id,
	    .issuer = sgl_buf_init(DER_MAX),
	    .about = sgl_buf_init(DER_MAX),
	    .url = sgl_buf_init(URL_MAX),
	    .body = sgl_buf_init(REQUEST_MAX)};
	return sgl_buf_add(&(*out)->issuer, sgl_buf_slice(&a->der), err);
}

static sgl_status
set_url(sgl_publication *p, const sgl_buf *url, sgl_err *err)
{
	const char *text;

	TRY(sgl_buf_add(&p->url, sgl_buf_slice(url), err));
	return sgl_buf_text(&p->url, &text, err);
}

static sgl_status
add_files(sgl_home *home, const sgl_authority *a, sgl_publications *list,
    sgl_err *err)
{
	for (int64_t n = 0; n < a->num_shards; n++) {
		SGL_AUTO_CLEAR(sgl_ca_urls) urls = {{0}, {0}, {0}};
		sgl_publication *p;

		TRY(sgl_ca_urls_get(home, a->id, n, &urls, err));
		if (n == 0) {
			TRY(add(list, a, SGL_PUBLICATION_ISSUER, &p, err));
			TRY(set_url(p, &urls.issuer, err));
		}
		if (sgl_authority_is_parents(a))
			continue; /* its list is not ours */
		TRY(add(list, a, SGL_PUBLICATION_CRL, &p, err));
		p->shard = n;
		TRY(set_url(p, &urls.crl, err));
	}
	return SGL_OK;
}

/* RFC 6960 A.1: behind the URL, as base64, and that without characters that
 * mean something in URLs. */
static sgl_status
add_as_path(sgl_slice request, sgl_buf *url, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(URL_MAX);

	TRY(sgl_base64_encode(request, &text, err));
	TRY(sgl_buf_add_str(url, "/", err));
	for (size_t i = 0; i < text.len; i++) {
		const char c = (char)text.data[i];
		const char *escaped = c == '+' ? "%2B"
		    : c == '/'		       ? "%2F"
		    : c == '='		       ? "%3D"
					       : NULL;

		TRY(escaped != NULL
			? sgl_buf_add_str(url, escaped, err)
			: sgl_buf_add(url, sgl_slice_of(&c, 1), err));
	}
	return SGL_OK;
}

static sgl_status
build_request(sgl_home *home, const sgl_authority *a,
    const sgl_cert_record *about, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	issuer = NULL;
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(REQUEST_MAX);
	sgl_engine *engine = sgl_home_engine(home);
	sgl_ocsp_issuer names;
	sgl_slice whole;

	TRY(sgl_cert_read(engine, sgl_buf_slice(&a->der), &issuer, err));
	TRY(sgl_ocsp_issuer_init(engine, issuer, &names, err));
	/* SHA-1 names things here, and all programs ask by it (RFC 5019). */
	TRY(sgl_ocsp_id_build(
	    &names, SGL_DIGEST_SHA1, sgl_buf_slice(&about->serial), &id, err));
	whole = sgl_buf_slice(&id);
	return sgl_ocsp_request_build(
	    &whole, 1, (sgl_slice){NULL, 0}, out, err);
}

static sgl_status
add_question(sgl_publications *list, const sgl_authority *a,
    const sgl_cert_record *about, const sgl_buf *url, sgl_slice body,
    sgl_err *err)
{
	sgl_publication *p;

	TRY(add(list, a, SGL_PUBLICATION_OCSP, &p, err));
	TRY(sgl_buf_add(&p->about, sgl_buf_slice(&about->der), err));
	TRY(sgl_buf_add(&p->body, body, err));
	return set_url(p, url, err);
}

/* Without a certificate there is nothing to ask about. */
static sgl_status
add_ocsp(sgl_home *home, const sgl_authority *a, sgl_publications *list,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) about = {0};
	SGL_AUTO_CLEAR(sgl_buf) request = sgl_buf_init(REQUEST_MAX);
	SGL_AUTO_CLEAR(sgl_ca_urls) urls = {{0}, {0}, {0}};
	bool found;

	TRY(sgl_store_find_last_cert(
	    sgl_home_store(home), a->id, &about, &found, err));
	if (!found || about.not_after <= sgl_engine_now(sgl_home_engine(home)))
		return SGL_OK;
	TRY(sgl_ca_urls_get(home, a->id, 0, &urls, err));
	TRY(build_request(home, a, &about, &request, err));
	TRY(add_question(
	    list, a, &about, &urls.ocsp, sgl_buf_slice(&request), err));
	TRY(add_as_path(sgl_buf_slice(&request), &urls.ocsp, err));
	return add_question(
	    list, a, &about, &urls.ocsp, (sgl_slice){NULL, 0}, err);
}

sgl_status
sgl_publications_list(sgl_home *home, sgl_publications *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_publications) all = {0};

	if (sgl_home_organisation(home)->public_url == NULL) {
		*out = all;
		return SGL_OK;
	}
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = list.num; i-- > 0;) {
		TRY(add_files(home, &list.items[i], &all, err));
		if (list.items[i].kind == SGL_AUTHORITY_ISSUING)
			TRY(add_ocsp(home, &list.items[i], &all, err));
	}
	*out = all;
	all = (sgl_publications){0};
	return SGL_OK;
}

sgl_fetch_order
sgl_publication_order(const sgl_publication *p, unsigned seconds)
{
	return (sgl_fetch_order){.url = (const char *)p->url.data,
	    .max = longest[p->kind],
	    .seconds = seconds,
	    .body = sgl_buf_slice(&p->body),
	    .type = "application/ocsp-request"};
}

/* ---------------------------------------------------------- what it is --- */

typedef struct judging {
	sgl_home *home;
	const sgl_publication *p;
	sgl_cert *issuer;
	sgl_publication_finding *out;
} judging;

static void
judging_clear(judging *j)
{
	sgl_cert_unref(j->issuer);
}
SGL_AUTO_CLEAR_TYPE(judging, judging_clear)

static sgl_status
judge_issuer(judging *j, sgl_slice body, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_err why = {0};

	(void)err;
	if (sgl_slice_eq(body, sgl_buf_slice(&j->p->issuer)))
		return SGL_OK;
	j->out->fault =
	    sgl_cert_read(sgl_home_engine(j->home), body, &cert, &why) == SGL_OK
	    ? N_("this is another certificate than the authority's")
	    : N_("this is no certificate");
	return SGL_OK;
}

static sgl_status
is_ours(judging *j, sgl_crl *crl, bool *good, sgl_err *err)
{
	const sgl_signed what = sgl_crl_as_signed(crl);
	sgl_status status;
	bool was_known;

	*good = false;
	if (!sgl_name_same(crl->issuer, sgl_cert_get_subject(j->issuer)))
		return SGL_OK;
	status = sgl_signed_check(
	    sgl_home_engine(j->home), &what, j->issuer, good, &was_known, err);
	return status == SGL_E_NOMEM ? status : SGL_OK;
}

static int64_t
number_of(const sgl_crl *crl)
{
	int64_t n = 0;

	if (crl->number.len >= sizeof n)
		return INT64_MAX;
	for (size_t i = 0; i < crl->number.len; i++)
		n = n << 8 | crl->number.data[i];
	return n;
}

static sgl_status
judge_age(judging *j, const sgl_crl *crl, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_crl_record) newest = {0};
	const sgl_time now = sgl_engine_now(sgl_home_engine(j->home));
	char text[SGL_TIME_TEXT];
	bool found;

	if (!crl->has_next_update || crl->next_update <= now) {
		j->out->fault = N_("this revocation list is stale");
		(void)snprintf(j->out->detail, sizeof j->out->detail, "%s",
		    sgl_time_text(crl->next_update, text));
		return SGL_OK;
	}
	TRY(sgl_store_find_crl(sgl_home_store(j->home), j->p->authority,
	    j->p->shard, &newest, &found, err));
	if (!found || number_of(crl) >= newest.number ||
	    now < newest.this_update + SLACK)
		return SGL_OK;
	j->out->fault = N_("an older revocation list than our newest is given "
			   "out there, so that revocation is not seen");
	(void)snprintf(j->out->detail, sizeof j->out->detail, "%lld < %lld",
	    (long long)number_of(crl), (long long)newest.number);
	return SGL_OK;
}

static sgl_status
judge_crl(judging *j, sgl_slice body, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_err why = {0};
	bool good;

	if (sgl_crl_read(sgl_home_engine(j->home), body, &crl, &why) !=
	    SGL_OK) {
		j->out->fault = N_("this is no revocation list");
		return SGL_OK;
	}
	TRY(is_ours(j, crl, &good, err));
	if (good)
		return judge_age(j, crl, err);
	j->out->fault = N_("this revocation list is another authority's");
	return SGL_OK;
}

/* What somebody who checks the certificate by it would find. */
static void
note_ocsp(judging *j, const sgl_ocsp *ocsp, const sgl_ocsp_finding *f)
{
	if (f->fault != SGL_OCSP_FAULT_NONE) {
		j->out->fault = N_("the OCSP answer proves nothing");
		(void)snprintf(j->out->detail, sizeof j->out->detail,
		    ocsp->error == 0 ? "%s" : "%s %u",
		    sgl_ocsp_fault_name(f->fault), ocsp->error);
	} else if (f->revocation != SGL_REVOCATION_GOOD &&
	    f->revocation != SGL_REVOCATION_REVOKED)
		j->out->fault = N_("the OCSP answer is old, or does not know a "
				   "certificate of ours");
}

static sgl_status
judge_ocsp(judging *j, sgl_slice body, sgl_err *err)
{
	SGL_AUTO(sgl_ocsp)
	ocsp = NULL;
	SGL_AUTO(sgl_cert)
	about = NULL;
	sgl_engine *engine = sgl_home_engine(j->home);
	const sgl_ocsp_policy policy = {
	    .time = sgl_engine_now(engine), .leeway = CLOCK_LEEWAY};
	sgl_ocsp_finding finding;
	sgl_err why = {0};

	if (sgl_ocsp_read(engine, body, &ocsp, &why) != SGL_OK) {
		j->out->fault = N_("this is no OCSP answer");
		return SGL_OK;
	}
	TRY(sgl_cert_read(engine, sgl_buf_slice(&j->p->about), &about, err));
	TRY(sgl_ocsp_check(
	    engine, ocsp, about, j->issuer, &policy, &finding, err));
	note_ocsp(j, ocsp, &finding);
	return SGL_OK;
}

static sgl_status
judge_body(judging *j, sgl_slice body, sgl_err *err)
{
	TRY(sgl_cert_read(sgl_home_engine(j->home),
	    sgl_buf_slice(&j->p->issuer), &j->issuer, err));
	switch (j->p->kind) {
	case SGL_PUBLICATION_ISSUER:
		return judge_issuer(j, body, err);
	case SGL_PUBLICATION_CRL:
		return judge_crl(j, body, err);
	case SGL_PUBLICATION_OCSP:
		return judge_ocsp(j, body, err);
	}
	return SGL_OK;
}

sgl_status
sgl_publication_judge(sgl_home *home, const sgl_publication *p,
    const sgl_fetched *came, sgl_publication_finding *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(judging) j = {.home = home, .p = p, .out = out};

	*out = (sgl_publication_finding){
	    .fault = sgl_fetch_fault_text(came->fault)};
	if (came->fault == SGL_FETCH_STATUS ||
	    came->fault == SGL_FETCH_REDIRECT)
		(void)snprintf(out->detail, sizeof out->detail, "HTTP %ld%s%s",
		    came->status, came->where[0] == '\0' ? "" : ": ",
		    came->where);
	return out->fault == NULL
	    ? judge_body(&j, sgl_buf_slice(&came->body), err)
	    : SGL_OK;
}

sgl_status
sgl_publication_say(const sgl_publication *p, const sgl_publication_finding *f,
    sgl_buf *out, sgl_err *err)
{
	return sgl_buf_printf(out, err,
	    f->detail[0] == '\0' ? "%s: %s%s" : "%s: %s (%s)",
	    (const char *)p->url.data, _(f->fault), f->detail);
}

/* -------------------------------------------------------------- asking --- */

static sgl_status
look_at(sgl_home *home, const sgl_publication *p, unsigned seconds,
    sgl_publication_finding *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_fetched) came = {0};
	const sgl_fetch_order order = sgl_publication_order(p, seconds);

	TRY(sgl_fetch(&order, &came, err));
	return sgl_publication_judge(home, p, &came, out, err);
}

sgl_status
sgl_published_look(sgl_home *home, unsigned seconds, sgl_published_fn *each,
    void *ctx, bool *good, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_publications) list = {0};
	bool all = true;

	TRY(sgl_publications_list(home, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		sgl_publication_finding f;

		TRY(look_at(home, &list.items[i], seconds, &f, err));
		TRY(each(ctx, &list.items[i], &f, err));
		all = all && f.fault == NULL;
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
