/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading CMS (RFC 5652, RFC 5083) as it arrives: a sink for one ContentInfo,
 * DER or BER, in pieces of any size. The content goes on to a sink that is
 * asked for when it begins; 2 GB cost no more memory than 2 kB.
 *
 * What the content sink gets is unjudged. It is finished when the content was
 * whole and its padding or tag right; the signatures are in the report.
 */
#ifndef SGL_CMS_READER_H
#define SGL_CMS_READER_H

#include "cms/asker.h"
#include "cms/report.h"

typedef struct sgl_cms_reader sgl_cms_reader;

typedef struct sgl_cms_read_options {
	const sgl_keyring *keys;      /* NULL: none */
	const sgl_key_finder *finder; /* NULL: none */
	sgl_slice password;    /* for PasswordRecipientInfo; NULL: none */
	sgl_slice kek, kek_id; /* for KEKRecipientInfo; NULL: none */
	/* Counts rounds of key derivation, so that several recipients and
	 * layers together stay within limits.kdf_iterations; NULL: only those
	 * of this layer are. */
	uint64_t *kdf_rounds;
	sgl_spooler spooler;
	sgl_asker *asker;
	/* Digests of content that came apart from the signature (detached);
	 * NULL: the content is inside. */
	sgl_digests *detached;
	/* The reader of the encryption that this lies in, however deep, or
	 * NULL: what fails here when a key answers is for it to tell. */
	struct sgl_cms_reader *around;
	/*
	 * on_content is called once where content begins, with what is known
	 * of the layer by then; *sink is borrowed, NULL drops the content. It
	 * is not called for a layer that cannot be opened (is_locked) or has
	 * no content inside.
	 */
	sgl_status (*on_content)(void *ctx, const sgl_cms_report *so_far,
	    sgl_sink **sink, sgl_err *err);
	/* on_end is called when the whole of it has been read. */
	sgl_status (*on_end)(
	    void *ctx, const sgl_cms_report *report, sgl_err *err);
	void *ctx;
} sgl_cms_read_options;

/* sgl_cms_reader_new copies `options`; what they point to is borrowed. */
SGL_MUST sgl_status sgl_cms_reader_new(sgl_engine *engine,
    const sgl_cms_read_options *options, sgl_cms_reader **out, sgl_err *err);
/*
 * The sink to feed. SGL_E_ENCODING (err->offset in this ContentInfo),
 * SGL_E_LIMIT, SGL_E_UNSUPPORTED, SGL_E_PASSWORD, SGL_E_DECRYPT, SGL_E_NOMEM.
 * While a question to a key is open it keeps what it is given.
 */
sgl_sink *sgl_cms_reader_sink(sgl_cms_reader *r);
/* sgl_cms_reader_report borrows what was found; whole after on_end. */
sgl_cms_report *sgl_cms_reader_report(sgl_cms_reader *r);
void sgl_cms_reader_free(sgl_cms_reader *r);
SGL_AUTO_TYPE(sgl_cms_reader, sgl_cms_reader_free)

#endif
