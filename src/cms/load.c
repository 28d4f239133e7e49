/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/pem.h"
#include "cms/load.h"

#define ROOM "cms.load"

void
sgl_loader_clear(sgl_loader *l)
{
	sgl_keyring_clear(&l->ring);
	sgl_crls_clear(&l->crls);
}

sgl_status
sgl_loader_cert(sgl_loader *l, sgl_slice der, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(l->engine, der, &cert, err));
	TRY(sgl_keyring_add_cert(&l->ring, cert, err));
	l->count.num_certs++;
	return SGL_OK;
}

sgl_status
sgl_loader_crl(sgl_loader *l, sgl_slice der, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;

	TRY(sgl_crl_read(l->engine, der, &crl, err));
	TRY(sgl_crls_add(&l->crls, crl, err));
	l->count.num_crls++;
	return SGL_OK;
}

/* Beside a key that can be used, one that cannot does no harm. */
static void
remember_unsupported(sgl_loader *l, const sgl_err *err)
{
	if (l->unsupported.status == SGL_OK)
		l->unsupported = *err;
}

sgl_status
sgl_loader_key(sgl_loader *l, sgl_slice der, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_err why = {0};
	sgl_status status = sgl_key_read(l->engine, der, &key, &why);

	if (status == SGL_E_UNSUPPORTED) {
		remember_unsupported(l, &why);
		return SGL_OK;
	}
	if (status != SGL_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	TRY(sgl_keyring_add_key(&l->ring, key, err));
	l->count.num_keys++;
	return SGL_OK;
}

static sgl_status
read_encrypted_key(sgl_loader *l, sgl_slice whole, sgl_err *err)
{
	sgl_pkcs12_password password = sgl_pkcs12_password_over(l->password);

	if (!password.is_given)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    "a password is needed");
	return sgl_loader_encrypted_key(l, &password, whole, err);
}

static sgl_status
pass_over(sgl_loader *l, sgl_slice whole, sgl_err *err)
{
	(void)whole;
	(void)err;
	l->has_public = true;
	return SGL_OK;
}

typedef sgl_status reader(sgl_loader *l, sgl_slice whole, sgl_err *err);

static reader *const readers[SGL_FILE_KINDS] = {
    [SGL_FILE_PKCS12] = sgl_pkcs12_read,
    [SGL_FILE_PKCS8] = sgl_loader_key,
    [SGL_FILE_ENCRYPTED_KEY] = read_encrypted_key,
    [SGL_FILE_RSA_KEY] = sgl_loader_key,
    [SGL_FILE_EC_KEY] = sgl_loader_key,
    [SGL_FILE_CERTIFICATE] = sgl_loader_cert,
    [SGL_FILE_CRL] = sgl_loader_crl,
    [SGL_FILE_CMS] = sgl_p7b_read,
    [SGL_FILE_PUBLIC_KEY] = pass_over,
    [SGL_FILE_RSA_PUBLIC_KEY] = pass_over,
    [SGL_FILE_REQUEST] = pass_over,
    [SGL_FILE_OCSP] = pass_over,
};

/* One element at `in`; an offset in *err counts from in's origin then. */
static sgl_status
load_element(sgl_loader *l, sgl_der *in, sgl_err *err)
{
	size_t offset = sgl_der_offset(in);
	sgl_slice whole;
	sgl_file_kind kind;
	sgl_status status;

	if (!sgl_der_read_whole(in, SGL_SEQUENCE, &whole))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, offset,
		    "not a whole DER or BER element");
	kind = sgl_file_detect(whole);
	if (kind == SGL_FILE_UNKNOWN)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, offset,
		    "neither certificate, key, CRL, PKCS#7 nor PKCS#12");
	status = readers[kind](l, whole, err);
	if (status != SGL_OK && err != NULL && err->offset != SGL_NO_OFFSET)
		err->offset += offset;
	return status;
}

/* Several elements may stand one after the other; a blank or a line end behind
 * them is what editors and mail programs leave. */
static sgl_status
load_der(sgl_loader *l, sgl_slice file, sgl_err *err)
{
	sgl_der in = sgl_ber_over(file);

	do {
		TRY(load_element(l, &in, err));
	} while (sgl_slice_trim(sgl_der_rest(&in)).len > 0);
	return SGL_OK;
}

