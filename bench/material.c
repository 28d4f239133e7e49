/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, certificates, content: made anew for each run. */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "bench.h"

static void
extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	if (ext == NULL || X509_add_ext(cert, ext, -1) != 1)
		bench_die("extension");
	X509_EXTENSION_free(ext);
}

static void
name_it(X509_NAME *name, const char *cn)
{
	if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)cn, -1, -1, 0) != 1)
		bench_die("name");
}

/* A certificate of `pkey` that `issuer` has signed, or it itself. */
static X509 *
certify(EVP_PKEY *pkey, const char *cn, const bench_party *issuer, bool is_ca)
{
	static long serial = 1;
	X509 *cert = X509_new();

	if (cert == NULL || X509_set_version(cert, 2) != 1 ||
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(cert), -86400) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(cert), 86400L * 365) == NULL ||
	    X509_set_pubkey(cert, pkey) != 1)
		bench_die("certificate");
	name_it(X509_get_subject_name(cert), cn);
	if (X509_set_issuer_name(cert,
		X509_get_subject_name(issuer == NULL ? cert : issuer->x509)) !=
	    1)
		bench_die("issuer");
	if (is_ca) {
		extend(cert, NID_basic_constraints, "critical,CA:TRUE");
		extend(cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	} else {
		extend(cert, NID_key_usage,
		    "critical,digitalSignature,keyEncipherment,keyAgreement");
		extend(cert, NID_ext_key_usage, "emailProtection");
		extend(cert, NID_subject_alt_name, "email:alice@example.org");
	}
	if (X509_sign(
		cert, issuer == NULL ? pkey : issuer->pkey, EVP_sha256()) <= 0)
		bench_die("certificate's signature");
	return cert;
}

static sgl_cert *
cert_of(sgl_engine *engine, X509 *x509)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);
	sgl_cert *cert = NULL;
	sgl_err err = {0};

	if (len <= 0)
		bench_die("i2d_X509");
	if (sgl_cert_read(engine, (sgl_slice){der, (size_t)len}, &cert, &err) !=
	    SGL_OK)
		bench_die_sigill("certificate", &err);
	OPENSSL_free(der);
	return cert;
}

static sgl_key *
key_of(sgl_engine *engine, EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(pkey, &der);
	sgl_key *key = NULL;
	sgl_err err = {0};

	if (len <= 0)
		bench_die("i2d_PrivateKey");
	if (sgl_key_read(engine, (sgl_slice){der, (size_t)len}, &key, &err) !=
	    SGL_OK)
		bench_die_sigill("key", &err);
	OPENSSL_clear_free(der, (size_t)len);
	return key;
}

static bench_party
party(sgl_engine *engine, bool ec, const char *cn, const bench_party *issuer,
    bool is_ca)
{
	bench_party p = {0};

	p.pkey = ec ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
	if (p.pkey == NULL)
		bench_die("key");
	p.x509 = certify(p.pkey, cn, issuer, is_ca);
	p.key = key_of(engine, p.pkey);
	p.cert = cert_of(engine, p.x509);
	return p;
}

/* A recipient that nobody has the private key of, so any odd number does as
 * modulus: making a hundred real ones takes longer than a row. */
static EVP_PKEY *
public_rsa(void)
{
	BIGNUM *n = BN_new(), *e = BN_new();
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (n == NULL || e == NULL || bld == NULL || ctx == NULL ||
	    BN_rand(n, 2048, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD) != 1 ||
	    BN_set_word(e, RSA_F4) != 1 ||
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) != 1 ||
	    (params = OSSL_PARAM_BLD_to_param(bld)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		bench_die("public key");
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return pkey;
}

static void
add_recipient(sgl_engine *engine, bench_kind *k, X509 *x509)
{
	sgl_cert *cert = cert_of(engine, x509);
	sgl_err err = {0};

	if (X509_up_ref(x509) != 1 || sk_X509_push(k->x509s, x509) <= 0)
		bench_die("recipients");
	if (sgl_certs_add(&k->certs, cert, &err) != SGL_OK)
		bench_die_sigill("recipients", &err);
	sgl_cert_unref(cert);
}

/* The one whose key we have stands in the middle. */
static void
add_recipients(sgl_engine *engine, bench_kind *k, bool many)
{
	k->x509s = sk_X509_new_null();
	if (k->x509s == NULL)
		bench_die("recipients");
	for (unsigned i = 0; many && i < BENCH_MANY - 1; i++) {
		EVP_PKEY *pkey = public_rsa();
		X509 *x509 = certify(pkey, "Bob", &k->intermediate, false);

		if (i == BENCH_MANY / 2)
			add_recipient(engine, k, k->leaf.x509);
		add_recipient(engine, k, x509);
		X509_free(x509);
		EVP_PKEY_free(pkey);
	}
	if (!many)
		add_recipient(engine, k, k->leaf.x509);
}

bench_kind *
bench_kind_new(sgl_engine *engine, bool ec, bool many)
{
	bench_kind *k = bench_alloc(sizeof *k);

	k->root = party(engine, ec, "Root", NULL, true);
	k->intermediate = party(engine, ec, "Intermediate", &k->root, true);
	k->leaf = party(engine, ec, "Alice", &k->intermediate, false);
	add_recipients(engine, k, many);
	return k;
}

static void
party_clear(bench_party *p)
{
	EVP_PKEY_free(p->pkey);
	X509_free(p->x509);
	sgl_key_unref(p->key);
	sgl_cert_unref(p->cert);
}

void
bench_kind_free(bench_kind *k)
{
	if (k == NULL)
		return;
	party_clear(&k->root);
	party_clear(&k->intermediate);
	party_clear(&k->leaf);
	sk_X509_pop_free(k->x509s, X509_free);
	sgl_certs_clear(&k->certs);
	free(k);
}

sgl_slice
bench_content(size_t size)
{
	static const char head[] =
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n";
	static const char line[] = "The quick brown fox jumps over the lazy "
				   "dog, and does so once again.\r\n";
	uint8_t *text = bench_alloc(size + sizeof line);
	size_t len = sizeof head - 1;

	memcpy(text, head, len);
	while (len < size) {
		memcpy(text + len, line, sizeof line - 1);
		len += sizeof line - 1;
	}
	return (sgl_slice){text, len};
}
