/* SPDX-License-Identifier: Apache-2.0 */
/* All that a CRL lists: the store tells one after the other, and so does the
 * builder ask. */
#ifndef SGL_CA_CRL_ENTRIES_H
#define SGL_CA_CRL_ENTRIES_H

#include "pki/build.h"
#include "store/store.h"

#define SGL_CRL_SERIAL_MAX 20 /* RFC 5280 4.1.2.2 */

typedef struct sgl_crl_line {
	uint8_t serial[SGL_CRL_SERIAL_MAX];
	uint8_t len;
	sgl_revocation_mark mark;
} sgl_crl_line;

/* All-zero but for the maximum of `bytes` is an empty list. */
typedef struct sgl_crl_entries {
	sgl_buf bytes; /* of sgl_crl_line */
	size_t num;
	sgl_crl_line told; /* the latest */
} sgl_crl_entries;
void sgl_crl_entries_clear(sgl_crl_entries *e);
SGL_AUTO_CLEAR_TYPE(sgl_crl_entries, sgl_crl_entries_clear)

SGL_MUST sgl_status sgl_crl_entries_add(sgl_crl_entries *e, sgl_slice serial,
    const sgl_revocation_mark *mark, sgl_err *err);
/* For sgl_store_each_revoked; ctx is the list. */
sgl_status
sgl_crl_entries_add_cert(void *ctx, const sgl_cert_record *c, sgl_err *err);
/* For sgl_crl_template.next; ctx is the list. */
sgl_status sgl_crl_entries_tell(
    void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err);

#endif