typedef enum pem_use {
	PEM_OTHER, /* nothing of ours: EC PARAMETERS */
	PEM_LOAD,
	PEM_LOAD_FIRST, /* something of OpenSSL's own follows in the block */
	PEM_PUBLIC,
	PEM_UNSUPPORTED
} pem_use;

static pem_use
use_of(sgl_slice label)
{
	static const struct {
		const char *label;
		pem_use use;
	} table[] = {
	    {"CERTIFICATE", PEM_LOAD},
	    {"X509 CERTIFICATE", PEM_LOAD},
	    {"TRUSTED CERTIFICATE", PEM_LOAD_FIRST},
	    {"X509 CRL", PEM_LOAD},
	    {"PKCS7", PEM_LOAD},
	    {"PKCS #7 SIGNED DATA", PEM_LOAD},
	    {"CMS", PEM_LOAD},
	    {"PKCS12", PEM_LOAD},
	    {"PRIVATE KEY", PEM_LOAD},
	    {"ENCRYPTED PRIVATE KEY", PEM_LOAD},
	    {"RSA PRIVATE KEY", PEM_LOAD},
	    {"EC PRIVATE KEY", PEM_LOAD},
	    {"DSA PRIVATE KEY", PEM_UNSUPPORTED},
	    {"OPENSSH PRIVATE KEY", PEM_UNSUPPORTED},
	    {"PUBLIC KEY", PEM_PUBLIC},
	    {"RSA PUBLIC KEY", PEM_PUBLIC},
	    {"CERTIFICATE REQUEST", PEM_PUBLIC},
	    {"NEW CERTIFICATE REQUEST", PEM_PUBLIC},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (sgl_slice_eq(label, sgl_slice_str(table[i].label)))
			return table[i].use;
	return PEM_OTHER;
}

/* RFC 1421 4.6.1.1, as OpenSSL used it for keys. */
static bool
is_old_encryption(sgl_slice headers)
{
	return headers.len > 0 &&
	    memmem(headers.data, headers.len, "ENCRYPTED", 9) != NULL;
}

static sgl_status
load_block_der(sgl_loader *l, pem_use use, sgl_slice der, sgl_err *err)
{
	sgl_der in = sgl_ber_over(der);

	TRY(load_element(l, &in, err));
	if (!sgl_der_done(&in) && use == PEM_LOAD)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, 0,
		    "bytes behind the end of what a PEM block holds");
	return SGL_OK;
}

static sgl_status
load_block(
    sgl_loader *l, const sgl_pem_block *block, sgl_slice der, sgl_err *err)
{
	pem_use use = use_of(block->label);

	switch (use) {
	case PEM_OTHER:
		return SGL_OK;
	case PEM_PUBLIC:
		l->has_public = true;
		return SGL_OK;
	case PEM_UNSUPPORTED:
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a kind of private key that S/MIME does not use");
	case PEM_LOAD:
	case PEM_LOAD_FIRST:
		break;
	}
	if (is_old_encryption(block->headers))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a key in the old encrypted PEM form; convert it with "
		    "\"openssl pkcs8 -topk8\"");
	return load_block_der(l, use, der, err);
}

/* Offset and detail of a failure in a block tell which block it was. */
static sgl_status
in_block(const sgl_pem_block *block, sgl_status status, sgl_err *err)
{
	sgl_err inner;

	if (err == NULL)
		return status;
	inner = *err;
	return sgl_fail_at(err, status, inner.room, block->offset, inner.text,
	    "PEM block %.*s%s%s", (int)block->label.len,
	    (const char *)block->label.data,
	    inner.detail[0] != '\0' ? ": " : "", inner.detail);
}

static sgl_status
load_pem(sgl_loader *l, sgl_slice file, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) der = {sgl_buf_init(file.len + 8)};
	sgl_pem_block block;
	size_t at = 0;
	bool found;

	TRY(sgl_buf_reserve(&der.buf, file.len, err));
	for (;;) {
		sgl_status status;

		TRY(sgl_pem_next(file, &at, &block, &der.buf, &found, err));
		if (!found)
			return SGL_OK;
		status = load_block(l, &block, sgl_buf_slice(&der.buf), err);
		if (status != SGL_OK)
			return in_block(&block, status, err);
	}
}

