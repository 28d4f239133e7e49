/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <time.h>

#include "net/tls_inside.h"
#include "sys/text.h"

#define ROOM "net.tls"
#define CLIENT_CERTS_MAX ((long)32 << 10)

/* A context of its own: what the system's openssl.cnf says does not matter. */
struct sgl_tls {
	OSSL_LIB_CTX *lib;
	SSL_CTX *ctx;
};

static sgl_status
fail(sgl_err *err, sgl_status status, const char *text)
{
	ERR_clear_error();
	return sgl_fail(err, status, ROOM, SGL_NO_OFFSET, text);
}

void
sgl_tls_free(sgl_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->ctx);
	OSSL_LIB_CTX_free(tls->lib);
	sgl_mem_free(tls);
}

/* Nobody can be asked for the password of a key. */
static int
no_password(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

/* Whose certificate it is, and whether it is still good, is not found out by
 * libssl: who has the key is all it tells. */
static int
pass_on(X509_STORE_CTX *store, void *ctx)
{
	(void)ctx;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

static X509 *
read_cert(const sgl_tls *tls, BIO *in)
{
	X509 *cert = X509_new_ex(tls->lib, NULL);

	if (cert != NULL &&
	    PEM_read_bio_X509(in, &cert, no_password, NULL) != NULL)
		return cert;
	X509_free(cert);
	return NULL;
}

static bool
use_chain(const sgl_tls *tls, BIO *in)
{
	X509 *cert = read_cert(tls, in);
	bool good =
	    cert != NULL && SSL_CTX_use_certificate(tls->ctx, cert) == 1;

	X509_free(cert);
	while (good && (cert = read_cert(tls, in)) != NULL)
		if (SSL_CTX_add0_chain_cert(tls->ctx, cert) != 1) {
			X509_free(cert);
			good = false;
		}
	return good;
}

static sgl_status
read_chain(const sgl_tls *tls, sgl_slice chain, sgl_err *err)
{
	BIO *in = BIO_new_mem_buf(chain.data, (int)chain.len);
	bool good = in != NULL && use_chain(tls, in);

	BIO_free(in);
	ERR_clear_error(); /* it ends where no further certificate is found */
	return good
	    ? SGL_OK
	    : fail(err, SGL_E_ENCODING,
		  N_("the first file is no certificate (PEM) that a server can "
		     "use"));
}

static sgl_status
read_key(const sgl_tls *tls, sgl_slice key, sgl_err *err)
{
	BIO *in = BIO_new_mem_buf(key.data, (int)key.len);
	EVP_PKEY *pkey = in == NULL ? NULL
				    : PEM_read_bio_PrivateKey_ex(in, NULL,
					  no_password, NULL, tls->lib, NULL);
	bool fits = pkey != NULL && SSL_CTX_use_PrivateKey(tls->ctx, pkey) == 1;

	BIO_free(in);
	EVP_PKEY_free(pkey);
	if (pkey == NULL)
		return fail(err, SGL_E_ENCODING,
		    N_("the second file is no private key (PEM, without a "
		       "password)"));
	if (!fits)
		return fail(err, SGL_E_MISMATCH,
		    N_("the key belongs to another certificate"));
	return SGL_OK;
}

/* Nothing is remembered of a connection: the next one shows its certificate
 * anew. */
static bool
set_manners(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ctx, CLIENT_CERTS_MAX);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, pass_on, NULL);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_num_tickets(ctx, 0) == 1;
}

static sgl_status
start(sgl_tls *tls, sgl_slice chain, sgl_slice key, sgl_err *err)
{
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return fail(err, SGL_E_CRYPTO, N_("TLS cannot be used"));
	tls->lib = OSSL_LIB_CTX_new();
	tls->ctx = tls->lib == NULL
	    ? NULL
	    : SSL_CTX_new_ex(tls->lib, NULL, TLS_server_method());
	if (tls->ctx == NULL || !set_manners(tls->ctx))
		return fail(err, SGL_E_CRYPTO, N_("TLS cannot be used"));
	TRY(read_chain(tls, chain, err));
	return read_key(tls, key, err);
}

sgl_status
sgl_tls_new(sgl_slice chain, sgl_slice key, sgl_tls **out, sgl_err *err)
{
	SGL_AUTO(sgl_tls)
	tls = sgl_mem_zeroed(1, sizeof *tls);

	if (tls == NULL)
		return sgl_oom(err, ROOM);
	if (chain.len > SGL_TLS_FILE_MAX || key.len > SGL_TLS_FILE_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too long for a certificate or a key"));
	TRY(start(tls, chain, key, err));
	*out = SGL_TAKE(&tls);
	return SGL_OK;
}

static sgl_time
end_of(const X509 *cert)
{
	struct tm t = {0};

	return ASN1_TIME_to_tm(X509_get0_notAfter(cert), &t) == 1
	    ? (sgl_time)timegm(&t)
	    : 0;
}

sgl_time
sgl_tls_until(const sgl_tls *tls)
{
	sgl_time until = end_of(SSL_CTX_get0_certificate(tls->ctx));
	STACK_OF(X509) *chain = NULL;

	(void)SSL_CTX_get0_chain_certs(tls->ctx, &chain);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		sgl_time end = end_of(sk_X509_value(chain, i));
		if (end < until)
			until = end;
	}
	return until;
}

struct bufferevent *
sgl_tls_accept(sgl_tls *tls, struct event_base *base)
{
	SSL *ssl = SSL_new(tls->ctx);
	struct bufferevent *b;

	if (ssl == NULL)
		return NULL;
	b = bufferevent_openssl_socket_new(
	    base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (b == NULL)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(b, 1);
	return b;
}

sgl_status
sgl_tls_client(struct bufferevent *b, sgl_buf *out, sgl_err *err)
{
	const SSL *ssl = bufferevent_openssl_get_ssl(b);
	X509 *cert = ssl == NULL ? NULL : SSL_get1_peer_certificate(ssl);
	unsigned char *der = NULL;
	sgl_status status = SGL_OK;
	int len;

	if (cert == NULL)
		return SGL_OK;
	len = i2d_X509(cert, &der);
	X509_free(cert);
	if (len <= 0)
		return fail(err, SGL_E_NOMEM, "out of memory");
	status = sgl_buf_add(out, sgl_slice_of(der, (size_t)len), err);
	OPENSSL_free(der);
	return status;
}

bool
sgl_tls_is(struct bufferevent *b)
{
	return bufferevent_openssl_get_ssl(b) != NULL;
}
