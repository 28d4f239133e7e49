/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert issue: for a key that is a device's, by its request (PKCS#10) */
#include <string.h>

#include "asn1/pem.h"
#include "cms/load.h"
#include "admin/issue.h"
#include "admin/wire.h"
#include "org/choose.h"
#include "pki/csr.h"
#include "sys/input.h"

#define ROOM "admin.issue"

/* ------------------------------------------------------- the caller's file ---
 */

static bool
is_request(sgl_slice label)
{
	return sgl_slice_eq(label, SGL_LIT("CERTIFICATE REQUEST")) ||
	    sgl_slice_eq(label, SGL_LIT("NEW CERTIFICATE REQUEST"));
}

/* The first request in PEM; *out stays empty if there is none. */
static sgl_status
find_pem(sgl_slice text, sgl_buf *out, sgl_err *err)
{
	sgl_pem_block block;
	size_t at = 0;
	bool found = true;

	while (found) {
		TRY(sgl_pem_next(text, &at, &block, out, &found, err));
		if (found && is_request(block.label))
			return SGL_OK;
	}
	out->len = 0;
	return SGL_OK;
}

static sgl_status
find_request(sgl_slice file, sgl_buf *out, sgl_err *err)
{
	bool found;

	if (sgl_pem_has(file))
		return find_pem(file, out, err);
	if (sgl_file_detect(file) == SGL_FILE_REQUEST)
		return sgl_buf_add(out, file, err);
	TRY(sgl_file_from_base64(file, out, &found, err));
	if (!found || sgl_file_detect(sgl_buf_slice(out)) != SGL_FILE_REQUEST)
		out->len = 0;
	return SGL_OK;
}

sgl_status
sgl_bring_request(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	const char *path = sgl_call_get(call, "csr");
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(2 * SGL_CSR_MAX);

	if (path == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--csr FILE is missing (for a key that is made here: "
		       "sigill cert renew)"));
	order->input = (sgl_buf){.max = SGL_CSR_MAX, .secret = true};
	order->file = path;
	TRY(sgl_file_read(path, &file, err));
	TRY(find_request(sgl_buf_slice(&file), &order->input, err));
	if (order->input.len > 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("holds no certification request (PKCS#10, PEM or DER)"), "%s",
	    path);
}

/* ------------------------------------------------------------- the request ---
 */

/* What the request says its key is for, where it says so. */
static sgl_status
find_purpose(const sgl_call *call, const sgl_csr *csr, sgl_cert_purpose *out,
    sgl_err *err)
{
	bool given, signs = sgl_cert_has_signing_usage(&csr->asked),
		    encrypts = sgl_cert_has_encryption_usage(&csr->asked);

	TRY(sgl_call_use(call, out, &given, err));
	if (given)
		return SGL_OK;
	if (signs == encrypts)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    signs ? N_("the request is for both purposes: give "
			       "--purpose dual, --purpose signing or --purpose "
			       "encryption")
			  : N_("the request does not say what for: give "
			       "--purpose signing, encryption or dual"));
	*out = signs ? SGL_CERT_SIGNING : SGL_CERT_ENCRYPTION;
	return SGL_OK;
}

static sgl_status
check_key(sgl_engine *engine, const sgl_csr *csr, sgl_cert_purpose purpose,
    sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;

	TRY(sgl_cert_get_pubkey(engine, &csr->asked, &key, err));
	if (sgl_ca_key_is_for(key, purpose))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the key of the request is too weak, or not of a kind for that "
	       "purpose"),
	    "%s, %u", sgl_key_kind_name(sgl_pubkey_get_kind(key)),
	    sgl_pubkey_get_bits(key));
}

/* ---------------------------------------------------------- the certificate
 * ---
 */

static sgl_status
add_chain(sgl_session *s, const sgl_cert_record *c, sgl_buf *out, sgl_err *err)
{
	const sgl_chosen issued = {.id = c->id, .issuer = c->issuer};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO_CLEAR(sgl_certs) set = {0};

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&c->der), &cert, err));
	TRY(sgl_certs_add(&set, cert, err));
	TRY(sgl_choose_chain(s->home, &issued, &set, err));
	return sgl_certs_add_pem(&set, out, err);
}

sgl_status
sgl_org_cert_issue_request(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_cert_purpose purpose;

	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	TRY(sgl_csr_read(s->engine, sgl_buf_slice(&order->input), &csr, err));
	TRY(sgl_csr_check_signed(s->engine, csr, err));
	TRY(find_purpose(call, csr, &purpose, err));
	TRY(check_key(s->engine, csr, purpose, err));
	TRY(sgl_ca_issue_for_key(
	    s->home, &p, purpose, sgl_cert_get_spki(&csr->asked), &c, err));
	sgl_reply_tell_file(r, call, "pem");
	r->has_file = true;
	return add_chain(s, &c, &r->file, err);
}
