/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a SCEP transaction: what was read, and what is being made. */
#ifndef SGL_CA_SCEP_INSIDE_H
#define SGL_CA_SCEP_INSIDE_H

#include "ca/scep.h"
#include "cms/reader.h"

#define SGL_SCEP_TEXT 256  /* a transactionID */
#define SGL_SCEP_NONCE 16  /* ours (RFC 8894 3.2.1.5) */
#define SGL_SCEP_NONCES 64 /* theirs, at most */

struct sgl_scep {
	sgl_engine *engine;
	const sgl_scep_door *door;
	sgl_asker asker;
	sgl_scep_wish wish;

	/* The outer message. */
	sgl_cert *client; /* who signed */
	uint8_t transaction[SGL_SCEP_TEXT], nonce[SGL_SCEP_NONCES];
	size_t transaction_len, nonce_len;

	/* What was encrypted to us. */
	sgl_keyring ring;
	sgl_cms_reader *inner;
	sgl_bufsink inner_sink;
	sgl_buf enveloped, opened;
	sgl_csr *csr;

	/* The answer. */
	sgl_signed_writer *writer;
	sgl_signer signer;
	sgl_buf attributes, answer;
	sgl_bufsink answer_sink;
	sgl_signed_options options;
	bool is_answering;
};

/* sgl_scep_refuse settles what will be answered. */
void sgl_scep_refuse(sgl_scep *s, sgl_scep_fail fail);
/* sgl_scep_open begins to decrypt, sgl_scep_opened reads what came out. */
SGL_MUST sgl_status sgl_scep_open(sgl_scep *s, sgl_err *err);
SGL_MUST sgl_status sgl_scep_opened(
    sgl_scep *s, sgl_status status, sgl_err *err);
/* sgl_scep_read_outer reads the SignedData and checks its signature. */
SGL_MUST sgl_status sgl_scep_read_outer(
    sgl_scep *s, sgl_slice message, sgl_err *err);

#endif
