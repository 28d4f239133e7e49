/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/time.h"
#include "admin/work.h"

#define ROOM "admin.cert"
#define NAME_TEXT 8192

bool
sgl_hex_read(const char *text, uint8_t out[SGL_SERIAL_MAX], size_t *len)
{
	size_t n = 0;

	while (*text != '\0') {
		int high = sgl_hex_digit((uint8_t)text[0]);
		int low = high < 0 ? -1 : sgl_hex_digit((uint8_t)text[1]);
		if (low < 0 || n == SGL_SERIAL_MAX)
			return false;
		out[n++] = (uint8_t)(high * 16 + low);
		text += 2;
		text += *text == ':';
	}
	*len = n;
	return n > 0;
}

sgl_status
sgl_org_get_cert(sgl_session *s, const char *text, sgl_slice serial,
    sgl_cert_record *out, sgl_err *err)
{
	bool found;

	TRY(sgl_store_find_cert_by_serial(
	    sgl_home_store(s->home), serial, out, &found, err));
	return found ? SGL_OK
		     : sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			   N_("there is no certificate of this serial number"),
			   "%s", text);
}

sgl_status
sgl_cell_add(sgl_buf *out, const char *text, int columns, sgl_err *err)
{
	return sgl_buf_printf(
	    out, err, "%-*s ", sgl_text_columns(text, columns), text);
}

const char *
sgl_date_text(sgl_time t, char out[SGL_DATE_TEXT])
{
	char whole[SGL_TIME_TEXT];

	(void)snprintf(out, SGL_DATE_TEXT, "%.10s", sgl_time_text(t, whole));
	return out;
}

const char *
sgl_cert_state(const sgl_cert_record *c, sgl_time now)
{
	if (now > c->not_after && c->status != SGL_CERT_REVOKED)
		return N_("expired");
	switch (c->status) {
	case SGL_CERT_CURRENT:
		return c->waits_until > now ? N_("pending") : N_("current");
	case SGL_CERT_SUPERSEDED:
		return N_("superseded");
	case SGL_CERT_REVOKED:
		break;
	}
	return N_("revoked");
}

static const struct {
	unsigned bit;
	const char *name; /* as RFC 5280 4.2.1.3 has it */
} usages[] = {
    {SGL_KU_DIGITAL_SIGNATURE, "digitalSignature"},
    {SGL_KU_NON_REPUDIATION, "nonRepudiation"},
    {SGL_KU_KEY_ENCIPHERMENT, "keyEncipherment"},
    {SGL_KU_DATA_ENCIPHERMENT, "dataEncipherment"},
    {SGL_KU_KEY_AGREEMENT, "keyAgreement"},
    {SGL_KU_KEY_CERT_SIGN, "keyCertSign"},
    {SGL_KU_CRL_SIGN, "cRLSign"},
    {SGL_KU_ENCIPHER_ONLY, "encipherOnly"},
    {SGL_KU_DECIPHER_ONLY, "decipherOnly"},
};
#define NUM_USAGES (sizeof usages / sizeof usages[0])

/* What both forms show. */
typedef struct facts {
	sgl_buf subject, issuer, serial;
	const char *key;
	char label[SGL_OID_TEXT]; /* of a kind that we do not use */
	unsigned bits;		  /* 0: of such a kind */
	bool is_supported;
	unsigned usage; /* 0: not limited */
} facts;

static void
facts_clear(facts *f)
{
	sgl_buf_clear(&f->subject);
	sgl_buf_clear(&f->issuer);
	sgl_buf_clear(&f->serial);
}
SGL_AUTO_CLEAR_TYPE(facts, facts_clear)

/* The algorithm of a key of a kind that we do not use; of an EC key, the curve
 * where it has a name. */
static const char *
name_other_key(const sgl_cert *cert, char label[SGL_OID_TEXT])
{
	sgl_der in = sgl_der_over(cert->spki), spki, algorithm;
	sgl_slice oid = {0}, curve;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &spki) ||
	    !sgl_der_read(&spki, SGL_SEQUENCE, &algorithm) ||
	    !sgl_der_read_oid(&algorithm, &oid))
		return sgl_key_kind_name(cert->key_kind);
	if (cert->key_algorithm == SGL_OID_EC_PUBLIC_KEY &&
	    sgl_der_read_oid(&algorithm, &curve))
		oid = curve;
	return sgl_oid_label(oid, label);
}

static sgl_status
find_facts(sgl_engine *engine, const sgl_cert *cert, facts *f, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_status status;

	f->subject = sgl_buf_init(NAME_TEXT);
	f->issuer = sgl_buf_init(NAME_TEXT);
	f->serial = sgl_buf_init(NAME_TEXT);
	TRY(sgl_name_text(sgl_cert_get_subject(cert), &f->subject, err));
	TRY(sgl_name_text(sgl_cert_get_issuer(cert), &f->issuer, err));
	TRY(sgl_hex_add(&f->serial, sgl_cert_get_serial(cert), err));
	f->usage = cert->has_key_usage ? cert->key_usage : 0;
	f->bits = cert->key_bits;
	f->key = cert->key_kind == SGL_KEY_UNKNOWN
	    ? name_other_key(cert, f->label)
	    : sgl_key_kind_name(cert->key_kind);
	status = sgl_cert_get_pubkey(engine, cert, &key, err);
	f->is_supported = status == SGL_OK;
	return status == SGL_E_NOMEM ? status : SGL_OK;
}

