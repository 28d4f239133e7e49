/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert export, sigill trust export */
#include "admin/profile_file.h"
#include "org/audit.h"
#include "org/choose.h"
#include "org/custody.h"
#include "store/recovery.h"
#include "sys/output.h"

#define ROOM "admin.export"
#define NOTE_MAX ((size_t)4 << 20)

/* ------------------------------------------------------------------ PEM --- */

static sgl_status
add_pem(const sgl_call *call, sgl_session *s, const sgl_person *p,
    sgl_cert_purpose purpose, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO_CLEAR(sgl_certs) set = {0};

	TRY(sgl_choose_cert(s->home, p->id, purpose, &chosen, err));
	if (chosen.cert == NULL)
		return sgl_choose_fail(&chosen, p->address, err);
	TRY(sgl_certs_add(&set, chosen.cert, err));
	if (sgl_call_has(call, "chain"))
		TRY(sgl_choose_chain(s->home, &chosen, &set, err));
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
	bool signs, lacks_signing; /* has a key to sign; one is gone */
} contents;

static void
contents_clear(contents *c)
{
	sgl_mem_free(c->keys);
	sgl_certs_clear(&c->certs);
}
SGL_AUTO_CLEAR_TYPE(contents, contents_clear)

/* Its private half is here. */
static sgl_status
is_here(sgl_session *s, int64_t key, bool *here, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool found;

	TRY(sgl_store_find_key(sgl_home_store(s->home), key, &k, &found, err));
	*here = found && k.sealed.len > 0;
	return SGL_OK;
}

static sgl_status
add_pair(sgl_session *s, const sgl_cert_record *r, contents *c, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&r->der), &cert, err));
	TRY(sgl_certs_add(&c->certs, cert, err));
	/* One that serves both purposes is there once. */
	if (c->certs.num > c->num)
		c->keys[c->num++] = r->key;
	return SGL_OK;
}

static sgl_status
fail_gone(const sgl_person *p, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the private key is not kept here (custody); sigill cert renew "
	       "makes a new one"),
	    "%s", p->address);
}

/* All that is above any of them, the roots too: whoever gets the file has none
 * of these yet. */
static sgl_status
add_above(
    sgl_session *s, const sgl_cert_records *list, contents *c, sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++)
		for (size_t k = 0; k < c->num; k++)
			if (list->items[i].issuer == 0 &&
			    list->items[i].key == c->keys[k])
				TRY(sgl_home_add_chain(s->home,
				    list->items[i].id, &c->certs, err));
	return sgl_home_add_authorities(s->home, &c->certs, &c->certs, err);
}

static sgl_status
collect(sgl_session *s, const sgl_person *p, bool all, sgl_cert_purpose purpose,
    contents *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	sgl_chosen none = {0};
	bool missing = false;

	TRY(sgl_store_list_certs(sgl_home_store(s->home), p->id, &list, err));
	c->keys = sgl_mem_zeroed(list.num + 1, sizeof *c->keys);
	if (c->keys == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < list.num; i++) {
		bool here;
		if (!belongs(&list.items[i], all, purpose))
			continue;
		TRY(is_here(s, list.items[i].key, &here, err));
		if (here)
			TRY(add_pair(s, &list.items[i], c, err));
		else
			missing = true;
		if (list.items[i].purpose == SGL_CERT_SIGNING)
			*(here ? &c->signs : &c->lacks_signing) = true;
	}
	if (c->num == 0)
		return missing ? fail_gone(p, err)
			       : sgl_choose_fail(&none, p->address, err);
	/* Written over an earlier file, half of it would destroy the other
	 * half. */
	if (all && c->lacks_signing && !c->signs)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the private key to sign is not kept here any more, so "
		       "it would be missing in the file: sigill cert renew "
		       "makes a new one; --purpose encryption takes the "
		       "others"),
		    "%s", p->address);
	return add_above(s, &list, c, err);
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

