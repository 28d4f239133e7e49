/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of rules share. */
#ifndef SGL_CA_LINT_INSIDE_H
#define SGL_CA_LINT_INSIDE_H

#include "ca/lint.h"
#include "pki/cert_read.h"
#include "pki/general.h"
#include "pki/name.h"
#include "sys/text.h"

/* The kinds of certificate that the BR know (BR 1.2, 7.1.6.1), as bits: a wrong
 * certificate may claim more than one. */
typedef enum sgl_lint_types {
	SGL_LINT_MAILBOX = 1 << 0,
	SGL_LINT_ORGANIZATION = 1 << 1,
	SGL_LINT_SPONSOR = 1 << 2,
	SGL_LINT_INDIVIDUAL = 1 << 3
} sgl_lint_types;
typedef enum sgl_lint_generations {
	SGL_LINT_LEGACY = 1 << 0,
	SGL_LINT_MULTIPURPOSE = 1 << 1,
	SGL_LINT_STRICT = 1 << 2
} sgl_lint_generations;

/* A certificate as the rules look at it. */
struct sgl_lint_case {
	const sgl_cert *cert;
	unsigned types, generations; /* of the reserved policies it asserts */
	size_t num_reserved;	     /* how many of them */
	bool has_any_policy;
	/* A subscriber's: no authority, and not its own issuer. */
	bool is_leaf;
	bool has_mail_purpose; /* EKU emailProtection */
	bool has_mailbox;      /* rfc822Name or SmtpUTF8Mailbox */
	/* The first of each known extension; absent: oid.data NULL. */
	sgl_ext ext[SGL_OID_COUNT];
};

/* Dates from which, as seconds since 1970. An RFC has one where it forbids
 * what was right before. */
#define SGL_LINT_RFC_6818 ((sgl_time)1356998400)  /* 2013-01-01 */
#define SGL_LINT_RFC_8550 ((sgl_time)1554076800)  /* 2019-04-01 */
#define SGL_LINT_BR_1_0_0 ((sgl_time)1693526400)  /* 2023-09-01 */
#define SGL_LINT_RFC_9598 ((sgl_time)1717200000)  /* 2024-06-01 */
#define SGL_LINT_NO_LEGACY ((sgl_time)1752537600) /* 2025-07-15 */
#define SGL_LINT_BR_1_0_11 ((sgl_time)1755820800) /* 2025-08-22 */

typedef struct sgl_lint_table {
	const sgl_lint_rule *rules;
	size_t num;
} sgl_lint_table;
extern const sgl_lint_table sgl_lint_fields, sgl_lint_names,
    sgl_lint_extensions, sgl_lint_contents, sgl_lint_usage, sgl_lint_mail,
    sgl_lint_br_key, sgl_lint_br_usage, sgl_lint_br_extensions,
    sgl_lint_br_access, sgl_lint_br_subject, sgl_lint_br_organization,
    sgl_lint_br_authority;
#define SGL_LINT_TABLE(name, rows)                                             \
	const sgl_lint_table name = {rows, sizeof rows / sizeof *rows}

/* --- for which certificates --- */
typedef bool
sgl_lint_applies_fn(const sgl_lint_case *c, const sgl_lint_rule *r);
sgl_lint_applies_fn sgl_lint_to_all;
sgl_lint_applies_fn sgl_lint_to_authorities;
sgl_lint_applies_fn sgl_lint_to_extension; /* those with the rule's oid */
sgl_lint_applies_fn sgl_lint_to_mail;	   /* meant for S/MIME */
sgl_lint_applies_fn sgl_lint_to_br;	   /* assert a reserved policy */
sgl_lint_applies_fn sgl_lint_to_br_leaf;
sgl_lint_applies_fn sgl_lint_to_br_extension; /* leaves with the rule's oid */
/* Leaves of these generations. */
sgl_lint_applies_fn sgl_lint_to_legacy;
sgl_lint_applies_fn sgl_lint_to_strict;
sgl_lint_applies_fn sgl_lint_to_wider; /* legacy and multipurpose */
sgl_lint_applies_fn sgl_lint_to_newer; /* multipurpose and strict */

