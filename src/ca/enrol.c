/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "ca/ca.h"
#include "ca/door.h"
#include "ca/enrol.h"
#include "crypto/hash.h"
#include "org/audit.h"
#include "org/custody.h"
#include "org/people.h"
#include "sys/text.h"

#define ROOM "ca.enrol"
#define SYMBOLS 25
#define LOCATOR 5
#define GROUP 5

/* Without those that are mistaken for each other. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* --------------------------------------------------------------- codes --- */

/* A code without its hyphens. It is wiped by whoever has it. */
typedef struct symbols {
	char all[SYMBOLS + 1];
	char locator[LOCATOR + 1];
} symbols;

static void
symbols_clear(symbols *s)
{
	sgl_mem_wipe(s, sizeof *s);
}
SGL_AUTO_CLEAR_TYPE(symbols, symbols_clear)

static void
set_locator(symbols *s)
{
	memcpy(s->locator, s->all, LOCATOR);
	s->locator[LOCATOR] = '\0';
}

static sgl_status
make_symbols(sgl_engine *engine, symbols *s, sgl_err *err)
{
	uint8_t random[SYMBOLS];

	TRY(sgl_random(engine, random, sizeof random, err));
	for (size_t i = 0; i < SYMBOLS; i++)
		s->all[i] = alphabet[random[i] % (sizeof alphabet - 1)];
	s->all[SYMBOLS] = '\0';
	sgl_mem_wipe(random, sizeof random);
	set_locator(s);
	return SGL_OK;
}

/* As people type it: small letters, O for 0, I and L for 1. */
static char
symbol_of(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	return c != '\0' && strchr(alphabet, c) != NULL ? (char)c : '\0';
}

static bool
read_symbols(sgl_slice typed, symbols *s)
{
	size_t num = 0;

	for (size_t i = 0; i < typed.len; i++) {
		char c = symbol_of(typed.data[i]);
		if (typed.data[i] == '-' || typed.data[i] == ' ')
			continue;
		if (c == '\0' || num == SYMBOLS)
			return false;
		s->all[num++] = c;
	}
	s->all[num] = '\0';
	set_locator(s);
	return num == SYMBOLS;
}

static void
write_code(const symbols *s, char code[SGL_ENROL_CODE])
{
	size_t at = 0;

	for (size_t i = 0; i < SYMBOLS; i++) {
		if (i > 0 && i % GROUP == 0)
			code[at++] = '-';
		code[at++] = s->all[i];
	}
	code[at] = '\0';
}

/* A hundred random bits are behind it: trying them all is nothing that a slow
 * hash would have to slow down. */
static sgl_status
hash_of(sgl_engine *engine, const symbols *s, const uint8_t salt[32],
    uint8_t out[32], sgl_err *err)
{
	sgl_digest d;

	TRY(sgl_hmac(engine, SGL_DIGEST_SHA256, sgl_slice_of(salt, 32),
	    sgl_slice_of(s->all, SYMBOLS), &d, err));
	memcpy(out, d.bytes, 32);
	return SGL_OK;
}

/* ------------------------------------------------------------ new codes --- */

static sgl_status
check_person(const sgl_person *p, sgl_cert_purpose purpose, sgl_err *err)
{
	if (p->state != SGL_PERSON_ACTIVE)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not active, and gets no certificates"), "%s",
		    p->address);
	if (p->custody == SGL_CUSTODY_SERVER && purpose == SGL_CERT_SIGNING)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("has its keys kept by the server (custody server): a "
		       "device makes none"),
		    "%s", p->address);
	if (p->is_shared)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is a shared mailbox: sigill cert export gives its keys "
		       "to one of its holders"),
		    "%s", p->address);
	return SGL_OK;
}

static sgl_status
note_code(
    sgl_home *home, const sgl_person *p, const sgl_enrol_code *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(256);
	char until[SGL_TIME_TEXT];
	const char *text;

	TRY(sgl_buf_printf(&after, err, "%s %s until %s", c->locator,
	    sgl_cert_purpose_name(c->purpose),
	    sgl_time_text(c->expires, until)));
	TRY(sgl_buf_text(&after, &text, err));
	return sgl_audit_add(home, "enrol.code", p->address, NULL, text, err);
}

