/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a verdict. */
#ifndef SGL_SMIME_VERDICT_H
#define SGL_SMIME_VERDICT_H

#include "base/json.h"
#include "pki/path.h"
#include "smime/report.h"

typedef enum sgl_address_check {
	SGL_ADDRESS_NOT_CHECKED, /* no From to compare with */
	SGL_ADDRESS_MATCHES,
	SGL_ADDRESS_DIFFERS
} sgl_address_check;

typedef struct sgl_signer_verdict {
	sgl_signature_state state; /* the worst of what is wrong */
	const char *reason;	   /* constant; "" if none */
	unsigned defects;	   /* 1u << state of all that is wrong */
	bool is_intact;		   /* digest and signature are right */
	sgl_cert *cert;		   /* owned; NULL if not found */
	sgl_path path;
	bool has_path;
	sgl_address_check address;
	size_t matching; /* index of the certificate's address, if MATCHES */
} sgl_signer_verdict;

typedef struct sgl_layer_verdict {
	sgl_signature_state state; /* the best of its signers' */
	size_t best;
	sgl_signer_verdict *signers;
	size_t num_signers;
	bool has_integrity; /* encryption: by tag, or by a good signature */
	/* Of the signatures that are right (RFC 2634 2.3, 3.1.2). */
	bool labels_differ, requests_differ;
	bool has_misplaced_request; /* not the innermost, or of a receipt */
} sgl_layer_verdict;

struct sgl_verdict {
	const sgl_report *report;
	sgl_time time;
	bool revocation_asked;
	sgl_layer_verdict *layers; /* beside report->layers */
	sgl_signature_state signature;
	unsigned defects;
	const char *reason;
	sgl_confidentiality_state confidentiality;
	int signature_layer;	 /* the one the summary is about; -1: none */
	bool outside_encryption; /* that one signs ciphertext */

	/* What the From of the judgement was, one string each. */
	sgl_mailboxes from;
	size_t num_from_fields;
	/* A protected From that differs from the one outside, and nothing
	 * proves that it is the signer's (RFC 9788 4.4.2). */
	bool from_is_unproven;

	const sgl_label *label; /* of the summary's layer; NULL: none */
	bool has_label_conflict;
	char *signer_address, *signer_name, *issuer_name, *from_text,
	    *needed_key, *outer_from, *protected_from, *differing,
	    *label_policy, *label_mark;
};

/* judge_signer.c. `pool` is every certificate at hand. */
typedef struct sgl_judging {
	sgl_engine *engine;
	const sgl_judge_options *options;
	const sgl_verdict *verdict; /* its From */
	const sgl_cms_report *cms;
	sgl_certs pool;
	sgl_crls crls;
} sgl_judging;
SGL_MUST sgl_status sgl_judge_signer(const sgl_judging *j,
    const sgl_signer_info *info, sgl_signer_verdict *out, sgl_err *err);

/* How good a state is: 0 is the best (judge_signer.c). */
unsigned sgl_signature_rank(sgl_signature_state s);

/* verdict_text.c: fills the strings of the summary. */
SGL_MUST sgl_status sgl_verdict_describe(sgl_verdict *v, sgl_err *err);
/* verdict_headers.c: header protection, as JSON and in words. */
void sgl_verdict_put_headers(sgl_json *j, const sgl_verdict *v);
SGL_MUST sgl_status sgl_verdict_describe_headers(sgl_verdict *v, sgl_err *err);
void
sgl_verdict_summarise_headers(const sgl_verdict *v, sgl_verdict_summary *out);
/* verdict_text.c: *out is an owned copy of `text`, made safe to show; `text`
 * becomes empty. */
SGL_MUST sgl_status sgl_verdict_take_text(
    sgl_buf *text, char **out, sgl_err *err);
/* Addresses, parted by commas; as many as there is room for. */
SGL_MUST sgl_status sgl_verdict_add_addresses(
    const sgl_mailboxes *m, sgl_buf *text, sgl_err *err);
/* The identifier of a recipient, for people. */
SGL_MUST sgl_status sgl_recipient_text(
    const sgl_recipient_id *id, sgl_buf *out, sgl_err *err);

SGL_AUTO_TYPE(sgl_verdict, sgl_verdict_free)

#endif
