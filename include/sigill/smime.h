/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S/MIME messages (RFC 8551): making them, reading them, and judging what they
 * prove. All is pushed in pieces of any size and needs the memory of its
 * nesting, not of its length.
 */
#ifndef SIGILL_SMIME_H
#define SIGILL_SMIME_H

#include "sigill/cms.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- making --- */

typedef enum sgl_protect {
	SGL_PROTECT_SIGN,
	SGL_PROTECT_ENCRYPT,
	SGL_PROTECT_SIGN_ENCRYPT,
	SGL_PROTECT_TRIPLE /* sign, encrypt, sign (RFC 2634 1.1) */
} sgl_protect;

typedef struct sgl_sign_with {
	const sgl_cert *cert;  /* borrowed */
	sgl_key *key;	       /* borrowed */
	sgl_digest_alg digest; /* NONE: the default for the key */
	bool pss;
} sgl_sign_with;

typedef struct sgl_protect_options {
	sgl_protect what;
	const sgl_sign_with *signers;
	size_t num_signers;
	/* Protect the header fields too (RFC 9788): a copy of them goes inside
	 * with the content, and what is encrypted gets a placeholder for the
	 * Subject outside and loses Keywords and Comments there; main text
	 * parts then begin with these, for mail programs that show no others.
	 * Bcc and what mail servers add stay outside alone. */
	bool protect_headers;
	bool opaque;		  /* signed-data instead of multipart/signed.
				     Inside encryption it is opaque always. */
	const sgl_certs *include; /* certificates to send along; may be NULL */
	bool no_certs;		  /* send none at all */
	const sgl_cert *encryption_cert; /* the signer's own, to advertise */
	sgl_time signing_time;
	/* Both go into the innermost signature (RFC 2634): ask those who read
	 * it for a signed receipt, sent to the first address of the first
	 * signer's certificate; and a security label, "POLICY-OID",
	 * "POLICY-OID:CLASSIFICATION" or
	 * "POLICY-OID:CLASSIFICATION:PRIVACY MARK" (NULL: none). */
	bool receipt_request;
	const char *label;

	const sgl_certs *recipients;
	/* "aes-256-cbc" (also NULL), "aes-192-cbc", "aes-128-cbc",
	 * "aes-256-gcm", "aes-128-gcm", "chacha20-poly1305" */
	const char *cipher;
	bool oaep, use_ski;
	sgl_slice password;    /* a PasswordRecipientInfo; data NULL: none */
	sgl_slice kek, kek_id; /* a KEKRecipientInfo; data NULL: none */
} sgl_protect_options;

/*
 * sgl_writer turns one message or MIME entity into a protected one. The outer
 * header fields of a message stay outside; MIME-Version and Content-* fields
 * describe what is inside. To protect the header fields takes a message that
 * has some (else SGL_E_USAGE), and that is not S/MIME already: its fields would
 * have to go where nothing can be added (SGL_E_UNSUPPORTED).
 *
 * A clear signature needs every leaf 7-bit, which takes a first look at the
 * whole: where `sgl_writer_needs_survey` says so, push the message once, call
 * sgl_writer_survey_done, then push it again. A part that is signed already
 * and is not 7-bit cannot be clear-signed: SGL_E_UNSUPPORTED (sign opaque).
 */
typedef struct sgl_writer sgl_writer;
/* `options`, all it points to, and `out` are borrowed until sgl_writer_free.
 * SGL_E_USAGE, SGL_E_MISMATCH (key and certificate), SGL_E_UNSUPPORTED (a
 * recipient's key). err->detail names the certificate, or what of the label
 * is wrong. */
SGL_API SGL_MUST sgl_status sgl_writer_new(sgl_engine *engine,
    const sgl_protect_options *options, sgl_sink *out, sgl_writer **w,
    sgl_err *err);
