/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/write.h"
#include "smime/seal.h"

#define ROOM "smime.seal"
#define MAX_HEAD 4096

struct sgl_seal {
	sgl_sink sink; /* of a multipart/signed: digests and passes on */
	sgl_sink tail; /* and behind its base64: the last delimiter */
	bool is_clear;
	sgl_signed_writer *signer;
	sgl_enveloped_writer *enveloper;
	sgl_encode_stage *encode;
	sgl_sink *next; /* borrowed */
	char boundary[SGL_MIME_BOUNDARY];
	sgl_buf head;
};

static sgl_seal *
seal_of_tail(sgl_sink *tail)
{
	return (sgl_seal *)(void *)((char *)tail - offsetof(sgl_seal, tail));
}

/* --- multipart/signed, @req rfc1847-2.1 --- */

static sgl_status
clear_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_seal *s = (sgl_seal *)sink;

	TRY(sgl_sink_write(sgl_signed_writer_sink(s->signer), in, err));
	return sgl_sink_write(s->next, in, err);
}

/* The line end in front of a delimiter belongs to it and is not signed. */
static sgl_status
write_middle(sgl_seal *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) middle = sgl_buf_init(MAX_HEAD);

	TRY(sgl_buf_printf(&middle, err,
	    "\r\n--%s\r\n"
	    "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n"
	    "\r\n",
	    s->boundary));
	return sgl_sink_write(s->next, sgl_buf_slice(&middle), err);
}

static sgl_status
clear_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_seal *s = (sgl_seal *)sink;
	sgl_status status = write_middle(s, err);

	if (status == SGL_OK)
		return sgl_sink_finish(sgl_signed_writer_sink(s->signer), err);
	sgl_sink_abort(s->next);
	return status;
}

static void
clear_abort(sgl_sink *sink)
{
	sgl_sink_abort(sgl_signed_writer_sink(((sgl_seal *)sink)->signer));
}

static const sgl_sink_ops clear_ops = {clear_write, clear_finish, clear_abort};

static sgl_status
tail_write(sgl_sink *tail, sgl_slice in, sgl_err *err)
{
	return sgl_sink_write(seal_of_tail(tail)->next, in, err);
}

static sgl_status
tail_finish(sgl_sink *tail, sgl_err *err)
{
	sgl_seal *s = seal_of_tail(tail);
	SGL_AUTO_CLEAR(sgl_buf) end = sgl_buf_init(MAX_HEAD);
	sgl_status status;

	status = sgl_buf_printf(&end, err, "\r\n--%s--\r\n", s->boundary);
	if (status == SGL_OK)
		status = sgl_sink_write(s->next, sgl_buf_slice(&end), err);
	if (status == SGL_OK)
		return sgl_sink_finish(s->next, err);
	sgl_sink_abort(s->next);
	return status;
}

static void
tail_abort(sgl_sink *tail)
{
	sgl_sink_abort(seal_of_tail(tail)->next);
}

static const sgl_sink_ops tail_ops = {tail_write, tail_finish, tail_abort};

/* --- heads --- */

static const char *
micalg_name(sgl_digest_alg alg)
{
	switch (alg) {
	case SGL_DIGEST_SHA224:
		return "sha-224";
	case SGL_DIGEST_SHA384:
		return "sha-384";
	case SGL_DIGEST_SHA512:
		return "sha-512";
	case SGL_DIGEST_NONE:
	case SGL_DIGEST_MD5:
	case SGL_DIGEST_SHA1:
	case SGL_DIGEST_SHA256:
		break;
	}
	return "sha-256";
}

/* @req rfc8551-3.5.3.2: names without doubles, parted by commas. */
static sgl_status
add_micalg(sgl_buf *b, sgl_digest_mask mask, sgl_err *err)
{
	const char *before = "micalg=";
	bool several = (mask & (mask - 1)) != 0;

	for (unsigned i = 0; i <= SGL_DIGEST_SHA512; i++) {
		if ((mask & SGL_DIGEST_BIT(i)) == 0)
			continue;
		TRY(sgl_buf_printf(b, err, "%s%s%s", before,
		    several && before[0] == 'm' ? "\"" : "",
		    micalg_name((sgl_digest_alg)i)));
		before = ",";
	}
	return several ? sgl_buf_add(b, SGL_LIT("\""), err) : SGL_OK;
}