sgl_status
sgl_enrol_new_code(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_time expires, char code[SGL_ENROL_CODE],
    sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);
	SGL_AUTO_CLEAR(symbols) s = {{0}, {0}};
	sgl_enrol_code c = {.locator = s.locator,
	    .person = person->id,
	    .purpose = purpose,
	    .created = sgl_engine_now(engine),
	    .expires = expires};

	TRY(check_person(person, purpose, err));
	TRY(make_symbols(engine, &s, err));
	TRY(sgl_random(engine, c.salt, sizeof c.salt, err));
	TRY(hash_of(engine, &s, c.salt, c.hash, err));
	TRY(sgl_store_set_enrol_code(sgl_home_store(home), &c, err));
	TRY(note_code(home, person, &c, err));
	write_code(&s, code);
	return SGL_OK;
}

/* ------------------------------------------------------- who may enrol --- */

/* Whose certificate for what, once that is known. */
typedef struct found {
	sgl_person person;
	sgl_cert_purpose purpose;
	char locator[LOCATOR + 1]; /* of the code; "" if it was none */
} found;

static void
found_clear(found *f)
{
	sgl_person_clear(&f->person);
}
SGL_AUTO_CLEAR_TYPE(found, found_clear)

/* An address that is somebody else's, or nobody's, is as wrong as the code. */
static sgl_status
is_of(sgl_home *home, sgl_slice address, int64_t person, bool *right,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_MEM uint8_t *text = NULL;
	bool known = false;
	sgl_status status;

	*right = address.len == 0;
	if (*right)
		return SGL_OK;
	TRY(sgl_slice_copy(address, &text, ROOM, err));
	status = sgl_people_find(home, (const char *)text, &p, &known, err);
	if (status == SGL_E_USAGE)
		return SGL_OK; /* it is no address */
	*right = known && p.id == person;
	return status;
}

static sgl_status
is_right(sgl_home *home, const sgl_enrolment *e, const symbols *s,
    const sgl_enrol_code *c, bool *right, sgl_err *err)
{
	uint8_t hash[32];
	bool same;

	TRY(hash_of(sgl_home_engine(home), s, c->salt, hash, err));
	same = sgl_mem_equal(hash, c->hash, sizeof hash);
	TRY(is_of(home, e->address, c->person, right, err));
	*right = *right && same;
	return SGL_OK;
}

static sgl_status
note_wrong(
    sgl_home *home, const sgl_enrol_code *c, const sgl_person *p, sgl_err *err)
{
	TRY(sgl_store_note_enrol_try(sgl_home_store(home), c->locator, err));
	return sgl_audit_add(
	    home, "enrol.wrong-code", p->address, NULL, c->locator, err);
}

static sgl_status
judge_code(sgl_home *home, const sgl_enrolment *e, const symbols *s,
    const sgl_enrol_code *c, found *f, bool *may, sgl_err *err)
{
	bool known, right;

	TRY(sgl_store_get_person(
	    sgl_home_store(home), c->person, &f->person, &known, err));
	if (!known || c->tries >= SGL_ENROL_TRIES ||
	    c->expires <= sgl_engine_now(sgl_home_engine(home)))
		return SGL_OK;
	TRY(is_right(home, e, s, c, &right, err));
	if (!right)
		return note_wrong(home, c, &f->person, err);
	f->purpose = c->purpose;
	memcpy(f->locator, s->locator, sizeof f->locator);
	/* Custody may have changed since the code was made. */
	*may = check_person(&f->person, c->purpose, NULL) == SGL_OK;
	return SGL_OK;
}

static sgl_status
find_by_code(
    sgl_home *home, const sgl_enrolment *e, found *f, bool *may, sgl_err *err)
{
	SGL_AUTO_CLEAR(symbols) s = {{0}, {0}};
	SGL_AUTO_CLEAR(sgl_enrol_code) c = {0};
	bool known;

	if (!read_symbols(e->code, &s))
		return SGL_OK;
	TRY(sgl_store_find_enrol_code(
	    sgl_home_store(home), s.locator, &c, &known, err));
	return known ? judge_code(home, e, &s, &c, f, may, err) : SGL_OK;
}

