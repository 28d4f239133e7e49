/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader found in one message: its layers from the outside in, and
 * the header fields that say whose it claims to be. */
#ifndef SGL_SMIME_REPORT_H
#define SGL_SMIME_REPORT_H

#include "cms/report.h"
#include "mime/header.h"
#include "sigill/smime.h"
#include "smime/hp.h"

typedef enum sgl_layer_form {
	SGL_FORM_CLEAR_SIGNED, /* multipart/signed */
	SGL_FORM_PKCS7_MIME,   /* application/pkcs7-mime */
	SGL_FORM_BARE	       /* a CMS object by itself */
} sgl_layer_form;

typedef struct sgl_layer {
	sgl_layer_form form;
	int parent; /* index of the enclosing layer, -1 for the outermost */
	sgl_cms_report *cms; /* borrowed from the layer's own reader */
	bool is_whole;
	sgl_buf receipt; /* the content, where it is one and not too long */
	/* Oddities that change nothing about the verdict. */
	bool has_wrong_micalg, has_more_parts, has_dirty_base64,
	    has_wrong_encoding, has_text_around;
} sgl_layer;

/* What stands outside for a protected header field. */
typedef enum sgl_hp_outside {
	SGL_HP_OUTSIDE_SAME,
	SGL_HP_OUTSIDE_HIDDEN, /* another value or nothing, as its sender meant
				*/
	SGL_HP_OUTSIDE_ABSENT,
	SGL_HP_OUTSIDE_DIFFERS
} sgl_hp_outside;

typedef struct sgl_hp_field {
	char *name;
	bool is_secret; /* encrypted, and not outside too, by its sender */
	sgl_hp_outside outside;
} sgl_hp_field;

/* Protected header fields (RFC 9788) of the content. */
typedef struct sgl_hp_report {
	sgl_hp intent;	   /* NONE: there are none */
	bool is_draft;	   /* of the form before RFC 9788 (appendix F.3) */
	bool is_encrypted; /* the content lies in an encryption */
	sgl_hp_field *fields;
	size_t num_fields, num_shown;
	size_t num_outer_from; /* and what they are, where others count: */
	sgl_mailboxes outer_from;
	bool from_differs; /* 4.4.1.1 */
} sgl_hp_report;
/* Of more fields only the number is told. */
#define SGL_HP_FIELDS_SHOWN 256

struct sgl_report {
	sgl_layer *layers;
	size_t num_layers;
	bool is_message;	    /* RFC 5322 headers were there */
	size_t num_from;	    /* From fields; more than one is a trick */
	sgl_mailboxes from, sender; /* protected ones, where there are such */
	sgl_hp_report hp;
	bool is_locked;
	bool holds_encryption; /* passed on as content, not peeled */
	/* Somewhere in a content that nobody signed (inside.h). */
	bool has_signed_part, has_encrypted_part;
	bool has_torn_signature; /* multipart/signed was taken apart */
	bool has_protected_part; /* one of these, it does not say which */
	bool has_openpgp, has_openpgp_encryption, has_tnef;
	unsigned wants_again; /* digests */
};

void sgl_report_clear(sgl_report *r);

#endif