SGL_API bool sgl_writer_needs_survey(const sgl_writer *w);
SGL_API SGL_MUST sgl_status sgl_writer_survey_done(sgl_writer *w, sgl_err *err);
/* sgl_writer_push takes all of `in`, or *taken bytes with SGL_NEED_KEY.
 * SGL_E_ENCODING: it is no message, or a line of its header section is no
 * field (err->offset); SGL_E_LIMIT; the sink's own. Where the input is cut
 * never changes the outcome. */
SGL_API SGL_MUST sgl_status sgl_writer_push(
    sgl_writer *w, sgl_slice in, size_t *taken, sgl_err *err);
/* sgl_writer_finish: SGL_OK, `out` was finished; SGL_NEED_KEY: answer and call
 * it again. Any failure aborts `out`. */
SGL_API SGL_MUST sgl_status sgl_writer_finish(sgl_writer *w, sgl_err *err);
/* What is asked, and of which key; NULL where nothing is. */
SGL_API const sgl_key_request *
sgl_writer_request(const sgl_writer *w, sgl_key **key);
/* sgl_writer_answer hands in the answer, or with another status than SGL_OK
 * the failure to get one. May be SGL_NEED_KEY for the next question. */
SGL_API SGL_MUST sgl_status sgl_writer_answer(sgl_writer *w, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err);
SGL_API void sgl_writer_free(sgl_writer *w);

/* ------------------------------------------------------------ reading --- */

typedef enum sgl_peel {
	SGL_PEEL_SIGNATURES, /* signatures up to the first other thing */
	SGL_PEEL_ENCRYPTION, /* signatures, and the first encryption */
	SGL_PEEL_ALL
} sgl_peel;

typedef struct sgl_read_options {
	sgl_peel peel;
	const sgl_keyring *keys; /* NULL: none */
	/* Asked for the keys of recipients that `keys` has none of; NULL:
	 * nobody is. */
	const sgl_key_finder *finder;
	sgl_slice password;    /* of PasswordRecipientInfos; data NULL: none */
	sgl_slice kek, kek_id; /* of KEKRecipientInfos; data NULL: none */
	const sgl_spooler *spooler; /* NULL: memory, limits.spool_memory */
	/* Digests to make of clear-signed content beside what micalg names;
	 * see sgl_report_wants_again. */
	unsigned digests;
	/* Put the outer header fields (without MIME-Version and Content-*) in
	 * front of the content, so that the result is a message again. Where
	 * the content has protected ones (RFC 9788) these take their place:
	 * of the outer ones only those remain that are added on the way, and
	 * From where the protected one differs and no signature can vouch for
	 * it; and Legacy Display Elements go. */
	bool keep_headers;
} sgl_read_options;

/*
 * sgl_reader reads one message, MIME entity, or bare CMS object (DER, BER or
 * PEM), and passes the content inside the layers it peels to `content`.
 *
 * WHAT THE SINK GETS IS UNJUDGED. It is finished only when every AEAD tag and
 * every padding was right, and even then no signature has been judged: put a
 * spool behind it, not a person, and let it go when sgl_judge has spoken.
 */
typedef struct sgl_reader sgl_reader;
typedef struct sgl_report sgl_report;

SGL_API SGL_MUST sgl_status sgl_reader_new(sgl_engine *engine,
    const sgl_read_options *options, sgl_sink *content, sgl_reader **r,
    sgl_err *err);
/* sgl_reader_push takes all of `in`, or *taken bytes with SGL_NEED_KEY. A
 * failure aborts the content: SGL_E_ENCODING, SGL_E_LIMIT, SGL_E_UNSUPPORTED,
 * SGL_E_DECRYPT, SGL_E_NOMEM, or the sink's own. Where the input is cut never
 * changes the outcome. */
SGL_API SGL_MUST sgl_status sgl_reader_push(
    sgl_reader *r, sgl_slice in, size_t *taken, sgl_err *err);
