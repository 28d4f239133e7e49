/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "admin/bundle.h"
#include "admin/files.h"
#include "admin/wire.h"
#include "pki/crl.h"
#include "sys/certwire.h"
#include "sys/passphrase.h"

#define ROOM "admin.bundle"
#define PART_MAX ((size_t)2 << 20)
#define PARTS_MAX 10000
#define PROMPT_MAX 4096

void
sgl_bundle_clear(sgl_bundle *b)
{
	sgl_keyring_clear(&b->ring);
	sgl_crls_clear(&b->crls);
}

/* ------------------------------------------------------------ the message ---
 */

static sgl_status
add_keys(sgl_wire *w, const sgl_keyring *ring, sgl_err *err)
{
	sgl_wire_add_int(w, (int64_t)ring->num_keys);
	for (size_t i = 0; i < ring->num_keys; i++) {
		SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};

		TRY(sgl_key_write(ring->keys[i], &pkcs8, err));
		sgl_wire_add_bytes(w, sgl_secret_slice(&pkcs8));
	}
	return SGL_OK;
}

sgl_status
sgl_bundle_write(const sgl_bundle *b, sgl_buf *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(out);

	sgl_wire_add_certs(&w, &b->ring.certs);
	sgl_wire_add_int(&w, (int64_t)b->crls.num);
	for (size_t i = 0; i < b->crls.num; i++)
		sgl_wire_add_bytes(&w, b->crls.items[i]->der);
	TRY(add_keys(&w, &b->ring, err));
	return sgl_wire_end(&w, err);
}

static sgl_status
read_cert(sgl_engine *engine, sgl_slice der, sgl_bundle *b, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(engine, der, &cert, err));
	return sgl_keyring_add_cert(&b->ring, cert, err);
}

static sgl_status
read_crl(sgl_engine *engine, sgl_slice der, sgl_bundle *b, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;

	TRY(sgl_crl_read(engine, der, &crl, err));
	return sgl_crls_add(&b->crls, crl, err);
}

static sgl_status
read_key(sgl_engine *engine, sgl_slice der, sgl_bundle *b, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(sgl_key_read(engine, der, &key, err));
	return sgl_keyring_add_key(&b->ring, key, err);
}

sgl_status
sgl_bundle_read(
    sgl_engine *engine, sgl_slice message, sgl_bundle *out, sgl_err *err)
{
	static sgl_status (*const readers[])(sgl_engine *, sgl_slice,
	    sgl_bundle *, sgl_err *) = {read_cert, read_crl, read_key};
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	sgl_unwire u = sgl_unwire_over(message);

	for (size_t kind = 0; kind < 3; kind++) {
		int64_t num = sgl_unwire_int(&u, 0, PARTS_MAX);

		for (int64_t i = 0; i < num; i++) {
			sgl_slice der = sgl_unwire_bytes(&u, PART_MAX);

			if (u.failed)
				break;
			TRY(readers[kind](engine, der, &b, err));
		}
	}
	TRY(sgl_unwire_end(&u, err));
	*out = b;
	b = (sgl_bundle){0};
	return SGL_OK;
}

/* -------------------------------------------------------------- the files ---
 */

static sgl_status
ask(const char *path, sgl_secret *out, sgl_err *err)
{
	char prompt[PROMPT_MAX];

	(void)snprintf(prompt, sizeof prompt, _("Password for %s: "), path);
	return sgl_passphrase_ask(prompt, false, out, err);
}

sgl_status
sgl_bundle_load(sgl_engine *engine, const char *path,
    const sgl_secret *password, sgl_bundle *b, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) typed = {0};
	sgl_status status = sgl_org_load_file(
	    engine, path, sgl_secret_slice(password), &b->ring, &b->crls, err);

	if (status != SGL_E_PASSWORD || password->data != NULL)
		return status;
	TRY(ask(path, &typed, err));
	return sgl_org_load_file(
	    engine, path, sgl_secret_slice(&typed), &b->ring, &b->crls, err);
}

static sgl_status
bring_from(size_t first, const sgl_call *call, sgl_order *order, sgl_err *err)
{
	const char *path = sgl_call_get(call, "password-file");
	SGL_AUTO_CLEAR(sgl_secret) password = {0};
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	SGL_AUTO(sgl_engine)
	engine = NULL;

	TRY(sgl_engine_new(NULL, &engine, err));
	if (path != NULL)
		TRY(sgl_passphrase_file(path, &password, err));
	for (size_t i = first; i < call->num_args; i++)
		TRY(sgl_bundle_load(
		    engine, sgl_call_arg(call, i), &password, &b, err));
	order->input = (sgl_buf){.max = SGL_ORG_CALL_MAX, .secret = true};
	return sgl_bundle_write(&b, &order->input, err);
}

sgl_status
sgl_bring_files(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	return bring_from(0, call, order, err);
}

sgl_status
sgl_bring_files_for(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	return bring_from(1, call, order, err);
}
