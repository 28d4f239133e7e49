/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the reader share. A message is read by a tree of parts: a
 * part is one entity, which is a layer of S/MIME or the content. All stages of
 * a part belong to it and live as long as the reader.
 */
#ifndef SGL_SMIME_READER_INSIDE_H
#define SGL_SMIME_READER_INSIDE_H

#include "base/limits.h"
#include "cms/reader.h"
#include "mime/legacy.h"
#include "smime/inside.h"
#include "smime/report.h"

typedef struct sgl_part sgl_part;
typedef struct sgl_form_stage sgl_form_stage;

struct sgl_reader {
	sgl_engine *engine;
	sgl_read_options options;
	sgl_spooler spooler;
	sgl_asker asker;
	sgl_sink *out; /* the caller's */
	sgl_sink gate; /* in front of it: finishes it only at the very end */
	bool content_is_whole, out_ended;
	sgl_part *top;
	sgl_report report;
	uint64_t kdf_rounds;
	bool has_peeled_encryption;
	bool finish_called, is_finished;
	sgl_status failed;
};

/* Kinds of parts. */
typedef enum sgl_part_role {
	SGL_PART_ENTITY,   /* decide by its headers */
	SGL_PART_SIGNATURE /* second part of multipart/signed */
} sgl_part_role;

struct sgl_part {
	sgl_sink sink;
	sgl_reader *reader;
	sgl_part_role role;
	int parent;		/* layer this part is inside of, or -1 */
	sgl_cms_reader *around; /* the encryption this lies in, or NULL */
	unsigned depth;		/* layers around */

	sgl_buf section; /* headers, as they come */
	size_t line_start;
	bool has_begun; /* a mark of UTF-8 would be none of it from now on */
	bool first_line_judged;
	bool is_headerless; /* all of it is body */
	sgl_headers headers;
	sgl_mime_type type;
	sgl_sink *body; /* once known; NULL: dropped */
	bool in_body;

	/* What the part is made of, where it is a layer. */
	int layer;
	sgl_form_stage *form;
	sgl_cms_reader *cms;
	sgl_splitter *splitter;
	sgl_digests *digests;	   /* of the first part of multipart/signed */
	sgl_digest_mask announced; /* by micalg; 0: nothing */
	sgl_sink tee;
	sgl_sink multipart;	  /* in front of the splitter */
	sgl_sink receipt;	  /* keeps it beside */
	sgl_legacy_stage *legacy; /* of content without its own additions */
	sgl_inside *inside;	  /* content: looks for parts that are signed */
	sgl_part *inner;	  /* what the layer holds */
	sgl_part *signature;	  /* clear-signed: the second part */
};

/* part.c */
sgl_status sgl_part_new(sgl_reader *r, sgl_part_role role, int parent,
    unsigned depth, sgl_part **out, sgl_err *err);
void sgl_part_free(sgl_part *p);
SGL_AUTO_TYPE(sgl_part, sgl_part_free)
/* Makes `p` the content that the caller gets. */
sgl_status sgl_part_become_content(sgl_part *p, sgl_err *err);
/* Writes a field of the outer header. Nothing may be in it that a mail program
 * could take for the end of the header: what is behind would be shown in place
 * of the content. */
sgl_status sgl_part_write_outer(sgl_sink *to, const sgl_field *f, sgl_err *err);
/* The addresses of the first field of that name; *count, how many there are. */
sgl_status sgl_part_read_mailboxes(sgl_part *p, const char *name, size_t *count,
    sgl_mailboxes *out, sgl_err *err);

/* hp_read.c: content that is the root of what is protected. sgl_hp_recognise
 * reports its header fields, and makes them those that count; sgl_hp_release
 * sets where the body goes, and writes the header section that a reader should
 * see: protected fields, and of the others those added on the way. */
sgl_status sgl_hp_recognise(sgl_part *p, sgl_err *err);
sgl_status sgl_hp_release(sgl_part *p, sgl_err *err);

/* layer.c */
sgl_status sgl_layer_add(sgl_part *p, sgl_layer_form form, sgl_err *err);
/* The part's body is a CMS object in transfer encoding `cte`; `detached` are
 * the digests of what it signs, or NULL. */
sgl_status sgl_part_become_cms(sgl_part *p, sgl_layer_form form, sgl_cte cte,
    sgl_digests *detached, sgl_err *err);
/* The same of text that has the object in a PEM block. */
sgl_status sgl_part_become_pem(sgl_part *p, sgl_err *err);
sgl_status sgl_part_become_clear_signed(sgl_part *p, sgl_err *err);
/* May this layer be peeled, as far as its headers tell? */
bool sgl_part_is_peeled(const sgl_part *p, bool is_encryption);

/* classify.c */
typedef enum sgl_entity_kind {
	SGL_ENTITY_CONTENT,
	SGL_ENTITY_CLEAR_SIGNED,
	SGL_ENTITY_CMS
} sgl_entity_kind;
SGL_MUST sgl_status sgl_entity_classify(const sgl_headers *headers,
    const sgl_mime_type *type, sgl_entity_kind *out, sgl_err *err);
bool sgl_entity_says_encrypted(const sgl_mime_type *type);
/* RFC 3274, which we do not read. */
bool sgl_entity_says_compressed(const sgl_mime_type *type);
SGL_MUST sgl_status sgl_entity_is_signature(const sgl_headers *headers,
    const sgl_mime_type *type, bool *is, sgl_err *err);
/* One that stands where no signature of multipart/signed does. */
SGL_MUST sgl_status sgl_entity_is_lone_signature(const sgl_headers *headers,
    const sgl_mime_type *type, bool *is, sgl_err *err);
sgl_digest_mask sgl_micalg_read(const char *micalg);

/*
 * form_stage.c: hands on the octets of a CMS object that may come as such, in
 * base64 or as PEM, whatever `cte` says; where its beginning does not tell,
 * `cte` does. With `pem_only` there may be other text in front of the PEM, and
 * there must be such. is_as_said: the form is the one that `cte` promises;
 * has_more: there is text around the PEM, which is no part of the object.
 */
sgl_status sgl_form_stage_new(sgl_cte cte, bool pem_only, sgl_sink *next,
    sgl_form_stage **out, sgl_err *err);
sgl_sink *sgl_form_stage_sink(sgl_form_stage *s);
bool sgl_form_stage_is_dirty(const sgl_form_stage *s);
bool sgl_form_stage_is_as_said(const sgl_form_stage *s);
bool sgl_form_stage_has_more(const sgl_form_stage *s);
void sgl_form_stage_free(sgl_form_stage *s);
/* Is that the beginning of a ContentInfo: a SEQUENCE that starts with an OBJECT
 * IDENTIFIER? No text starts so. */
bool sgl_form_is_der(sgl_slice head);

#endif