/*
 * sgl_reader_finish says that no more comes. SGL_OK: all was whole; *report
 * (borrowed from the reader) tells what was found, and `content` was finished
 * -- or aborted, where a layer could not be opened because no key fits
 * (sgl_report_is_locked), which is a finding too. SGL_NEED_KEY: answer and
 * call it again.
 */
SGL_API SGL_MUST sgl_status sgl_reader_finish(
    sgl_reader *r, const sgl_report **report, sgl_err *err);
SGL_API const sgl_key_request *
sgl_reader_request(const sgl_reader *r, sgl_key **key);
SGL_API SGL_MUST sgl_status sgl_reader_answer(sgl_reader *r, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err);
SGL_API void sgl_reader_free(sgl_reader *r);

/* Some layer is encrypted and no key that was offered fits. */
SGL_API bool sgl_report_is_locked(const sgl_report *report);
/* Not 0: a clear signature uses a digest that micalg did not announce and the
 * content was too long to keep. Read the message again with these as
 * options.digests. */
SGL_API unsigned sgl_report_wants_again(const sgl_report *report);
/* No layer of S/MIME was found. */
SGL_API bool sgl_report_is_plain(const sgl_report *report);

/* ------------------------------------------------------------ judging --- */

/* docs/verdict.md describes every state. The order is that of the table
 * there. */
typedef enum sgl_signature_state {
	SGL_SIGNATURE_NONE,
	SGL_SIGNATURE_VALID_TRUSTED,
	SGL_SIGNATURE_VALID_ADDRESS_MISMATCH,
	SGL_SIGNATURE_VALID_UNTRUSTED,
	SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN, /* where it was required */
	SGL_SIGNATURE_WEAK, /* SHA-1, or an RSA key under 2048 bits */
	SGL_SIGNATURE_REVOKED,
	SGL_SIGNATURE_EXPIRED,
	SGL_SIGNATURE_NOT_YET_VALID,
	SGL_SIGNATURE_WRONG_USAGE,
	SGL_SIGNATURE_CHAIN_ERROR,
	SGL_SIGNATURE_TAMPERED,
	SGL_SIGNATURE_UNSUPPORTED,
	SGL_SIGNATURE_NO_CERTIFICATE /* the signer's is nowhere to be found */
} sgl_signature_state;
SGL_API const char *sgl_signature_state_name(sgl_signature_state s);
/* false for a name that is none. */
SGL_API bool sgl_signature_state_find(sgl_slice name, sgl_signature_state *out);

typedef enum sgl_confidentiality_state {
	SGL_CONFIDENTIALITY_NONE,
	SGL_CONFIDENTIALITY_ENCRYPTED,	  /* integrity by tag or signature */
	SGL_CONFIDENTIALITY_NO_INTEGRITY, /* CBC without a good signature
					     around all of the content */
	SGL_CONFIDENTIALITY_LOCKED	  /* no key fits */
} sgl_confidentiality_state;
SGL_API const char *sgl_confidentiality_state_name(sgl_confidentiality_state s);

typedef struct sgl_judge_options {
	const sgl_certs *anchors, *intermediates; /* NULL: none */
	const sgl_crls *crls;			  /* NULL: none */
	bool require_revocation;
	sgl_time time; /* at which validity is judged */
	sgl_slice
	    from; /* overrides the From field; data NULL: use the mail's */
} sgl_judge_options;

typedef struct sgl_verdict sgl_verdict;

/* sgl_judge is pure: the same report, evidence and time give the same verdict.
 * `report` must outlive the verdict. */
SGL_API SGL_MUST sgl_status sgl_judge(sgl_engine *engine,
    const sgl_report *report, const sgl_judge_options *options,
    sgl_verdict **out, sgl_err *err);
SGL_API void sgl_verdict_free(sgl_verdict *v);
SGL_API sgl_signature_state sgl_verdict_get_signature(const sgl_verdict *v);
SGL_API sgl_confidentiality_state sgl_verdict_get_confidentiality(
    const sgl_verdict *v);