static sgl_status
write_profile(sgl_session *s, const sgl_call *call, const sgl_person *p,
    const sgl_vault_handout *what, sgl_reply *r, sgl_err *err)
{
	const char *signer = sgl_call_get(call, "sign-as");
	const sgl_profile_order profile = {
	    .person = p,
	    .keys = what->keys,
	    .num_keys = what->num_keys,
	    .certs = what->certs,
	    .password = what->password,
	    .legacy = what->legacy,
	};
	sgl_buf plain = {.max = r->file.max, .secret = true};
	sgl_status status;

	if (signer == NULL)
		return sgl_profile_write(s, &profile, &r->file, err);
	status = sgl_profile_write(s, &profile, &plain, err);
	if (status == SGL_OK)
		status = sgl_profile_sign(
		    s, signer, sgl_buf_slice(&plain), &r->file, err);
	sgl_buf_wipe(&plain);
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

/* Whom the keys are for: of a shared mailbox, one of its holders. */
static sgl_status
find_holder(sgl_session *s, const sgl_call *call, const sgl_person *p,
    sgl_person *holder, bool *has, sgl_err *err)
{
	const char *address = sgl_call_get(call, "holder");

	*has = address != NULL;
	if (*has)
		TRY(sgl_people_get(s->home, address, holder, err));
	return sgl_custody_check(s->home, p, *has ? holder : NULL, err);
}

static sgl_status
tell_wiping(sgl_session *s, const sgl_call *call, const sgl_person *p,
    const contents *c, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_escrow_records) escrows = {0};

	if (r->as_json || p->custody == SGL_CUSTODY_SERVER)
		return SGL_OK;
	TRY(sgl_store_list_escrows(
	    sgl_home_store(s->home), p->id, &escrows, err));
	r->aside = sgl_path_is_stdout(sgl_call_get(call, "output"));
	if (p->custody == SGL_CUSTODY_USER && escrows.num > 0)
		return sgl_buf_printf(&r->text, err,
		    _("%s: these private keys are no longer kept here; "
		      "recovery officers can recover those to encrypt\n"),
		    p->address);
	if (p->custody == SGL_CUSTODY_USER && !c->signs)
		return SGL_OK;
	return sgl_buf_printf(&r->text, err,
	    p->custody == SGL_CUSTODY_SEALED
		? _("%s: these private keys are no longer kept here: the file "
		    "is all there is\n")
		: _("%s: the private key to sign is no longer kept here: it is "
		    "in the file alone\n"),
	    p->address);
}

static sgl_status
hand_out(sgl_session *s, const sgl_order *order, const sgl_person *p,
    const sgl_person *holder, const contents *c, sgl_reply *r, sgl_err *err)
{
	const sgl_vault_handout what = {
	    .keys = c->keys,
	    .num_keys = c->num,
	    .certs = &c->certs,
	    .friendly_name = sgl_slice_str(p->address),
	    .password = sgl_secret_slice(&order->password),
	    .legacy = sgl_call_has(order->call, "legacy"),
	};

	TRY(sgl_org_check_new_password(order, r, err));
	r->has_file = true;
	r->file_is_secret = true;
	r->wants_settling = p->custody != SGL_CUSTODY_SERVER;
	TRY(note_keys(s, p, c, err));
	TRY(sgl_custody_hand_out(s->home, p, holder, c->keys, c->num, err));
	TRY(tell_wiping(s, order->call, p, c, r, err));
	return sgl_call_has(order->call, "mobileconfig")
	    ? write_profile(s, order->call, p, &what, r, err)
	    : write_pkcs12(s, &what, r, err);
}

static sgl_status
add_pkcs12(sgl_session *s, const sgl_order *order, const sgl_person *p,
    bool all, sgl_cert_purpose purpose, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(contents) c = {0};
	SGL_AUTO_CLEAR(sgl_person) holder = {0};
	bool has;

	TRY(find_holder(s, order->call, p, &holder, &has, err));
	TRY(collect(s, p, all, purpose, &c, err));
	return order->is_settled
	    ? sgl_custody_settle(s->home, p, c.keys, c.num, NULL, err)
	    : hand_out(s, order, p, has ? &holder : NULL, &c, r, err);
}

/* ------------------------------------------------------------- commands --- */

/* How the keys are wrapped; NULL: there are none in it. */
static const char *
find_form(const sgl_call *call)
{
	return sgl_call_has(call, "mobileconfig") ? "mobileconfig"
	    : sgl_call_has(call, "pkcs12")	  ? "pkcs12"
						  : NULL;
}

static bool
has_password(const sgl_call *call)
{
	return sgl_call_has(call, "password-file") ||
	    sgl_call_has(call, "password-out");
}

static sgl_status
check_options(const sgl_call *call, sgl_err *err)
{
	const char *form = find_form(call);

	if (form == NULL &&
	    (has_password(call) || sgl_call_has(call, "legacy") ||
		sgl_call_has(call, "holder")))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--password-file, --password-out, --legacy and "
		       "--holder go with --pkcs12 or --mobileconfig"));
	if (form != NULL && sgl_call_has(call, "chain"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a file with keys holds the chain always; leave out "
		       "--chain"));
	if (sgl_call_has(call, "sign-as") &&
	    !sgl_call_has(call, "mobileconfig"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--sign-as goes with --mobileconfig"));
	return SGL_OK;
}

sgl_status
sgl_org_cert_export(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_cert_purpose purpose = SGL_CERT_ENCRYPTION;
	const char *form = find_form(call);
	bool given;

	TRY(check_options(call, err));
	TRY(sgl_call_purpose(call, &purpose, &given, err));
	sgl_reply_tell_file(r, call, form == NULL ? "pem" : form);
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	if (form != NULL)
		return add_pkcs12(s, order, &p, !given, purpose, r, err);
	r->has_file = true;
	return add_pem(call, s, &p, purpose, &r->file, err);
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
