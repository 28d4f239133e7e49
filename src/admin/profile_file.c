/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "admin/plist.h"
#include "admin/profile_file.h"
#include "cms/writer.h"
#include "crypto/hash.h"
#include "org/choose.h"

#define ROOM "admin.profile"
#define NAME_TEXT 8192
#define ID_MAX 512
#define UUID_TEXT 37

typedef struct writing {
	sgl_session *s;
	const sgl_profile_order *order;
	sgl_plist plist;
	char id[ID_MAX]; /* "org.example.smime.alice-1f2e3d4c" */
} writing;

/* --------------------------------------------------------------- identifiers
 * ---
 */

/* The same for the same two things, for ever (RFC 9562 5.8). */
static sgl_status
make_uuid(writing *w, sgl_slice what, char out[UUID_TEXT], sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(what.len + 2048);
	sgl_digest d;
	uint8_t *b = d.bytes;

	TRY(sgl_buf_add_str(&name, w->order->person->address_key, err));
	TRY(sgl_buf_add(&name, sgl_slice_of("", 1), err));
	TRY(sgl_buf_add(&name, what, err));
	TRY(sgl_hash_once(
	    w->s->engine, SGL_DIGEST_SHA256, sgl_buf_slice(&name), &d, err));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x80);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	(void)snprintf(out, UUID_TEXT,
	    "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-"
	    "%02X%02X%02X%02X%02X%02X",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
	return SGL_OK;
}

/* "example.org" as "org.example". */
static sgl_status
add_reversed(const char *domain, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) ascii = sgl_buf_init(ID_MAX);
	sgl_slice rest;

	TRY(sgl_buf_reserve(&ascii, ID_MAX, err));
	if (!sgl_domain_to_ascii(sgl_slice_str(domain), &ascii))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a mail domain"), "%s", domain);
	rest = sgl_buf_slice(&ascii);
	while (rest.len > 0) {
		size_t at = rest.len;
		while (at > 0 && rest.data[at - 1] != '.')
			at--;
		TRY(sgl_buf_add(out, sgl_slice_from(rest, at), err));
		TRY(sgl_buf_add_str(out, ".", err));
		rest = sgl_slice_first(rest, at > 0 ? at - 1 : 0);
	}
	return SGL_OK;
}

/* Letters and digits of the local part, and the beginning of the UUID, which
 * keeps those apart that look alike then. */