/* sgl_verdict_json gives the verdict as docs/verdict.md describes it. */
SGL_API SGL_MUST sgl_status sgl_verdict_json(
    const sgl_verdict *v, sgl_bytes *out, sgl_err *err);

/*
 * What a person needs to know, in parts that a program can put in sentences of
 * its own language. Strings are borrowed, UTF-8, without control characters;
 * empty where not known.
 */
typedef struct sgl_verdict_summary {
	sgl_signature_state signature;
	/* 1u << state of everything that is wrong with it, `signature` too,
	 * which is the worst; 0 for VALID_TRUSTED alone. Who lets a state pass
	 * lets it pass for what it names: every bit must be accepted. */
	unsigned defects;
	sgl_confidentiality_state confidentiality;
	const char *signer_address, *signer_name, *issuer_name, *from;
	const char *reason;	/* a constant like "no-anchor"; "" if none */
	const char *cipher;	/* of the outermost encryption */
	const char *needed_key; /* locked: issuer and serial of a recipient */
	bool needs_password, needs_kek; /* locked: one of these would do, too */
	bool has_signing_time;
	sgl_time signing_time, cert_not_after;
	bool revocation_checked; /* of one certificate at least */
	bool signs_ciphertext; /* the only signature lies around the encryption:
				  it tells who sent, not who wrote */
	bool holds_encryption; /* what was read is encrypted inside, and was not
				  to be opened */
	bool has_encrypted_part; /* of a content that is no such layer */
	bool
	    has_protected_part; /* encrypted or signed, it does not say which */
	bool has_openpgp_encryption; /* which is nothing that we open */
	bool has_tnef; /* a form of which we cannot tell what is inside */
	bool has_text_around; /* PEM: which nobody signed or encrypted */
	size_t num_layers, num_signers;
	/* Header protection (RFC 9788). `from` is the protected one, where
	 * there is one. Content whose From is unproven is like forged mail
	 * (4.4.2): warn, and show both, or keep it back. */
	bool protects_headers;
	bool subject_was_hidden;      /* a placeholder or nothing outside */
	const char *differing_fields; /* "Subject, To": outside is another
					 value, which does not count */
	bool from_differs;	      /* outside is outer_from */
	bool from_is_unproven; /* ... and nothing proves the one inside */
	const char *outer_from, *protected_from;
	/* The security label (RFC 2634 3) that the signature puts on the
	 * content: its policy as dotted OID ("": there is none), its
	 * classification (-1: not given; 0 to 5: unmarked to top-secret), its
	 * privacy mark. */
	const char *label_policy, *label_mark;
	int label_classification;
	bool labels_differ; /* another signature of that layer says otherwise */
	bool is_receipt;    /* no message, but a signed receipt for one */
} sgl_verdict_summary;
SGL_API void
sgl_verdict_get_summary(const sgl_verdict *v, sgl_verdict_summary *out);

/* --------------------------------------------------------- inspecting --- */

/*
 * sgl_inspect writes the structure of a message, CMS object, certificate, CRL,
 * PKCS#12, key or any ASN.1 as text or JSON to *out: offsets, names of types
 * and OIDs, where it is malformed (docs/inspect.md). It judges nothing, shows
 * no byte of a private key, and decrypts nothing but what `password` opens in a
 * PKCS#12 or an encrypted key (data NULL: shown closed).
 *
 * SGL_E_ENCODING: malformed or nothing we know; SGL_E_PASSWORD: it does not
 * fit. In both cases *out holds the description as far as it goes, and err the
 * first fault (its offset in the object at hand). SGL_E_LIMIT, SGL_E_NOMEM:
 * *out is untouched.
 */
SGL_API SGL_MUST sgl_status sgl_inspect(sgl_engine *engine, sgl_slice file,
    sgl_slice password, bool json, sgl_bytes *out, sgl_err *err);

#ifdef __cplusplus
}
#endif
#endif
