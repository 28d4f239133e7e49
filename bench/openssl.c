/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's own CMS and S/MIME calls, as its command line uses them. */
#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>

#include "bench.h"

#define SIGN_FLAGS (CMS_DETACHED | CMS_STREAM | CMS_CRLFEOL)
#define ENCRYPT_FLAGS (CMS_STREAM)

/* A BIO that copies to where sigill's sink copies to. */
static int
out_write(BIO *bio, const char *data, size_t len, size_t *written)
{
	bench_out *out = BIO_get_data(bio);

	if (len > out->cap - out->len)
		bench_die("output is longer than expected");
	memcpy(out->data + out->len, data, len);
	out->len += len;
	*written = len;
	return 1;
}

static int
out_puts(BIO *bio, const char *text)
{
	size_t written;

	out_write(bio, text, strlen(text), &written);
	return (int)written;
}

static long
out_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	(void)bio;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH || cmd == BIO_CTRL_DUP;
}

static BIO *
out_bio(const BIO_METHOD *method, bench_out *out)
{
	BIO *bio = BIO_new(method);

	if (bio == NULL)
		bench_die("BIO");
	BIO_set_data(bio, out);
	BIO_set_init(bio, 1);
	bench_out_reset(out);
	return bio;
}

static BIO *
in_bio(sgl_slice in)
{
	BIO *bio = BIO_new_mem_buf(in.data, (int)in.len);

	if (bio == NULL)
		bench_die("BIO");
	return bio;
}

typedef struct state {
	BIO_METHOD *method;
	X509_STORE *store;
	STACK_OF(X509) * intermediates;
} state;

static void *
open_state(bench_work *w)
{
	state *s = bench_alloc(sizeof *s);

	s->method =
	    BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bench");
	s->store = X509_STORE_new();
	s->intermediates = sk_X509_new_null();
	if (s->method == NULL || s->store == NULL || s->intermediates == NULL ||
	    BIO_meth_set_write_ex(s->method, out_write) != 1 ||
	    BIO_meth_set_puts(s->method, out_puts) != 1 ||
	    BIO_meth_set_ctrl(s->method, out_ctrl) != 1 ||
	    X509_STORE_add_cert(s->store, w->kind->root.x509) != 1 ||
	    sk_X509_push(s->intermediates, w->kind->intermediate.x509) <= 0)
		bench_die("OpenSSL's objects");
	return s;
}

static void
close_state(void *state_)
{
	state *s = state_;

	BIO_meth_free(s->method);
	X509_STORE_free(s->store);
	sk_X509_free(s->intermediates);
	free(s);
}

static void
sign_one(bench_work *w, state *s)
{
	BIO *in = in_bio(w->content), *out = out_bio(s->method, &w->out);
	CMS_ContentInfo *cms = CMS_sign(w->kind->leaf.x509, w->kind->leaf.pkey,
	    s->intermediates, in, SIGN_FLAGS);

	if (cms == NULL || SMIME_write_CMS(out, cms, in, SIGN_FLAGS) != 1)
		bench_die("CMS_sign");
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	BIO_free(in);
}

static void
encrypt_one(bench_work *w, state *s)
{
	BIO *in = in_bio(w->content), *out = out_bio(s->method, &w->out);
	const EVP_CIPHER *cipher =
	    w->c->gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
	CMS_ContentInfo *cms =
	    CMS_encrypt(w->kind->x509s, in, cipher, ENCRYPT_FLAGS | CMS_BINARY);

	if (cms == NULL || SMIME_write_CMS(out, cms, in, ENCRYPT_FLAGS) != 1)
		bench_die("CMS_encrypt");
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	BIO_free(in);
}

static void
verify_bytes(bench_work *w, state *s, sgl_slice message)
{
	BIO *in = in_bio(message), *content = NULL;
	BIO *out = out_bio(s->method, &w->out);
	CMS_ContentInfo *cms = SMIME_read_CMS(in, &content);

	if (cms == NULL ||
	    CMS_verify(cms, NULL, s->store, content, out, 0) != 1)
		bench_die("CMS_verify");
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	BIO_free(out);
	BIO_free(in);
}

static void
decrypt_bytes(bench_work *w, state *s, sgl_slice message)
{
	BIO *in = in_bio(message), *out = out_bio(s->method, &w->out);
	CMS_ContentInfo *cms = SMIME_read_CMS(in, NULL);

	if (cms == NULL ||
	    CMS_decrypt(cms, w->kind->leaf.pkey, w->kind->leaf.x509, NULL, out,
		CMS_BINARY) != 1)
		bench_die("CMS_decrypt");
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	BIO_free(in);
}

static void
run(bench_work *w, void *state_)
{
	state *s = state_;

	switch (w->c->what) {
	case BENCH_SIGN:
		sign_one(w, s);
		return;
	case BENCH_VERIFY:
		verify_bytes(w, s, w->message);
		return;
	case BENCH_ENCRYPT:
		encrypt_one(w, s);
		return;
	case BENCH_DECRYPT:
		decrypt_bytes(w, s, w->message);
		return;
	}
}

const bench_contender bench_openssl = {"openssl", open_state, run, close_state};

/* As mail comes: with header fields in front and CRLF everywhere. */
static sgl_slice
as_mail(const bench_out *out)
{
	static const char head[] = "From: alice@example.org\r\n"
				   "To: bob@example.org\r\n"
				   "Subject: benchmark\r\n";
	uint8_t *mail = bench_alloc(sizeof head + 2 * out->len);
	size_t len = sizeof head - 1;

	memcpy(mail, head, len);
	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] == '\n' &&
		    (i == 0 || out->data[i - 1] != '\r'))
			mail[len++] = '\r';
		mail[len++] = out->data[i];
	}
	return (sgl_slice){mail, len};
}

sgl_slice
bench_message(bench_work *w)
{
	state *s = open_state(w);
	sgl_slice mail;

	if (w->c->what == BENCH_VERIFY)
		sign_one(w, s);
	else
		encrypt_one(w, s);
	mail = as_mail(&w->out);
	close_state(s);
	return mail;
}

void
bench_read_back(bench_work *w, sgl_slice message)
{
	state *s = open_state(w);
	uint8_t *copy = bench_alloc(message.len);

	memcpy(copy, message.data, message.len);
	message.data = copy;
	if (w->c->what == BENCH_SIGN)
		verify_bytes(w, s, message);
	else
		decrypt_bytes(w, s, message);
	if (w->out.len != w->content.len ||
	    memcmp(w->out.data, w->content.data, w->out.len) != 0)
		bench_die("the content is not what was written");
	free(copy);
	close_state(s);
}
