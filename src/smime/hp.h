/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header protection (RFC 9788): the header fields of a message, copied to the
 * entity that is signed or encrypted, whose Content-Type then says hp="clear"
 * or hp="cipher".
 */
#ifndef SGL_SMIME_HP_H
#define SGL_SMIME_HP_H

#include "mime/stage.h"

typedef enum sgl_hp {
	SGL_HP_NONE,
	SGL_HP_CLEAR, /* signed, by what the sender says */
	SGL_HP_CIPHER /* encrypted, by what the sender says */
} sgl_hp;

/* hp.c: kinds of fields. Structural ones (MIME-Version, Content-*) are neither
 * protected nor in transit. */

/* Fields that mail servers and mailing lists add on the way, and that say
 * nothing to a reader that could mislead (RFC 9788 7): a bit for every name, 0
 * for other fields. */
unsigned sgl_hp_transit(const sgl_field *f);
/* HP-Outer: a copy of a field as it was outside when it was encrypted (2.2). */
bool sgl_hp_is_outer_copy(const sgl_field *f);
/* What a sender protects. Not Bcc: whoever gets the message would see it
 * (11.4). */
bool sgl_hp_is_protectable(const sgl_field *f);
/* hcp_baseline (3.2.1): NULL, the field stays outside as it is; "", it goes;
 * else what it becomes. */
const char *sgl_hp_disguise(const sgl_field *f);

/* Content-Type parameters that say so: of RFC 9788, and of the draft before it
 * (appendix F.3). */
extern const char *const sgl_hp_params[];
/* Signed or encrypted in some way, of this room or not: what is protected is
 * inside of it. */
bool sgl_hp_is_layer(const sgl_mime_type *t);

/* hp_write.c */
typedef struct sgl_hp_fields {
	sgl_buf outer, inner; /* without blank line, CRLF behind each */
	sgl_buf display;      /* for Legacy Display Elements (2.1.2) */
} sgl_hp_fields;
sgl_hp_fields sgl_hp_fields_init(size_t max);
void sgl_hp_fields_clear(sgl_hp_fields *f);
SGL_AUTO_CLEAR_TYPE(sgl_hp_fields, sgl_hp_fields_clear)

/*
 * sgl_hp_protect changes fields outside and inside of a message to protected
 * ones; with SGL_HP_NONE it does nothing. What was protected before is so anew.
 * SGL_E_USAGE: there is nothing to protect. SGL_E_UNSUPPORTED: inside is S/MIME
 * or PGP/MIME already. SGL_E_ENCODING: the Content-Type cannot be read, or
 * there are several.
 */
SGL_MUST sgl_status sgl_hp_protect(
    sgl_hp hp, sgl_hp_fields *fields, sgl_err *err);

#endif