sgl_status
sgl_json_cert(
    sgl_engine *engine, sgl_json *json, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(facts) f = {0};

	TRY(find_facts(engine, cert, &f, err));
	sgl_json_string(json, "serial", sgl_buf_slice(&f.serial));
	sgl_json_string(json, "subject", sgl_buf_slice(&f.subject));
	sgl_json_string(json, "issuer", sgl_buf_slice(&f.issuer));
	sgl_json_array(json, "addresses");
	for (size_t i = 0; i < sgl_cert_num_addresses(cert); i++)
		sgl_json_string(json, NULL, sgl_cert_get_address(cert, i));
	sgl_json_close_array(json);
	sgl_json_time(json, "not_before", sgl_cert_get_not_before(cert));
	sgl_json_time(json, "not_after", sgl_cert_get_not_after(cert));
	sgl_json_str(json, "key", f.key);
	sgl_json_uint(json, "bits", f.bits);
	sgl_json_array(json, "key_usage");
	for (size_t i = 0; i < NUM_USAGES; i++)
		if ((f.usage & usages[i].bit) != 0)
			sgl_json_str(json, NULL, usages[i].name);
	sgl_json_close_array(json);
	sgl_json_bool(json, "authority", sgl_cert_is_ca(cert));
	sgl_json_hex(json, "sha256", sgl_cert_get_fingerprint(cert));
	return SGL_OK;
}

static void
add_revocation(sgl_json *json, const sgl_revocation_mark *mark)
{
	if (mark->when == 0)
		return;
	sgl_json_time(json, "revoked_at", mark->when);
	sgl_json_str(json, "reason", sgl_revocation_reason_name(mark->reason));
	if (mark->invalidity != 0)
		sgl_json_time(json, "invalid_since", mark->invalidity);
}

sgl_status
sgl_json_cert_record(sgl_session *s, sgl_json *json, const sgl_cert_record *c,
    const char *address, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&c->der), &cert, err));
	if (address != NULL)
		sgl_json_str(json, "address", address);
	sgl_json_str(json, "purpose", sgl_cert_purpose_name(c->purpose));
	sgl_json_str(
	    json, "status", sgl_cert_state(c, sgl_engine_now(s->engine)));
	add_revocation(json, &c->revocation);
	return sgl_json_cert(s->engine, json, cert, err);
}

static sgl_status
add_label(sgl_buf *out, const char *label, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, "  ", err));
	return sgl_cell_add(out, label, 12, err);
}

static sgl_status
add_line(sgl_buf *out, const char *label, const char *text, sgl_err *err)
{
	TRY(add_label(out, label, err));
	return sgl_buf_printf(out, err, "%s\n", text);
}

static sgl_status
add_usages(sgl_buf *out, unsigned usage, sgl_err *err)
{
	const char *between = "";

	TRY(add_label(out, _("may be used"), err));
	if (usage == 0)
		return sgl_buf_printf(out, err, "%s\n", _("for everything"));
	for (size_t i = 0; i < NUM_USAGES; i++) {
		if ((usage & usages[i].bit) == 0)
			continue;
		TRY(sgl_buf_printf(out, err, "%s%s", between, usages[i].name));
		between = ", ";
	}
	return sgl_buf_add_str(out, "\n", err);
}

static const char *
text_of(sgl_buf *b)
{
	return b->len == 0 ? "" : (const char *)b->data;
}

static sgl_status
terminate(facts *f, sgl_err *err)
{
	const sgl_slice nul = sgl_slice_of("", 1);

	TRY(sgl_buf_add(&f->subject, nul, err));
	TRY(sgl_buf_add(&f->issuer, nul, err));
	return sgl_buf_add(&f->serial, nul, err);
}

static sgl_status
add_key(sgl_buf *out, const facts *f, sgl_err *err)
{
	if (f->bits == 0)
		return sgl_buf_printf(
		    out, err, _("%s (not supported)\n"), f->key);
	if (!f->is_supported)
		return sgl_buf_printf(out, err,
		    _("%s (%u bits, not supported)\n"), f->key, f->bits);
	return sgl_buf_printf(out, err, _("%s (%u bits)\n"), f->key, f->bits);
}

sgl_status
sgl_text_cert(
    sgl_engine *engine, sgl_buf *out, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(facts) f = {0};
	char from[SGL_DATE_TEXT], to[SGL_DATE_TEXT];

	TRY(find_facts(engine, cert, &f, err));
	TRY(terminate(&f, err));
	TRY(add_line(out, _("serial"), text_of(&f.serial), err));
	TRY(add_line(out, _("subject"), text_of(&f.subject), err));
	TRY(add_line(out, _("issuer"), text_of(&f.issuer), err));
	for (size_t i = 0; i < sgl_cert_num_addresses(cert); i++) {
		sgl_slice a = sgl_cert_get_address(cert, i);
		TRY(add_label(out, _("address"), err));
		TRY(sgl_buf_printf(
		    out, err, "%.*s\n", (int)a.len, (const char *)a.data));
	}
	TRY(add_label(out, _("valid"), err));
	TRY(sgl_buf_printf(out, err, "%s %s %s\n",
	    sgl_date_text(sgl_cert_get_not_before(cert), from), _("to"),
	    sgl_date_text(sgl_cert_get_not_after(cert), to)));
	TRY(add_label(out, _("key"), err));
	TRY(add_key(out, &f, err));
	TRY(add_usages(out, f.usage, err));
	TRY(add_label(out, "SHA-256", err));
	TRY(sgl_hex_add(out, sgl_cert_get_fingerprint(cert), err));
	return sgl_buf_add_str(out, "\n", err);
}