static sgl_status
make_id(writing *w, const char *uuid, sgl_err *err)
{
	const char *domain = sgl_home_organisation(w->s->home)->domain;
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(ID_MAX - 1);
	const char *text;

	TRY(add_reversed(domain, &id, err));
	TRY(sgl_buf_add_str(&id, "smime.", err));
	for (const char *c = w->order->person->address_key;
	     *c != '\0' && *c != '@'; c++) {
		bool plain =
		    (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
		TRY(sgl_buf_add(&id, sgl_slice_of(plain ? c : "-", 1), err));
	}
	TRY(sgl_buf_printf(&id, err, "-%.8s", uuid));
	TRY(sgl_buf_text(&id, &text, err));
	(void)snprintf(w->id, sizeof w->id, "%s", text);
	return SGL_OK;
}

/* ------------------------------------------------------------------ payloads
 * ---
 */

static void
begin_payload(writing *w, const char *type, const char *uuid, const char *name)
{
	sgl_plist *p = &w->plist;
	char id[ID_MAX + UUID_TEXT];

	(void)snprintf(id, sizeof id, "%s.%s", w->id, uuid);
	sgl_plist_dict(p, NULL);
	sgl_plist_string(p, "PayloadType", type);
	sgl_plist_int(p, "PayloadVersion", 1);
	sgl_plist_string(p, "PayloadIdentifier", id);
	sgl_plist_string(p, "PayloadUUID", uuid);
	sgl_plist_string(p, "PayloadDisplayName", name);
}

static sgl_status
add_above(writing *w, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(NAME_TEXT);
	char uuid[UUID_TEXT];
	const char *text;

	TRY(sgl_name_text(sgl_cert_get_subject(cert), &name, err));
	TRY(sgl_buf_text(&name, &text, err));
	TRY(make_uuid(w, sgl_cert_get_fingerprint(cert), uuid, err));
	begin_payload(w,
	    sgl_cert_is_self_issued(cert) ? "com.apple.security.root"
					  : "com.apple.security.pkcs1",
	    uuid, text);
	sgl_plist_string(&w->plist, "PayloadCertificateFileName",
	    sgl_cert_is_self_issued(cert) ? "root.cer" : "issuing.cer");
	sgl_plist_data(&w->plist, "PayloadContent", sgl_cert_get_der(cert));
	sgl_plist_close_dict(&w->plist);
	return SGL_OK;
}

static sgl_status
write_identity(writing *w, size_t at, sgl_bytes *out, sgl_err *err)
{
	const sgl_certs one = {&w->order->certs->items[at], 1};
	const sgl_vault_handout what = {
	    .keys = &w->order->keys[at],
	    .num_keys = 1,
	    .certs = &one,
	    .friendly_name = sgl_slice_str(w->order->person->address),
	    .password = w->order->password,
	    .legacy = w->order->legacy,
	};
	sgl_vault *vault;

	TRY(sgl_home_vault(w->s->home, &vault, err));
	return sgl_vault_pkcs12(vault, &what, out, err);
}

static sgl_cert_purpose
purpose_of(const sgl_cert *cert)
{
	if (!sgl_cert_may_sign(cert))
		return SGL_CERT_ENCRYPTION;
	return sgl_cert_may_encrypt(cert) ? SGL_CERT_DUAL : SGL_CERT_SIGNING;
}

static sgl_status
add_identity(writing *w, size_t at, sgl_err *err)
{
	const sgl_cert *cert = w->order->certs->items[at];
	char uuid[UUID_TEXT], name[NAME_TEXT], from[SGL_DATE_TEXT];
	sgl_bytes file = {0};

	TRY(make_uuid(w, sgl_cert_get_fingerprint(cert), uuid, err));
	TRY(write_identity(w, at, &file, err));
	(void)snprintf(name, sizeof name, "%s (%s, %s)",
	    w->order->person->address,
	    _(sgl_cert_purpose_name(purpose_of(cert))),
	    sgl_date_text(sgl_cert_get_not_before(cert), from));
	begin_payload(w, "com.apple.security.pkcs12", uuid, name);
	sgl_plist_string(
	    &w->plist, "PayloadCertificateFileName", "identity.p12");
	sgl_plist_data(
	    &w->plist, "PayloadContent", sgl_slice_of(file.data, file.len));
	sgl_plist_close_dict(&w->plist);
	sgl_bytes_free(&file);
	return SGL_OK;
}

static sgl_status
add_payloads(writing *w, sgl_err *err)
{
	const sgl_profile_order *o = w->order;

	sgl_plist_array(&w->plist, "PayloadContent");
	for (size_t i = o->num_keys; i < o->certs->num; i++)
		TRY(add_above(w, o->certs->items[i], err));
	for (size_t i = 0; i < o->num_keys; i++)
		TRY(add_identity(w, i, err));
	sgl_plist_close_array(&w->plist);
	return SGL_OK;
}

sgl_status
sgl_profile_write(
    sgl_session *s, const sgl_profile_order *order, sgl_buf *out, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	writing w = {.s = s, .order = order, .plist = sgl_plist_over(out)};
	char uuid[UUID_TEXT], title[NAME_TEXT];

	TRY(make_uuid(&w, SGL_LIT("profile"), uuid, err));
	TRY(make_id(&w, uuid, err));
	(void)snprintf(
	    title, sizeof title, "S/MIME: %s", order->person->address);
	sgl_plist_dict(&w.plist, NULL);
	sgl_plist_string(&w.plist, "PayloadType", "Configuration");
	sgl_plist_int(&w.plist, "PayloadVersion", 1);
	sgl_plist_string(&w.plist, "PayloadIdentifier", w.id);
	sgl_plist_string(&w.plist, "PayloadUUID", uuid);
	sgl_plist_string(&w.plist, "PayloadDisplayName", title);
	sgl_plist_string(&w.plist, "PayloadOrganization", o->name);
	sgl_plist_string(&w.plist, "PayloadDescription",
	    _("Keys and certificates to sign and to read mail"));
	sgl_plist_bool(&w.plist, "PayloadRemovalDisallowed", false);
	TRY(add_payloads(&w, err));
	sgl_plist_close_dict(&w.plist);
	return sgl_plist_end(&w.plist, err);
}

/* ------------------------------------------------------------------- signing
 * ---
 */

static sgl_status
sign(sgl_session *s, const sgl_signed_options *options, sgl_slice content,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_signed_writer)
	writer = NULL;
	sgl_asker asker = {0};
	sgl_bufsink sink;
	sgl_status status;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_signed_writer_new(
	    s->engine, options, &asker, &sink.sink, &writer, err));
	status = sgl_sink_write(sgl_signed_writer_sink(writer), content, err);
	if (status == SGL_OK)
		return sgl_sink_finish(sgl_signed_writer_sink(writer), err);
	sgl_sink_abort(sgl_signed_writer_sink(writer));
	return status;
}

sgl_status
sgl_profile_sign(sgl_session *s, const char *address, sgl_slice profile,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO_CLEAR(sgl_certs) above = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_signer signer = {.not_mail = true};
	sgl_signed_options options = {.signers = &signer,
	    .num_signers = 1,
	    .certs = &above,
	    .signing_time = sgl_engine_now(s->engine)};

	TRY(sgl_people_get(s->home, address, &p, err));
	TRY(sgl_choose_cert(s->home, p.id, SGL_CERT_SIGNING, &chosen, err));
	if (chosen.cert == NULL)
		return sgl_choose_fail(&chosen, p.address, err);
	TRY(sgl_choose_key(s->home, &chosen, &key, err));
	TRY(sgl_choose_chain(s->home, &chosen, &above, err));
	signer.cert = chosen.cert;
	signer.key = key;
	return sign(s, &options, profile, out, err);
}
