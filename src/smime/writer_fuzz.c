/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what is to be protected: whole, and cut in two at a place that
 * the input chooses. The outcome must be the same, byte for byte where nothing
 * is random, and what was written must be readable.
 */
#include <stdlib.h>

#include "base/base64.h"
#include "cms/reader.h"
#include "pki/build.h"
#include "sigill/smime.h"

#define MAX_OUT ((size_t)1 << 24)
#define ROUNDS 6 /* clear, opaque, encrypted, and with header fields */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct world {
	sgl_engine *engine;
	sgl_key *key;
	sgl_cert *cert;
} world;

static const uint8_t the_kek[16] = {1, 2, 3};

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
make_world(world *w)
{
	const sgl_rdn rdn = {.type = SGL_OID_AT_CN, .value = SGL_LIT("alice")};
	sgl_cert_template t = {.serial = SGL_LIT("\x01"),
	    .not_before = 1735689600,
	    .not_after = 2051222400,
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE};
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(1024);

	must(sgl_engine_new(NULL, &w->engine, NULL) == SGL_OK);
	must(sgl_key_generate(w->engine, SGL_KEY_ED25519, 0, &w->key, NULL) ==
	    SGL_OK);
	must(sgl_name_build(&rdn, 1, &name, NULL) == SGL_OK);
	t.issuer = t.subject = sgl_buf_slice(&name);
	t.spki = sgl_key_get_spki(w->key);
	must(sgl_cert_build(w->engine, &t, w->key, SGL_DIGEST_NONE, &w->cert,
		 NULL) == SGL_OK);
}

/* --- writing --- */

typedef struct result {
	sgl_status status;
	uint64_t offset;
	sgl_buf out;
} result;

static sgl_status
push(sgl_writer *w, sgl_slice in, size_t cut, sgl_err *err)
{
	size_t taken;

	TRY(sgl_writer_push(w, sgl_slice_first(in, cut), &taken, err));
	return sgl_writer_push(w, sgl_slice_from(in, cut), &taken, err);
}

static sgl_status
feed(sgl_writer *w, sgl_slice in, size_t cut, sgl_err *err)
{
	if (sgl_writer_needs_survey(w)) {
		TRY(push(w, in, cut, err));
		TRY(sgl_writer_survey_done(w, err));
	}
	TRY(push(w, in, cut, err));
	return sgl_writer_finish(w, err);
}

static void
write_in_two(const world *w, const sgl_protect_options *options, sgl_slice in,
    size_t cut, result *r)
{
	sgl_writer *writer = NULL;
	sgl_err err = {.offset = 0};
	sgl_bufsink sink;

	r->out = sgl_buf_init(MAX_OUT);
	sgl_bufsink_init(&sink, &r->out);
	must(sgl_writer_new(w->engine, options, &sink.sink, &writer, &err) ==
	    SGL_OK);
	r->status = feed(writer, in, cut, &err);
	r->offset = r->status == SGL_OK ? 0 : err.offset;
	sgl_writer_free(writer);
	must(sink.finished == (r->status == SGL_OK));
	must(sink.aborted != sink.finished);
}

/* --- reading what was written --- */

typedef struct readback {
	sgl_bufsink sink;
	sgl_buf content;
} readback;

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	(void)so_far;
	(void)err;
	*sink = &((readback *)ctx)->sink.sink;
	return SGL_OK;
}

static sgl_status
on_end(void *ctx, const sgl_cms_report *report, sgl_err *err)
{
	(void)ctx;
	(void)report;
	(void)err;
	return SGL_OK;
}

static sgl_status
make_spool(void *ctx, sgl_spool **out, sgl_err *err)
{
	(void)ctx;
	return sgl_memspool_new(MAX_OUT, out, err);
}

/* The CMS object behind the header section. */
static void
decode(const sgl_buf *message, sgl_buf *der)
{
	const uint8_t *end = memmem(
	    message->data, message->len, "filename=\"smime.p7m\"\r\n\r\n", 24);

	must(end != NULL);
	must(sgl_base64_decode(sgl_slice_from(sgl_buf_slice(message),
				   (size_t)(end - message->data) + 24),
		 der, NULL) == SGL_OK);
}

static void
read_back(const world *w, const sgl_buf *message, readback *r)
{
	sgl_asker asker = {.is_open = false};
	sgl_cms_read_options options = {.kek = {the_kek, sizeof the_kek},
	    .kek_id = SGL_LIT("kek"),
	    .spooler = {make_spool, NULL},
	    .asker = &asker,
	    .on_content = on_content,
	    .on_end = on_end,
	    .ctx = r};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_cms_reader)
	reader = NULL;
	sgl_sink *sink;

	r->content = sgl_buf_init(MAX_OUT);
	sgl_bufsink_init(&r->sink, &r->content);
	decode(message, &der);
	must(sgl_cms_reader_new(w->engine, &options, &reader, NULL) == SGL_OK);
	sink = sgl_cms_reader_sink(reader);
	must(sgl_sink_write(sink, sgl_buf_slice(&der), NULL) == SGL_OK);
	must(sgl_sink_finish(sink, NULL) == SGL_OK);
	must(r->sink.finished);
}

static void
compare(const world *w, const result *a, const result *b, bool is_clear)
{
	readback ra, rb;

	must(a->status == b->status && a->offset == b->offset);
	/* A clear signature has a boundary made of random bytes. */
	if (a->status != SGL_OK || is_clear)
		return;
	read_back(w, &a->out, &ra);
	read_back(w, &b->out, &rb);
	must(sgl_slice_eq(
	    sgl_buf_slice(&ra.content), sgl_buf_slice(&rb.content)));
	sgl_buf_clear(&ra.content);
	sgl_buf_clear(&rb.content);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static world w;
	sgl_sign_with signer;
	result whole, parts;

	if (w.engine == NULL)
		make_world(&w);
	if (size < 2)
		return 0;
	signer = (sgl_sign_with){.cert = w.cert, .key = w.key};
	for (unsigned i = 0; i < ROUNDS; i++) {
		sgl_protect_options options = {
		    .what = i % 3 == 2 ? SGL_PROTECT_ENCRYPT : SGL_PROTECT_SIGN,
		    .protect_headers = i >= 3,
		    .opaque = i % 3 == 1,
		    .signers = &signer,
		    .num_signers = 1,
		    .cipher = "aes-256-gcm",
		    .kek = {the_kek, sizeof the_kek},
		    .kek_id = SGL_LIT("kek")};
		sgl_slice in = {data + 2, size - 2};
		size_t cut = ((size_t)data[0] << 8 | data[1]) % (size - 1);

		write_in_two(&w, &options, in, 0, &whole);
		write_in_two(&w, &options, in, cut, &parts);
		compare(&w, &whole, &parts, i % 3 == 0);
		must(i % 3 != 1 ||
		    sgl_slice_eq(
			sgl_buf_slice(&whole.out), sgl_buf_slice(&parts.out)));
		sgl_buf_clear(&whole.out);
		sgl_buf_clear(&parts.out);
	}
	return 0;
}
