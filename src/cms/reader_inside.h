/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the reader share: reader.c (the schema), read_signed.c,
 * read_enveloped.c, recipient_read.c. */
#ifndef SGL_CMS_READER_INSIDE_H
#define SGL_CMS_READER_INSIDE_H

#include "asn1/ber.h"
#include "base/limits.h"
#include "cms/reader.h"

/* One text for a key that does not open, a wrong padding, and nonsense behind
 * it: which it was is nobody's business. */
static inline sgl_status
sgl_not_decrypted(sgl_err *err)
{
	return sgl_fail(err, SGL_E_DECRYPT, "cms", SGL_NO_OFFSET,
	    "the message cannot be decrypted, or what is inside is damaged");
}

typedef enum sgl_how {
	SGL_BY_KEY_TRANSPORT,
	SGL_BY_KEY_AGREEMENT,
	SGL_BY_PASSWORD,
	SGL_BY_KEK
} sgl_how;

/* A RecipientInfo that one of our keys fits; its slices point into `store`. */
typedef struct sgl_candidate {
	sgl_how how;
	sgl_buf store;
	sgl_key *key;	      /* a reference, or NULL */
	sgl_slice algorithm;  /* keyEncryptionAlgorithm, whole */
	sgl_slice derivation; /* PWRI: keyDerivationAlgorithm, contents */
	sgl_slice encrypted_key;
	sgl_slice originator;	  /* KARI: the ephemeral public value */
	sgl_slice originator_alg; /* KARI: its AlgorithmIdentifier, whole */
	sgl_slice ukm;
	bool has_ukm;
} sgl_candidate;
#define SGL_CANDIDATES_MAX 16

/* RecipientInfos that are read together, so that the finder is asked seldom;
 * and, while they are, what it found for their names, in their order. */
typedef struct sgl_waiting_recipients {
	sgl_buf bytes; /* one behind the other */
	size_t ends[SGL_FIND_AT_ONCE], num;
	sgl_key **found; /* references */
	size_t num_found, at_found;
} sgl_waiting_recipients;

struct sgl_cms_reader {
	sgl_sink sink;
	sgl_engine *engine;
	sgl_cms_read_options options;
	sgl_cms_report report;
	sgl_ber *ber;
	int state;
	sgl_sink *content; /* borrowed; NULL: dropped */
	bool content_ended;
	/* What is inside did not please its reader: kept until the tag or the
	 * padding was looked at. */
	sgl_status content_failed;
	sgl_err content_err;

	/* signed */
	size_t sets_len; /* certificates, CRLs and signers so far */

	/* enveloped */
	uint8_t (*key_ids)[20]; /* of the keys on the ring, once needed */
	sgl_waiting_recipients unread; /* where there is a finder */
	sgl_candidate candidates[SGL_CANDIDATES_MAX];
	size_t num_candidates, at_candidate;
	uint64_t kdf_rounds;
	sgl_secret cek;
	sgl_cipher *cipher;
	uint8_t *out;	 /* a block of plaintext */
	size_t out_used; /* how far it was written to */
	sgl_buf auth_attrs;
	sgl_spool *spool; /* ciphertext, for a tag that needs a second pass */
	bool spool_full;
	bool has_mac;

	/* a question is open */
	bool is_paused, finish_waits;
	sgl_buf waiting;
};

sgl_status
sgl_read_digest_algs(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
sgl_status sgl_read_signed_start(sgl_cms_reader *r, sgl_err *err);
sgl_status
sgl_read_signed_bytes(sgl_cms_reader *r, sgl_slice piece, sgl_err *err);
sgl_status
sgl_read_certificate(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
sgl_status sgl_read_crl(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
sgl_status sgl_read_signer(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
sgl_status sgl_read_signed_end(sgl_cms_reader *r, sgl_err *err);

sgl_status sgl_read_recipient(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
/* What is still to be done when all of them have come. */
sgl_status sgl_read_recipients_end(sgl_cms_reader *r, sgl_err *err);
void sgl_waiting_recipients_clear(sgl_waiting_recipients *w);
/* contentEncryptionAlgorithm: opens the content key. May be SGL_NEED_KEY. */
sgl_status
sgl_read_content_alg(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
sgl_status sgl_read_enveloped_start(sgl_cms_reader *r, sgl_err *err);
sgl_status
sgl_read_enveloped_bytes(sgl_cms_reader *r, sgl_slice piece, sgl_err *err);
sgl_status sgl_read_enveloped_content_end(sgl_cms_reader *r, sgl_err *err);
sgl_status
sgl_read_auth_attrs(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);
sgl_status sgl_read_mac(sgl_cms_reader *r, sgl_slice whole, sgl_err *err);

/* recipient_open.c: gets the content key out of the candidates, from
 * at_candidate on. SGL_NEED_KEY: the reader pauses. */
sgl_status sgl_open_candidates(sgl_cms_reader *r, sgl_err *err);
/* Resumes the reader once the content key is there, or will never be. */
sgl_status
sgl_cms_reader_go_on(sgl_cms_reader *r, sgl_status status, sgl_err *err);
/* What is inside `r` (or NULL) failed, and not while r wrote to it. SGL_OK:
 * r will tell, once it has looked at tag or padding. */
sgl_status
sgl_content_failed_inside(sgl_cms_reader *r, sgl_status status, sgl_err *err);
/* The content sink: from on_content; finished once. */
sgl_status sgl_content_start(sgl_cms_reader *r, sgl_err *err);
sgl_status sgl_content_end(sgl_cms_reader *r, sgl_err *err);

#endif