static sgl_status
load_base64(sgl_loader *l, sgl_slice file, bool *is_it, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) der = {sgl_buf_init(file.len + 8)};

	TRY(sgl_file_from_base64(file, &der.buf, is_it, err));
	return *is_it ? load_der(l, sgl_buf_slice(&der.buf), err) : SGL_OK;
}

/* What people take for such files, by its first bytes, and what to do. */
static sgl_status
refuse_foreign(sgl_slice file, sgl_err *err)
{
	if (sgl_slice_starts(file, SGL_LIT("\xff\xfe")) ||
	    sgl_slice_starts(file, SGL_LIT("\xfe\xff")))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a text in UTF-16: save it as ASCII or UTF-8");
	if (sgl_slice_starts(file, SGL_LIT("\xfe\xed\xfe\xed")) ||
	    sgl_slice_starts(file, SGL_LIT("\xce\xce\xce\xce")))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a Java keystore; convert it with \"keytool "
		    "-importkeystore -deststoretype PKCS12\"");
	if (sgl_slice_starts(file, SGL_LIT("SQLite format 3")))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a database, perhaps of Firefox or Thunderbird; export "
		    "from it with \"pk12util -o\"");
	return SGL_OK;
}

static sgl_status
load_any(sgl_loader *l, sgl_slice file, sgl_err *err)
{
	bool is_base64;

	if (sgl_slice_trim(file).len == 0)
		return sgl_fail(
		    err, SGL_E_ENCODING, ROOM, 0, "the file is empty");
	if (sgl_file_detect(file) != SGL_FILE_UNKNOWN)
		return load_der(l, file, err);
	if (sgl_pem_has(file))
		return load_pem(l, file, err);
	TRY(load_base64(l, file, &is_base64, err));
	if (is_base64)
		return SGL_OK;
	if (file.data[0] == 0x30)
		return load_der(l, file, err);
	TRY(refuse_foreign(file, err));
	return sgl_fail(err, SGL_E_ENCODING, ROOM, 0,
	    "neither PEM nor DER: not a file of certificates or keys");
}

/* Good bytes, but nothing in them to work with. */
static sgl_status
judge_found(const sgl_loader *l, sgl_err *err)
{
	if (l->count.num_keys == 0 && l->unsupported.status != SGL_OK) {
		if (err != NULL)
			*err = l->unsupported;
		return l->unsupported.status;
	}
	if (l->count.num_certs + l->count.num_keys + l->count.num_crls > 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    l->has_public
		? "a public key or a request alone, without a certificate"
		: "no certificate, key or CRL in the file");
}

static sgl_status
hand_over(const sgl_loader *l, sgl_keyring *ring, sgl_crls *crls, sgl_err *err)
{
	for (size_t i = 0; ring != NULL && i < l->ring.num_keys; i++)
		TRY(sgl_keyring_add_key(ring, l->ring.keys[i], err));
	for (size_t i = 0; ring != NULL && i < l->ring.certs.num; i++)
		TRY(sgl_keyring_add_cert(ring, l->ring.certs.items[i], err));
	for (size_t i = 0; crls != NULL && i < l->crls.num; i++)
		TRY(sgl_crls_add(crls, l->crls.items[i], err));
	return SGL_OK;
}

sgl_status
sgl_load(sgl_engine *engine, sgl_slice file, sgl_slice password,
    sgl_keyring *ring, sgl_crls *crls, sgl_loaded *what, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_loader)
	l = {.engine = engine, .password = password};

	TRY(load_any(&l, file, err));
	TRY(judge_found(&l, err));
	TRY(hand_over(&l, ring, crls, err));
	if (what != NULL)
		*what = l.count;
	return SGL_OK;
}

void
sgl_bytes_free(sgl_bytes *bytes)
{
	if (bytes->data != NULL)
		sgl_mem_wipe(bytes->data, bytes->len);
	sgl_mem_free(bytes->data);
	*bytes = (sgl_bytes){0};
}