static sgl_status
make_clear_head(sgl_seal *s, sgl_err *err)
{
	TRY(sgl_buf_add_str(&s->head,
	    "Content-Type: multipart/signed;"
	    " protocol=\"application/pkcs7-signature\";\r\n\t",
	    err));
	TRY(add_micalg(&s->head, sgl_signed_writer_digests(s->signer), err));
	return sgl_buf_printf(&s->head, err,
	    ";\r\n\tboundary=\"%s\"\r\n"
	    "\r\n"
	    "This is a cryptographically signed message in MIME format.\r\n"
	    "\r\n"
	    "--%s\r\n",
	    s->boundary, s->boundary);
}

/* @req rfc8551-3.2.2 */
static sgl_status
make_opaque_head(sgl_seal *s, const char *smime_type, sgl_err *err)
{
	return sgl_buf_printf(&s->head, err,
	    "Content-Type: application/pkcs7-mime; smime-type=%s;\r\n"
	    "\tname=\"smime.p7m\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n"
	    "\r\n",
	    smime_type);
}

/* --- birth and death --- */

static sgl_status
seal_new(sgl_sink *next, bool is_clear, sgl_seal **out, sgl_err *err)
{
	SGL_AUTO(sgl_seal)
	s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &clear_ops;
	s->tail.ops = &tail_ops;
	s->is_clear = is_clear;
	s->next = next;
	s->head = sgl_buf_init(MAX_HEAD);
	TRY(sgl_encode_stage_new(
	    SGL_CTE_BASE64, is_clear ? &s->tail : next, &s->encode, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

static sgl_status
choose_boundary(sgl_seal *s, sgl_engine *engine, sgl_err *err)
{
	uint8_t bytes[24];

	TRY(sgl_random(engine, bytes, sizeof bytes, err));
	sgl_mime_boundary(sgl_slice_of(bytes, sizeof bytes), s->boundary);
	return SGL_OK;
}

sgl_status
sgl_seal_new_signed(sgl_engine *engine, const sgl_signed_options *options,
    sgl_asker *asker, sgl_sink *next, sgl_seal **out, sgl_err *err)
{
	SGL_AUTO(sgl_seal)
	s = NULL;

	TRY(seal_new(next, options->detached, &s, err));
	TRY(sgl_signed_writer_new(engine, options, asker,
	    sgl_encode_stage_sink(s->encode), &s->signer, err));
	if (s->is_clear) {
		TRY(choose_boundary(s, engine, err));
		TRY(make_clear_head(s, err));
	} else {
		TRY(make_opaque_head(s, "signed-data", err));
	}
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_status
sgl_seal_new_enveloped(sgl_engine *engine, const sgl_enveloped_options *options,
    sgl_sink *next, sgl_seal **out, sgl_err *err)
{
	bool is_aead = sgl_cipher_is_aead(options->cipher);
	SGL_AUTO(sgl_seal)
	s = NULL;

	TRY(seal_new(next, false, &s, err));
	TRY(sgl_enveloped_writer_new(engine, options,
	    sgl_encode_stage_sink(s->encode), &s->enveloper, err));
	TRY(make_opaque_head(
	    s, is_aead ? "authEnveloped-data" : "enveloped-data", err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_slice
sgl_seal_head(const sgl_seal *s)
{
	return sgl_buf_slice(&s->head);
}

sgl_sink *
sgl_seal_sink(sgl_seal *s)
{
	if (s->is_clear)
		return &s->sink;
	return s->signer != NULL ? sgl_signed_writer_sink(s->signer)
				 : sgl_enveloped_writer_sink(s->enveloper);
}

void
sgl_seal_free(sgl_seal *s)
{
	if (s == NULL)
		return;
	sgl_signed_writer_free(s->signer);
	sgl_enveloped_writer_free(s->enveloper);
	sgl_encode_stage_free(s->encode);
	sgl_buf_clear(&s->head);
	sgl_mem_free(s);
}
