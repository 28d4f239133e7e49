/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader found in one message: its layers from the outside in, and
 * the header fields that say whose it claims to be. */
#ifndef SGL_SMIME_REPORT_H
#define SGL_SMIME_REPORT_H

#include "cms/report.h"
#include "mime/header.h"
#include "sigill/smime.h"

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
	/* Oddities that change nothing about the verdict. */
	bool has_wrong_micalg, has_more_parts, has_dirty_base64;
} sgl_layer;

struct sgl_report {
	sgl_layer *layers;
	size_t num_layers;
	bool is_message; /* RFC 5322 headers were there */
	size_t num_from; /* From fields; more than one is a trick */
	sgl_mailboxes from, sender;
	bool is_locked;
	bool holds_encryption; /* passed on as content, not peeled */
	unsigned wants_again;  /* digests */
};

void sgl_report_clear(sgl_report *r);

#endif
