/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside sgl_inspect. A look walks over bytes with cursors and writes what it
 * meets to a tree. Each sgl_show_ function takes one element from its cursor
 * and writes its node; false says that the walk broke off, which was noted
 * where it happened: callers just return false as well, up to somebody who
 * knows where to go on (sgl_look_try).
 */
#ifndef SGL_SMIME_INSPECT_H
#define SGL_SMIME_INSPECT_H

#include "asn1/oid.h"
#include "base/limits.h"
#include "cms/load.h"
#include "sigill/smime.h"
#include "smime/inspect_out.h"

typedef struct sgl_look {
	sgl_engine *engine;
	sgl_slice password; /* of a PKCS#12; data NULL: none */
	sgl_tree tree;
	sgl_err first;	  /* the first malformed place */
	unsigned layers;  /* decoded objects around this one */
	bool hide_values; /* a key may be near: structure alone */
	bool wrong_password;
	sgl_pkcs12_effort effort; /* of password derivations so far */
} sgl_look;

/* sgl_look_bad notes where the input is malformed, and is false. */
bool sgl_look_bad(sgl_look *l, const sgl_der *at, const char *text);
bool sgl_look_bad_at(sgl_look *l, uint64_t offset, const char *text);

/* sgl_look_good is whether a call went well; lack of memory is remembered, and
 * the whole inspection fails for it in the end. */
bool sgl_look_good(sgl_look *l, sgl_status status);

typedef bool sgl_show(sgl_look *l, sgl_der *in, const char *name);

/* sgl_look_try lets a walk break off: its open nodes are closed and *in moves
 * behind the element at hand, if it is whole; if not, to the end. */
void sgl_look_try(sgl_look *l, sgl_show *show, sgl_der *in, const char *name);

/*
 * A table of the fields of a SEQUENCE. tag ANY_TAG takes whatever is there. A
 * string's tag also fits its constructed form (BER).
 */
typedef struct sgl_field_of {
	const char *name;
	sgl_tag tag;
	bool optional;
	sgl_show *show;
} sgl_field_of;
#define SGL_ANY_TAG UINT32_MAX
/* sgl_show_fields shows what a table says; `in` must hold no more. */
SGL_MUST bool sgl_show_fields(
    sgl_look *l, sgl_der *in, const sgl_field_of *fields, size_t num);
/* SGL_SHOW_TABLE defines an sgl_show for one SEQUENCE of such fields. */
#define SGL_SHOW_TABLE(function, table)                                        \
	bool function(sgl_look *l, sgl_der *in, const char *name)              \
	{                                                                      \
		sgl_der body;                                                  \
                                                                               \
		if (!sgl_look_open(l, in, name, &body) ||                      \
		    !SGL_SHOW_FIELDS(l, &body, table))                         \
			return false;                                          \
		sgl_tree_close(&l->tree);                                      \
		return true;                                                   \
	}
#define SGL_SHOW_FIELDS(l, in, fields)                                         \
	sgl_show_fields(l, in, fields, sizeof(fields) / sizeof *(fields))

/* sgl_look_open steps into an element of any constructed tag and opens a node
 * for it; the caller closes the node. */
SGL_MUST bool
sgl_look_open(sgl_look *l, sgl_der *in, const char *name, sgl_der *body);
/* sgl_look_is_deep: what is opened now is not shown, so whatever would call
 * itself for it stops. */
static inline bool
sgl_look_is_deep(const sgl_look *l)
{
	return l->tree.skipped > 0;
}
/* sgl_show_each opens a node and shows every element in it with `one`. */
SGL_MUST bool sgl_show_each(sgl_look *l, sgl_der *in, const char *name,
    const char *one_name, sgl_show *one);
/* From `start` to where the cursor is now. */
sgl_span sgl_span_from(const sgl_der *start, const sgl_der *now);
/* The whole element that is next, or nowhere. */
sgl_span sgl_span_next(const sgl_der *in);

/*
 * A new space of offsets: bytes that were decoded or joined from others. Opens
 * a node that says so; false (and a node that says why) where there are more
 * layers than limits.layers.
 */
SGL_MUST bool
sgl_look_enter(sgl_look *l, sgl_span at, const char *name, sgl_slice bytes);
void sgl_look_leave(sgl_look *l);

