/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building and checking certification paths (RFC 5280 6, RFC 4158), with
 * revocation by CRL (RFC 5280 6.3) and OCSP (pki/ocsp.h). Pure: time, anchors
 * and evidence come in, findings go out; nothing is fetched. What is missing is
 * named, so that whoever has a network can fetch it and ask again.
 */
#ifndef SGL_PKI_PATH_H
#define SGL_PKI_PATH_H

#include "pki/cert.h"

typedef enum sgl_path_fault {
	SGL_PATH_OK,
	SGL_PATH_NO_ANCHOR, /* ends in no trusted certificate */
	SGL_PATH_EXPIRED,
	SGL_PATH_NOT_YET_VALID,
	SGL_PATH_BAD_SIGNATURE,
	SGL_PATH_NOT_A_CA,
	SGL_PATH_TOO_LONG,	/* pathLenConstraint */
	SGL_PATH_KEY_USAGE,	/* of a CA */
	SGL_PATH_EXT_KEY_USAGE, /* of a CA: does not allow mail */
	SGL_PATH_WRONG_USAGE,	/* of the end entity for the purpose */
	SGL_PATH_NAME_CONSTRAINTS,
	SGL_PATH_POLICY,
	SGL_PATH_UNKNOWN_CRITICAL,
	SGL_PATH_MALFORMED,   /* an extension cannot be read, or may not be */
	SGL_PATH_WEAK,	      /* MD5 or SHA-1 signature, RSA < 2048 */
	SGL_PATH_UNSUPPORTED, /* key or signature algorithm */
	SGL_PATH_REVOKED,
	SGL_PATH_REVOCATION_UNKNOWN, /* only where it is required */
	SGL_PATH_GAVE_UP /* limits.path_steps, SGL_PATH_MAX or too many CRLs:
			    there may be a path, but we looked long enough */
} sgl_path_fault;
const char *sgl_path_fault_name(sgl_path_fault fault); /* "no-anchor" */

typedef enum sgl_revocation {
	SGL_REVOCATION_NOT_ASKED,
	SGL_REVOCATION_GOOD,
	SGL_REVOCATION_REVOKED,
	SGL_REVOCATION_UNKNOWN, /* no usable CRL or OCSP response */
	SGL_REVOCATION_STALE	/* their nextUpdate has passed */
} sgl_revocation;

typedef enum sgl_purpose {
	SGL_PURPOSE_ANY, /* no end-entity usage check */
	SGL_PURPOSE_MAIL_SIGN,
	SGL_PURPOSE_MAIL_ENCRYPT
} sgl_purpose;

/*
 * `time` is the moment that is asked about. A CRL in force then is preferred;
 * one that was issued later tells when things were revoked, and what was
 * revoked after `time` was good at it; an outdated one can still say "revoked",
 * but not "good". So `time` must not be taken from the signer alone: who stole
 * a key can date a message back.
 */
typedef struct sgl_path_policy {
	sgl_time time;
	sgl_purpose purpose;
	bool require_revocation; /* unknown becomes a fault */
	bool check_revocation;	 /* the evidence is looked at where it is */
	bool allow_weak; /* SHA-1 and short RSA are not a fault; MD5 is */
	/* RFC 5280 6.1.1 (c) to (g); all-zero is "any policy will do". */
	const sgl_slice *initial_policies; /* OID contents; none: any */
	size_t num_initial_policies;
	bool explicit_policy, inhibit_mapping, inhibit_any;
} sgl_path_policy;

/* OCSP responses (pki/ocsp.h); borrowed. */
typedef struct sgl_ocsps {
	struct sgl_ocsp **items;
	size_t num;
} sgl_ocsps;

/* Where a CRL and an OCSP response tell different things, "revoked" counts. */
typedef struct sgl_evidence {
	const sgl_certs *anchors;
	const sgl_certs *intermediates; /* with those that came in the mail */
	const sgl_crls *crls;
	const sgl_ocsps *ocsps;
} sgl_evidence;

#define SGL_PATH_MAX 16

typedef struct sgl_path {
	/* Leaf first, as far as the path got; the last is the anchor where
	 * reaches_anchor. Counted references. */
	sgl_cert *certs[SGL_PATH_MAX];
	size_t num;
	bool reaches_anchor;
	sgl_path_fault fault; /* the first, as RFC 5280 6.1 meets it */
	size_t fault_at;      /* index in certs */
	unsigned faults; /* 1u << fault of all that is wrong, the first too */
	bool is_weak;	 /* SHA-1, or a short key that signed, or the leaf's */
	sgl_revocation revocation[SGL_PATH_MAX];
	sgl_time revoked_at; /* of the first that is, if any is REVOKED */
	int revoked_reason;  /* RFC 5280 5.3.1; -1 if not given */
	/* Where the missing could be found: borrowed from certs; http only. */
	sgl_slice missing_issuer_url, missing_crl_url, missing_ocsp_url;
} sgl_path;
void sgl_path_clear(sgl_path *p);
SGL_AUTO_CLEAR_TYPE(sgl_path, sgl_path_clear)

/*
 * sgl_path_check looks for the best path for `leaf` and tells about it in
 * *out: one without fault if there is any, else the one that got furthest (a
 * path to an anchor before one without). Where something is wrong the whole of
 * that path is looked at, so that one fault never hides another; but whether
 * certificates without an anchor were revoked nobody can tell. A leaf that is
 * itself among the anchors is trusted, its validity and usage are still
 * checked. Status is about memory and bugs alone.
 */
SGL_MUST sgl_status sgl_path_check(sgl_engine *engine, sgl_cert *leaf,
    const sgl_evidence *evidence, const sgl_path_policy *policy, sgl_path *out,
    sgl_err *err);

#endif
