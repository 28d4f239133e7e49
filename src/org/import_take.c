/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "org/audit.h"
#include "org/import.h"
#include "org/recipients.h"
#include "org/recovery.h"

#define ROOM "org.import"
#define TEXT_MAX 512

static sgl_status
take_key(sgl_home *home, const sgl_person *person, const sgl_import_item *i,
    int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_vault *vault;
	bool found;

	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_vault_find(vault, sgl_cert_get_spki(i->cert), &k, &found, err));
	if (!found)
		return sgl_vault_add(vault, i->key, person->id, id, err);
	*id = k.id;
	return SGL_OK;
}

static sgl_status
fill_record(
    const sgl_import_item *i, sgl_time now, sgl_cert_record *c, sgl_err *err)
{
	sgl_slice serial = sgl_cert_get_serial(i->cert);
	sgl_slice der = sgl_cert_get_der(i->cert);

	c->purpose = i->purpose;
	c->not_before = sgl_cert_get_not_before(i->cert);
	c->not_after = sgl_cert_get_not_after(i->cert);
	c->created = now;
	if (i->result == SGL_IMPORT_HISTORY) {
		c->status = SGL_CERT_SUPERSEDED;
		c->superseded = now;
	}
	c->serial = sgl_buf_init(serial.len);
	c->der = sgl_buf_init(der.len);
	TRY(sgl_buf_add(&c->serial, serial, err));
	return sgl_buf_add(&c->der, der, err);
}

static sgl_status
take_chain(
    sgl_home *home, const sgl_certs *chain, int64_t certificate, sgl_err *err)
{
	for (size_t i = 0; i < chain->num; i++) {
		SGL_AUTO_CLEAR(sgl_issuer_record) r = {0};
		sgl_slice der = sgl_cert_get_der(chain->items[i]);

		r.der = sgl_buf_init(der.len);
		TRY(sgl_buf_add(&r.der, der, err));
		memcpy(r.fingerprint, chain->items[i]->fingerprint,
		    sizeof r.fingerprint);
		TRY(sgl_store_add_chain(
		    sgl_home_store(home), certificate, (int64_t)i, &r, err));
	}
	return SGL_OK;
}

static sgl_status
note(sgl_home *home, const sgl_person *person, const sgl_import_item *i,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(TEXT_MAX);

	TRY(sgl_buf_printf(&text, err, "%s %s ",
	    sgl_cert_purpose_name(i->purpose),
	    sgl_import_result_name(i->result)));
	TRY(sgl_hex_add(&text, sgl_cert_get_serial(i->cert), err));
	TRY(sgl_buf_add(&text, sgl_slice_of("", 1), err));
	return sgl_audit_add(home, "cert.import", person->address, NULL,
	    (const char *)text.data, err);
}

static sgl_status
take_one(sgl_home *home, const sgl_person *person, const sgl_import_item *i,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {.person = person->id};
	sgl_engine *engine = sgl_home_engine(home);
	sgl_store *store = sgl_home_store(home);

	TRY(take_key(home, person, i, &c.key, err));
	TRY(fill_record(i, sgl_engine_now(engine), &c, err));
	TRY(sgl_store_add_cert(store, &c, &c.id, err));
	TRY(sgl_store_mark_dual(store, c.id, err));
	TRY(take_chain(home, &i->chain, c.id, err));
	TRY(sgl_recipients_add(engine, store, i->cert, c.key, err));
	return note(home, person, i, err);
}

sgl_status
sgl_import_take(sgl_home *home, const sgl_person *person,
    const sgl_import *import, sgl_err *err)
{
	size_t num = 0;

	for (size_t i = 0; i < import->num; i++) {
		const sgl_import_item *item = &import->items[i];
		if (item->result != SGL_IMPORT_TAKEN &&
		    item->result != SGL_IMPORT_HISTORY)
			continue;
		TRY(take_one(home, person, item, err));
		num++;
	}
	return num == 0 ? SGL_OK : sgl_recovery_escrow_all(home, person, err);
}