/* --- inspect_value.c: single values, of any tag where it is implicit --- */
sgl_show sgl_show_uint;	   /* INTEGER, ENUMERATED */
sgl_show sgl_show_integer; /* in hexadecimal */
sgl_show sgl_show_bool;
sgl_show sgl_show_null;
sgl_show sgl_show_oid;
sgl_show sgl_show_implicit_oid; /* its tag is another */
sgl_show sgl_show_time;
sgl_show sgl_show_hex;	   /* strings of bytes, joined if in pieces */
sgl_show sgl_show_size;	   /* the same, but only how many */
sgl_show sgl_show_bits;	   /* BIT STRING: how many bytes */
sgl_show sgl_show_text;	   /* any string of characters */
sgl_show sgl_show_name;	   /* Name */
sgl_show sgl_show_general; /* GeneralName */
sgl_show sgl_show_generals;
sgl_show sgl_show_issuer_serial;
sgl_show sgl_show_explicit_integer; /* [n] EXPLICIT */
/* Contents of a string of any tag, joined in *store if it came in pieces. */
SGL_MUST bool
sgl_look_octets(sgl_look *l, sgl_der *in, sgl_slice *bytes, sgl_wiped *store);
/* sgl_look_string opens a node for a string that holds other elements, which
 * *inside is over; the caller closes the node. */
SGL_MUST bool sgl_look_string(sgl_look *l, sgl_der *in, const char *name,
    sgl_wiped *store, sgl_der *inside);

/* --- inspect_asn1.c --- */
sgl_show sgl_show_any; /* any element, without a schema */
/* All the rest of *in, as far as it goes, whole or not. */
bool sgl_show_asn1(sgl_look *l, sgl_der *in);
/* "BIT STRING", "[1]" */
#define SGL_TAG_NAME 40
void sgl_tag_name(sgl_tag tag, char out[SGL_TAG_NAME]);

/* --- inspect_alg.c --- */
sgl_show sgl_show_algorithm;

/* --- inspect_cert.c, inspect_ext.c, inspect_crl.c, inspect_ocsp.c --- */
sgl_show sgl_show_certificate;
sgl_show sgl_show_certificate_brief; /* inside a message */
sgl_show sgl_show_request;	     /* PKCS#10 */
sgl_show sgl_show_crl;
sgl_show sgl_show_ocsp;	  /* OCSPResponse */
sgl_show sgl_show_reason; /* CRLReason */
sgl_show sgl_show_public_key;
sgl_show sgl_show_extensions;
sgl_show sgl_show_extensions_brief;

/* --- inspect_ess.c: the attributes and the content of RFC 2634 --- */
sgl_show sgl_show_receipt_request;
sgl_show sgl_show_receipt;
sgl_show sgl_show_security_label;
sgl_show sgl_show_equivalent_labels;
sgl_show sgl_show_content_hints;
sgl_show sgl_show_content_identifier;
sgl_show sgl_show_content_reference;
sgl_show sgl_show_ml_history;

/* --- inspect_cms.c, inspect_signer.c, inspect_attr.c, inspect_recipient.c */
sgl_show sgl_show_content_info;
sgl_show sgl_show_certificates; /* CertificateSet */
sgl_show sgl_show_crls;		/* RevocationInfoChoices */
sgl_show sgl_show_signer;
sgl_show sgl_show_attributes; /* SET OF Attribute */
sgl_show sgl_show_key_identifier;
sgl_show sgl_show_originator_info;
sgl_show sgl_show_recipients;

/* --- inspect_pkcs12.c, inspect_key.c --- */
sgl_show sgl_show_pkcs12;
sgl_show sgl_show_private_key;
sgl_show sgl_show_encrypted_key;

/* --- inspect_mime.c --- */
/* What some editors and people put in front of a message: the mark of UTF-8,
 * and blank lines; how many bytes. */
size_t sgl_mime_lead(sgl_slice bytes);
/* sgl_is_mime: behind that it begins with header fields, of which one is a
 * message's. */
bool sgl_is_mime(sgl_look *l, sgl_slice bytes);
/* An entity, headers and body, at `offset` of its space. */
void
sgl_show_mime(sgl_look *l, sgl_slice entity, uint64_t offset, const char *name);

/* --- inspect.c --- */
/*
 * sgl_look_knows tells whether bytes are a message, PEM or an object, so that
 * sgl_show_content has something to show. Where they are `claimed` to be an
 * object, broken and unknown ASN.1 is good enough.
 */
bool sgl_look_knows(sgl_look *l, sgl_slice bytes, bool claimed);
void sgl_show_content(sgl_look *l, sgl_slice bytes);
/* sgl_show_objects shows DER or BER, one element after the other, each by its
 * own kind. */
void sgl_show_objects(sgl_look *l, sgl_slice bytes);
/* sgl_look_decrypt is sgl_pkcs12_decrypt, counted and remembered. */
bool sgl_look_decrypt(sgl_look *l, const sgl_pkcs12_password *p,
    sgl_slice algorithm, sgl_slice bytes, sgl_secret *out, sgl_err *err);

#endif
