/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert export, sigill trust export */
#include "cmd/org.h"
#include "org/audit.h"
#include "org/choose.h"
#include "sys/output.h"

#define ROOM "cmd.export"
#define NOTE_MAX ((size_t)4 << 20)

static sgl_status
fail_none(const sgl_chosen *chosen, const char *address, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	if (chosen->ended != 0)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the certificate has expired: sigill cert renew makes "
		       "a new one"),
		    "%s (%s)", address, sgl_date_text(chosen->ended, date));
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("there is no certificate: sigill cert renew makes one"), "%s",
	    address);
}

/* ------------------------------------------------------------------ PEM --- */

static sgl_status
add_pem(const sgl_call *call, sgl_session *s, const sgl_person *p,
    sgl_cert_purpose purpose, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO_CLEAR(sgl_certs) set = {0};

	TRY(sgl_choose_cert(s->home, p->id, purpose, &chosen, err));
	if (chosen.cert == NULL)
		return fail_none(&chosen, p->address, err);
	TRY(sgl_certs_add(&set, chosen.cert, err));
	if (sgl_call_has(call, "chain"))
		TRY(sgl_home_add_authorities(s->home, NULL, &set, err));
	return sgl_certs_add_pem(&set, out, err);
}

/* -------------------------------------------------------------- PKCS#12 --- */

/* A former signing key is of no use to anybody; former encryption keys read
 * old mail. */
static bool
belongs(const sgl_cert_record *c, bool all, sgl_cert_purpose purpose)
{
	if (!all && c->purpose != purpose)
		return false;
	return c->purpose == SGL_CERT_ENCRYPTION ||
	    c->status == SGL_CERT_CURRENT;
}

/* What goes into the file. */
typedef struct contents {
	int64_t *keys;
	size_t num;
	sgl_certs certs;
} contents;

static void
contents_clear(contents *c)
{
	sgl_mem_free(c->keys);
	sgl_certs_clear(&c->certs);
}
SGL_AUTO_CLEAR_TYPE(contents, contents_clear)

static sgl_status
add_pair(sgl_session *s, const sgl_cert_record *r, contents *c, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&r->der), &cert, err));
	TRY(sgl_certs_add(&c->certs, cert, err));
	c->keys[c->num++] = r->key;
	return SGL_OK;
}

static sgl_status
collect(sgl_session *s, const sgl_person *p, bool all, sgl_cert_purpose purpose,
    contents *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	sgl_chosen none = {0};

	TRY(sgl_store_list_certs(sgl_home_store(s->home), p->id, &list, err));
	c->keys = sgl_mem_zeroed(list.num + 1, sizeof *c->keys);
	if (c->keys == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < list.num; i++)
		if (belongs(&list.items[i], all, purpose))
			TRY(add_pair(s, &list.items[i], c, err));
	if (c->num == 0)
		return fail_none(&none, p->address, err);
	return sgl_home_add_authorities(s->home, &c->certs, &c->certs, err);
}

static sgl_status
write_pkcs12(
    sgl_session *s, const sgl_vault_handout *what, sgl_reply *r, sgl_err *err)
{
	sgl_bytes file = {0};
	sgl_vault *vault;
	sgl_status status;

	TRY(sgl_home_vault(s->home, &vault, err));
	status = sgl_vault_pkcs12(vault, what, &file, err);
	if (status == SGL_OK)
		status = sgl_buf_add(
		    &r->file, sgl_slice_of(file.data, file.len), err);
	sgl_bytes_free(&file);
	return status;
}

/* Whose keys left the vault: the certificates they belong to. */
static sgl_status
note_keys(sgl_session *s, const sgl_person *p, const contents *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) serials = sgl_buf_init(NOTE_MAX);
	const char *text;

	for (size_t i = 0; i < c->num; i++) {
		if (i > 0)
			TRY(sgl_buf_add_str(&serials, " ", err));
		TRY(sgl_hex_add(
		    &serials, sgl_cert_get_serial(c->certs.items[i]), err));
	}
	TRY(sgl_buf_text(&serials, &text, err));
	return sgl_audit_add(
	    s->home, "key.export", p->address, NULL, text, err);
}

static sgl_status
add_pkcs12(sgl_session *s, const sgl_order *order, const sgl_person *p,
    bool all, sgl_cert_purpose purpose, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(contents) c = {0};
	sgl_vault_handout what = {
	    .friendly_name = sgl_slice_str(p->address),
	    .password = sgl_secret_slice(&order->password),
	    .legacy = sgl_call_has(order->call, "legacy"),
	};

	TRY(collect(s, p, all, purpose, &c, err));
	what.keys = c.keys;
	what.num_keys = c.num;
	what.certs = &c.certs;
	r->needs_password = order->password.data == NULL;
	if (r->needs_password)
		return sgl_org_need_password(err);
	r->file_is_secret = true;
	TRY(note_keys(s, p, &c, err));
	return write_pkcs12(s, &what, r, err);
}

/* ------------------------------------------------------------- commands --- */

static sgl_status
check_options(const sgl_call *call, sgl_err *err)
{
	bool pkcs12 = sgl_call_has(call, "pkcs12");

	if (!pkcs12 &&
	    (sgl_call_has(call, "password-file") ||
		sgl_call_has(call, "legacy")))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--password-file and --legacy go with --pkcs12"));
	if (pkcs12 && sgl_call_has(call, "chain"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--pkcs12 holds the chain always; leave out --chain"));
	return SGL_OK;
}

sgl_status
sgl_org_cert_export(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_cert_purpose purpose = SGL_CERT_ENCRYPTION;
	bool given, pkcs12 = sgl_call_has(call, "pkcs12");

	TRY(check_options(call, err));
	TRY(sgl_call_purpose(call, &purpose, &given, err));
	sgl_reply_tell_file(r, call, pkcs12 ? "pkcs12" : "pem");
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	r->has_file = true;
	return pkcs12 ? add_pkcs12(s, order, &p, !given, purpose, r, err)
		      : add_pem(call, s, &p, purpose, &r->file, err);
}

sgl_status
sgl_org_trust_export(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};

	sgl_reply_tell_file(r, order->call, "pem");
	TRY(sgl_home_add_authorities(s->home, &roots, NULL, err));
	r->has_file = true;
	return sgl_certs_add_pem(&roots, &r->file, err);
}
