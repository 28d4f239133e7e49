/* SPDX-License-Identifier: Apache-2.0 */
/* EnvelopedData (RFC 5652 6) and AuthEnvelopedData (RFC 5083). */
#include "cms/frame.h"
#include "cms/write_parts.h"

#define ROOM "cms.enveloped"
#define MAX_FRONT ((size_t)256 << 20)
#define MAX_KEY 32
#define TAG 16
#define BLOCK 16 /* of every CBC cipher we write with */

struct sgl_enveloped_writer {
	sgl_sink sink;
	sgl_frame frame;
	sgl_cipher *cipher;
	bool is_aead;
	uint64_t total; /* content bytes */
};

/* Bytes that the cipher holds until its block is full. */
static size_t
pending(const sgl_enveloped_writer *w)
{
	return w->is_aead ? 0 : (size_t)(w->total % BLOCK);
}

/* Ciphers from the caller's block right into the segment: as many bytes as
 * make it full, so that where the input is cut does not matter. */
static sgl_status
encrypt_some(sgl_enveloped_writer *w, sgl_slice in, size_t *taken, sgl_err *err)
{
	size_t room, got = 0;

	if (sgl_frame_room(&w->frame) == 0)
		TRY(sgl_frame_flush(&w->frame, sgl_slice_of(NULL, 0), err));
	room = sgl_frame_room(&w->frame) - pending(w);
	if (in.len > room)
		in.len = room;
	TRY(sgl_cipher_update(
	    w->cipher, in, sgl_frame_at(&w->frame), &got, err));
	w->frame.fill += got;
	w->total += in.len;
	*taken = in.len;
	return SGL_OK;
}

static sgl_status
write_content(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_enveloped_writer *w = (sgl_enveloped_writer *)sink;
	size_t taken = 0;

	if (!w->frame.streams && in.len > SGL_CMS_DER_MAX - w->total)
		TRY(sgl_frame_stream(&w->frame, err));
	while (in.len > 0) {
		TRY(encrypt_some(w, in, &taken, err));
		in = sgl_slice_from(in, taken);
	}
	return SGL_OK;
}

/* The last block, which may lie behind a full segment if that is all DER. */
static sgl_status
end_cbc(sgl_enveloped_writer *w, sgl_err *err)
{
	size_t got = 0;

	if (w->frame.streams && sgl_frame_room(&w->frame) == 0)
		TRY(sgl_frame_flush(&w->frame, sgl_slice_of(NULL, 0), err));
	TRY(sgl_cipher_finish(w->cipher, sgl_frame_at(&w->frame), &got, err));
	w->frame.fill += got;
	return sgl_frame_finish(&w->frame, sgl_slice_of(NULL, 0), err);
}

static sgl_status
end_aead(sgl_enveloped_writer *w, sgl_err *err)
{
	uint8_t mac[2 + TAG] = {0x04, TAG}; /* OCTET STRING */

	TRY(sgl_cipher_tag(w->cipher, mac + 2, err));
	return sgl_frame_finish(&w->frame, sgl_slice_of(mac, sizeof mac), err);
}

static sgl_status
finish(sgl_sink *sink, sgl_err *err)
{
	sgl_enveloped_writer *w = (sgl_enveloped_writer *)sink;
	sgl_status status = w->is_aead ? end_aead(w, err) : end_cbc(w, err);

	if (status != SGL_OK)
		sgl_sink_abort(w->frame.out);
	return status;
}

static void
abort_content(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_enveloped_writer *)sink)->frame.out);
}

static const sgl_sink_ops ops = {write_content, finish, abort_content};

static sgl_status
fill_head(sgl_enveloped_writer *w, const sgl_enveloped_options *options,
    const sgl_content_alg *alg, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(&w->frame.head);

	sgl_derb_oid(&b, sgl_oid_der(sgl_content_type(options->content_type)));
	sgl_content_alg_add(&b, alg);
	return sgl_derb_end(&b, err);
}

/* A fresh key and IV; the key is gone when everybody has got it. */
static sgl_status
start(sgl_enveloped_writer *w, sgl_engine *engine,
    const sgl_enveloped_options *options, uint8_t *key, sgl_err *err)
{
	sgl_content_alg alg = {.cipher = options->cipher,
	    .iv_len = sgl_cipher_iv_len(options->cipher)};
	sgl_slice cek = {key, sgl_cipher_key_len(options->cipher)};
	sgl_cipher_params params = {.alg = options->cipher,
	    .encrypt = true,
	    .key = cek,
	    .iv = {alg.iv, alg.iv_len}};

	TRY(sgl_random(engine, key, cek.len, err));
	TRY(sgl_random(engine, alg.iv, alg.iv_len, err));
	TRY(sgl_recipients_write(
	    engine, options, w->is_aead, cek, &w->frame.front, err));
	TRY(sgl_cipher_new(engine, &params, &w->cipher, err));
	return fill_head(w, options, &alg, err);
}

static sgl_status
check_cipher(sgl_cipher_alg alg, sgl_err *err)
{
	if (alg == SGL_CIPHER_NONE || sgl_cipher_is_old(alg))
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "this cipher is not for new messages", "%s",
		    sgl_cipher_name(alg));
	return SGL_OK;
}

sgl_status
sgl_enveloped_writer_new(sgl_engine *engine,
    const sgl_enveloped_options *options, sgl_sink *out,
    sgl_enveloped_writer **w, sgl_err *err)
{
	SGL_AUTO(sgl_enveloped_writer)
	made = NULL;
	uint8_t key[MAX_KEY];
	sgl_status status;

	TRY(check_cipher(options->cipher, err));
	made = sgl_mem_zeroed(1, sizeof *made);
	if (made == NULL)
		return sgl_oom(err, ROOM);
	made->sink.ops = &ops;
	made->is_aead = sgl_cipher_is_aead(options->cipher);
	TRY(sgl_frame_init(&made->frame,
	    made->is_aead ? SGL_OID_AUTH_ENVELOPED_DATA
			  : SGL_OID_ENVELOPED_DATA,
	    SGL_FRAME_IMPLICIT, MAX_FRONT, out, err));
	status = start(made, engine, options, key, err);
	sgl_mem_wipe(key, sizeof key);
	if (status == SGL_OK)
		*w = SGL_TAKE(&made);
	return status;
}

sgl_sink *
sgl_enveloped_writer_sink(sgl_enveloped_writer *w)
{
	return &w->sink;
}

void
sgl_enveloped_writer_free(sgl_enveloped_writer *w)
{
	if (w == NULL)
		return;
	sgl_cipher_free(w->cipher);
	sgl_frame_clear(&w->frame);
	sgl_mem_free(w);
}