static inline bool
sgl_lint_has(const sgl_lint_case *c, sgl_oid oid)
{
	return c->ext[oid].oid.data != NULL;
}

static inline bool
sgl_lint_is_generation(const sgl_lint_case *c, unsigned generations)
{
	return (c->generations & generations) != 0;
}

static inline bool
sgl_lint_is_type(const sgl_lint_case *c, unsigned types)
{
	return (c->types & types) != 0;
}

/* --- what they demand --- */
typedef bool sgl_lint_check_fn(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note);
sgl_lint_check_fn sgl_lint_never;      /* what applies is wrong already */
sgl_lint_check_fn sgl_lint_is_present; /* the extension */
sgl_lint_check_fn sgl_lint_is_critical;
sgl_lint_check_fn sgl_lint_is_not_critical;
sgl_lint_check_fn sgl_lint_is_version_3;
sgl_lint_check_fn sgl_lint_is_key_id_alone;    /* the AKI (BR 7.1.2.3 g) */
sgl_lint_check_fn sgl_lint_are_purposes_right; /* the EKU (BR 7.1.2.3 f) */

/* --- saying what is wrong; each returns false --- */
bool sgl_lint_say(sgl_lint_note *note, const char *text);
bool sgl_lint_say_bytes(sgl_lint_note *note, sgl_slice text);
bool sgl_lint_say_oid(sgl_lint_note *note, sgl_slice oid);

/* --- walking; what cannot be read ends the walk --- */

/* All AttributeTypeAndValues of a Name. */
typedef struct sgl_lint_avas {
	sgl_der rdns, rdn;
} sgl_lint_avas;
sgl_lint_avas sgl_lint_avas_of(sgl_slice name);
bool sgl_lint_avas_next(sgl_lint_avas *w, sgl_ava *out);
/* The same, those of one type. */
bool sgl_lint_avas_find(sgl_lint_avas *w, sgl_oid type, sgl_ava *out);
bool sgl_lint_subject_has(const sgl_lint_case *c, sgl_oid type);

/* A value as UTF-8, in place. */
#define SGL_LINT_VALUE 512
typedef struct sgl_lint_value {
	uint8_t bytes[SGL_LINT_VALUE];
	size_t len;
} sgl_lint_value;
/* false: it is no string, or longer than any that we compare. */
bool sgl_lint_value_of(const sgl_ava *ava, sgl_lint_value *out);
static inline sgl_slice
sgl_lint_value_slice(const sgl_lint_value *v)
{
	return sgl_slice_of(v->bytes, v->len);
}

/* The URIs in the fullNames of cRLDistributionPoints. */
typedef struct sgl_lint_points {
	sgl_der points, names;
} sgl_lint_points;
sgl_lint_points sgl_lint_points_of(const sgl_cert *cert);
bool sgl_lint_points_next(sgl_lint_points *w, sgl_slice *uri);

/* AccessDescriptions with a URI. */
typedef struct sgl_lint_access {
	sgl_der list;
} sgl_lint_access;
sgl_lint_access sgl_lint_access_of(const sgl_cert *cert);
bool sgl_lint_access_next(sgl_lint_access *w, sgl_oid *method, sgl_slice *uri);

/* Whether a URI will do: of one of the points; and of one of the descriptions
 * with this method, if there are any. */
typedef bool sgl_lint_uri_check(sgl_slice uri);
bool sgl_lint_has_point(const sgl_cert *cert, sgl_lint_uri_check *will_do);
bool sgl_lint_has_access(
    const sgl_cert *cert, sgl_oid method, sgl_lint_uri_check *will_do);

/* Extended key usages. */
bool sgl_lint_has_purpose(const sgl_cert *cert, sgl_oid purpose);

/* sgl_lint_is_http: the URI scheme is http. */
bool sgl_lint_is_http(sgl_slice uri);

/* sgl_lint_open_key: the contents of an RSAPublicKey. */
bool sgl_lint_open_rsa(const sgl_cert *cert, sgl_slice *n, sgl_slice *e);
/* The AlgorithmIdentifier in a SubjectPublicKeyInfo, whole; or empty. */
sgl_slice sgl_lint_key_algorithm(const sgl_cert *cert);

#endif