/* The very certificate, byte for byte, as we gave it: current, and valid now.
 */
static bool
may_renew(const sgl_home *home, const sgl_cert_record *c, sgl_slice client)
{
	sgl_time now = sgl_engine_now(sgl_home_engine(home));

	return c->issuer != 0 && c->status == SGL_CERT_CURRENT &&
	    c->not_before <= now && now <= c->not_after &&
	    sgl_slice_eq(sgl_buf_slice(&c->der), client);
}

static sgl_status
find_by_cert(
    sgl_home *home, const sgl_enrolment *e, found *f, bool *may, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	bool known;

	if (sgl_cert_read(sgl_home_engine(home), e->client, &cert, NULL) !=
	    SGL_OK)
		return SGL_OK;
	TRY(sgl_store_find_cert_by_serial(
	    sgl_home_store(home), sgl_cert_get_serial(cert), &c, &known, err));
	if (!known || !may_renew(home, &c, e->client))
		return SGL_OK;
	TRY(sgl_store_get_person(
	    sgl_home_store(home), c.person, &f->person, &known, err));
	f->purpose = sgl_cert_has_signing_usage(cert) &&
		sgl_cert_has_encryption_usage(cert)
	    ? SGL_CERT_DUAL
	    : c.purpose;
	/* Custody may have changed since the certificate was issued. */
	*may = known && check_person(&f->person, f->purpose, NULL) == SGL_OK;
	return SGL_OK;
}

/* ---------------------------------------------------------- the keys --- */

static sgl_cert_purpose
purpose_of(const sgl_cert_records *list, size_t at)
{
	const sgl_cert_record *c = &list->items[at];

	return sgl_cert_find_twin(list, c) == NULL ? c->purpose : SGL_CERT_DUAL;
}

/* A key is one person's, and for one purpose (or both, always); one that we
 * could open was not made by a device. */
static sgl_status
is_free(sgl_home *home, sgl_slice spki, const found *f, bool *is, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	sgl_vault *vault;
	bool known;

	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_vault_find(vault, spki, &k, &known, err));
	*is = !known || (k.person == f->person.id && k.sealed.len == 0);
	if (!known || !*is)
		return SGL_OK;
	TRY(sgl_store_list_certs(
	    sgl_home_store(home), f->person.id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].key == k.id &&
		    (purpose_of(&list, i) != f->purpose ||
			list.items[i].status == SGL_CERT_REVOKED))
			*is = false;
	return SGL_OK;
}

static sgl_status
is_good_key(
    sgl_home *home, sgl_slice spki, const found *f, bool *good, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_status status =
	    sgl_pubkey_read(sgl_home_engine(home), spki, &key, NULL);

	*good = false;
	if (status == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	if (status != SGL_OK || !sgl_ca_key_is_for(key, f->purpose))
		return SGL_OK;
	return is_free(home, spki, f, good, err);
}

/* ------------------------------------------------- keys that we make --- */

/* The keys with which mail is read, where we keep them. */
static bool
is_made_here(const sgl_home *home, const found *f)
{
	switch (f->person.custody) {
	case SGL_CUSTODY_USER:
		return f->purpose == SGL_CERT_ENCRYPTION ||
		    (f->purpose == SGL_CERT_DUAL &&
			sgl_home_organisation(home)->keeps_dual);
	case SGL_CUSTODY_SERVER:
		return f->purpose != SGL_CERT_SIGNING;
	case SGL_CUSTODY_SEALED:
		break;
	}
	return false;
}

static sgl_status
is_good_recipient(
    sgl_home *home, const sgl_bare_recipient *r, bool *good, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_status status;

	*good = r->spki.len == 0;
	if (*good)
		return SGL_OK;
	status = sgl_pubkey_read(sgl_home_engine(home), r->spki, &key, NULL);
	if (status == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	*good = status == SGL_OK && r->key_id.len > 0 &&
	    sgl_ca_key_is_for(key, SGL_CERT_ENCRYPTION);
	return SGL_OK;
}

/* What is encrypted is signed by the door (RFC 7030 4.4.2). */
static sgl_status
give_key(sgl_home *home, const sgl_enrolment *e, int64_t key, sgl_buf *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_door) door = {0};
	sgl_vault_giving giving = {
	    .key = key, .recipient = e->recipient, .cipher = e->cipher};
	sgl_vault *vault;

	if (e->recipient.spki.len > 0)
		TRY(sgl_ca_door_get(home, &door, err));
	giving.signer = door.key;
	giving.signer_cert = door.cert;
	TRY(sgl_home_vault(home, &vault, err));
	return sgl_vault_hand_over(vault, &giving, out, err);
}

static sgl_status
note_key(
    sgl_home *home, const sgl_person *p, const sgl_cert_record *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) serial = sgl_buf_init(256);
	const char *text;

	TRY(sgl_hex_add(&serial, sgl_buf_slice(&c->serial), err));
	TRY(sgl_buf_text(&serial, &text, err));
	return sgl_audit_add(home, "key.export", p->address, NULL, text, err);
}

