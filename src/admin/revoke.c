/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert revoke, sigill cert release */
#include "base/time.h"
#include "ca/revoke.h"
#include "admin/work.h"

#define ROOM "admin.revoke"

typedef sgl_status
change(sgl_session *s, const sgl_cert_record *c, const void *how, sgl_err *err);
typedef bool
suits(const sgl_session *s, const sgl_cert_record *c, const void *how);

/* What happens to each certificate that is meant, and which of a person's are.
 */
typedef struct work {
	change *change;
	suits *suits;
	const void *how;
	const char *done; /* a word for people */
} work;

static sgl_status
tell_text(sgl_reply *r, const work *w, const sgl_cert_record *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) serial = sgl_buf_init(256);

	TRY(sgl_hex_add(&serial, sgl_buf_slice(&c->serial), err));
	TRY(sgl_buf_add(&serial, sgl_slice_of("", 1), err));
	return sgl_buf_printf(&r->text, err, "%s: %s (%s, %s)\n", c->address,
	    _(w->done), _(sgl_cert_purpose_name(c->purpose)),
	    (const char *)serial.data);
}

/* As it is after the change. */
static sgl_status
tell(
    sgl_session *s, sgl_reply *r, const work *w, sgl_slice serial, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	bool found;

	TRY(sgl_store_find_cert_by_serial(
	    sgl_home_store(s->home), serial, &c, &found, err));
	if (!r->as_json)
		return tell_text(r, w, &c, err);
	sgl_json_object(&r->json, NULL);
	TRY(sgl_json_cert_record(s, &r->json, &c, c.address, err));
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

static sgl_status
change_one(sgl_session *s, sgl_reply *r, const work *w,
    const sgl_cert_record *c, sgl_err *err)
{
	TRY(w->change(s, c, w->how, err));
	return tell(s, r, w, sgl_buf_slice(&c->serial), err);
}

static sgl_status
change_serial(sgl_session *s, sgl_reply *r, const work *w, const char *text,
    sgl_slice serial, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

	TRY(sgl_org_get_cert(s, text, serial, &c, err));
	return change_one(s, r, w, &c, err);
}

/* One for both purposes is changed as a whole, and once. */
static bool
is_second(const sgl_cert_records *list, const sgl_cert_record *c)
{
	return c->purpose == SGL_CERT_ENCRYPTION &&
	    sgl_cert_find_twin(list, c) != NULL;
}

static sgl_status
change_person(sgl_session *s, sgl_reply *r, const work *w, const sgl_call *call,
    size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	sgl_cert_purpose purpose = SGL_CERT_SIGNING;
	bool given;

	TRY(sgl_call_purpose(call, &purpose, &given, err));
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	TRY(sgl_store_list_certs(sgl_home_store(s->home), p.id, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		const sgl_cert_record *c = &list.items[i];
		if (!w->suits(s, c, w->how) ||
		    (given ? c->purpose != purpose : is_second(&list, c)))
			continue;
		TRY(change_one(s, r, w, c, err));
		(*num)++;
	}
	return SGL_OK;
}

static sgl_status
perform(sgl_session *s, const sgl_call *call, sgl_reply *r, const work *w,
    size_t *num, sgl_err *err)
{
	const char *what = sgl_call_arg(call, 0);
	uint8_t serial[SGL_SERIAL_MAX];
	size_t len;

	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
	}
	*num = 0;
	if (sgl_hex_read(what, serial, &len)) {
		*num = 1;
		TRY(change_serial(
		    s, r, w, what, sgl_slice_of(serial, len), err));
	} else {
		TRY(change_person(s, r, w, call, num, err));
	}
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* -------------------------------------------------------------- revoking ---
 */

static sgl_status
read_mark(const sgl_call *call, sgl_revocation_mark *mark, sgl_err *err)
{
	const char *reason = sgl_call_get(call, "reason");
	const char *since = sgl_call_get(call, "invalid-since");

	if (reason == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("say why: --reason keyCompromise, affiliationChanged, "
		       "superseded, cessationOfOperation, privilegeWithdrawn, "
		       "certificateHold or unspecified"));
	if (!sgl_revocation_reason_find(sgl_slice_str(reason), &mark->reason))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no reason; there are keyCompromise, "
		       "affiliationChanged, superseded, cessationOfOperation, "
		       "privilegeWithdrawn, certificateHold and unspecified"),
		    "%s", reason);
	if (since != NULL &&
	    !sgl_time_parse(sgl_slice_str(since), &mark->invalidity))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--invalid-since is no time that can be read"), "%s",
		    since);
	return SGL_OK;
}

static sgl_status
revoke(sgl_session *s, const sgl_cert_record *c, const void *how, sgl_err *err)
{
	return sgl_ca_revoke(s->home, c, how, err);
}

/* What has expired nobody believes anyway. */
static bool
can_be_revoked(const sgl_session *s, const sgl_cert_record *c, const void *how)
{
	const sgl_revocation_mark *mark = how;
	sgl_revocation_reason from = c->revocation.reason;

	return sgl_engine_now(s->engine) <= c->not_after &&
	    (c->status != SGL_CERT_REVOKED ||
		from == SGL_REASON_CERTIFICATE_HOLD ||
		(mark->reason == SGL_REASON_KEY_COMPROMISE &&
		    from != mark->reason));
}

sgl_status
sgl_org_cert_revoke(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_revocation_mark mark = {0};
	const work w = {revoke, can_be_revoked, &mark, N_("revoked")};
	size_t num;

	TRY(read_mark(order->call, &mark, err));
	TRY(perform(s, order->call, r, &w, &num, err));
	if (num == 0)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("there is no certificate left to revoke"), "%s",
		    sgl_call_arg(order->call, 0));
	return SGL_OK;
}

/* ------------------------------------------------------------- releasing ---
 */

static sgl_status
release(sgl_session *s, const sgl_cert_record *c, const void *how, sgl_err *err)
{
	(void)how;
	return sgl_ca_release(s->home, c, err);
}

static bool
is_held(const sgl_session *s, const sgl_cert_record *c, const void *how)
{
	(void)s;
	(void)how;
	return c->status == SGL_CERT_REVOKED &&
	    c->revocation.reason == SGL_REASON_CERTIFICATE_HOLD;
}

sgl_status
sgl_org_cert_release(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const work w = {release, is_held, NULL, N_("valid again")};
	size_t num;

	TRY(perform(s, order->call, r, &w, &num, err));
	if (num == 0)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("no certificate is on hold"), "%s",
		    sgl_call_arg(order->call, 0));
	return SGL_OK;
}