static sgl_status
hand_over(sgl_home *home, const sgl_enrolment *e, const sgl_person *p,
    const sgl_cert_record *c, sgl_buf *out, sgl_err *err)
{
	TRY(give_key(home, e, c->key, out, err));
	TRY(note_key(home, p, c, err));
	TRY(sgl_custody_hand_out(home, p, NULL, &c->key, 1, err));
	return sgl_custody_settle(home, p, &c->key, 1, NULL, err);
}

/* --------------------------------------------------------------- doing --- */

/* Two at once with one code: the second finds it gone. */
static sgl_status
use_up(sgl_home *home, const found *f, sgl_err *err)
{
	bool dropped = true;

	if (f->locator[0] == '\0')
		return SGL_OK;
	TRY(sgl_store_drop_enrol_code(
	    sgl_home_store(home), f->locator, &dropped, err));
	return dropped ? SGL_OK
		       : sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
			     N_("a code was used twice at once"));
}

static sgl_status
find_who(
    sgl_home *home, const sgl_enrolment *e, found *f, bool *may, sgl_err *err)
{
	if (e->code.len > 0)
		TRY(find_by_code(home, e, f, may, err));
	if (*may || e->client.len == 0)
		return SGL_OK;
	found_clear(f);
	*f = (found){.purpose = SGL_CERT_SIGNING};
	return find_by_cert(home, e, f, may, err);
}

static sgl_status
is_good(sgl_home *home, const sgl_enrolment *e, const found *f, bool *good,
    sgl_err *err)
{
	return e->wants_key ? is_good_recipient(home, &e->recipient, good, err)
			    : is_good_key(home, e->spki, f, good, err);
}

static sgl_status
issue(sgl_home *home, const sgl_enrolment *e, const found *f,
    sgl_cert_record *out, sgl_buf *key, sgl_err *err)
{
	if (!e->wants_key)
		return sgl_ca_issue_for_key(
		    home, &f->person, f->purpose, e->spki, out, err);
	TRY(sgl_ca_issue_now(home, &f->person, f->purpose, out, err));
	return hand_over(home, e, &f->person, out, key, err);
}

sgl_status
sgl_enrol(sgl_home *home, const sgl_enrolment *e, sgl_enrol_outcome *outcome,
    sgl_cert_record *out, sgl_buf *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(found) f = {.purpose = SGL_CERT_SIGNING};
	bool may = false, good;

	*outcome = SGL_ENROL_REFUSED;
	TRY(find_who(home, e, &f, &may, err));
	if (!may)
		return SGL_OK;
	*outcome = SGL_ENROL_WRONG_WAY;
	if (is_made_here(home, &f) != e->wants_key)
		return SGL_OK;
	*outcome = SGL_ENROL_BAD_KEY;
	TRY(is_good(home, e, &f, &good, err));
	if (!good)
		return SGL_OK;
	TRY(use_up(home, &f, err));
	TRY(issue(home, e, &f, out, key, err));
	*outcome = SGL_ENROL_DONE;
	return SGL_OK;
}
