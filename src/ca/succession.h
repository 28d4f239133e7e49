/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a root does after its organisation was made, each time that its key is
 * at hand: it certifies the next issuing authority, and lists those that it has
 * revoked.
 *
 * The root's key never comes to the process that may change the home. Whoever
 * has the key drafts, from a home that is only read, and what was signed is
 * taken into the home in one change, after it was checked. A draft that is not
 * taken has changed nothing.
 */
#ifndef SGL_CA_SUCCESSION_H
#define SGL_CA_SUCCESSION_H

#include "ca/making.h"
#include "ca/outer_key.h"

/* What the root has signed: the certificate may be empty. */
typedef struct sgl_ca_draft {
	sgl_buf cert, crl;
} sgl_ca_draft;
void sgl_ca_draft_clear(sgl_ca_draft *d);
SGL_AUTO_CLEAR_TYPE(sgl_ca_draft, sgl_ca_draft_clear)

/* sgl_ca_find_authority: by its number. SGL_E_NOKEY: there is none. */
SGL_MUST sgl_status sgl_ca_find_authority(
    sgl_home *home, int64_t id, sgl_authority *out, sgl_err *err);
/* sgl_ca_find_root finds the root that certifies now. */
SGL_MUST sgl_status sgl_ca_find_root(
    sgl_home *home, sgl_authority *out, sgl_err *err);

/* sgl_ca_issuing_certs adds the certificates of the authorities that issue
 * now. */
SGL_MUST sgl_status sgl_ca_issuing_certs(
    sgl_home *home, sgl_certs *out, sgl_err *err);

/* sgl_ca_root_over takes a key (also by a failure) as that root's.
 * SGL_E_NOKEY: it is another one. */
SGL_MUST sgl_status sgl_ca_root_over(
    sgl_home *home, sgl_outer_key *key, sgl_ca_signer *out, sgl_err *err);

/* sgl_ca_prepare makes the key of the next issuing authority in the vault, in
 * the caller's change; one that was made and not used yet stays. */
SGL_MUST sgl_status sgl_ca_prepare(sgl_home *home, sgl_err *err);

/* Drafts. `key` is the public half of the next issuing authority's key where it
 * is on a token; NULL: it was prepared. */
SGL_MUST sgl_status sgl_ca_draft_issuing(sgl_home *home,
    const sgl_ca_signer *root, sgl_key *key, sgl_ca_draft *out, sgl_err *err);
SGL_MUST sgl_status sgl_ca_draft_revocation(sgl_home *home,
    const sgl_ca_signer *root, int64_t authority, sgl_revocation_reason reason,
    sgl_ca_draft *out, sgl_err *err);
SGL_MUST sgl_status sgl_ca_draft_crl(
    sgl_home *home, const sgl_ca_signer *root, sgl_ca_draft *out, sgl_err *err);

/*
 * Taking them, in the caller's change. SGL_E_MISMATCH: the draft is not what it
 * shall be, or the home has changed since.
 *
 * sgl_ca_take_issuing: the new authority issues from now on, its key being at
 * `location` (NULL: the prepared one); those before are retired.
 * sgl_ca_take_revocation: what the list says of the authority holds.
 */
SGL_MUST sgl_status sgl_ca_take_issuing(
    sgl_home *home, const sgl_ca_draft *d, const char *location, sgl_err *err);
SGL_MUST sgl_status sgl_ca_take_revocation(
    sgl_home *home, const sgl_ca_draft *d, int64_t authority, sgl_err *err);
SGL_MUST sgl_status sgl_ca_take_crl(
    sgl_home *home, const sgl_ca_draft *d, sgl_err *err);

/*
 * What authorities of others below the root need, in the same way.
 * sgl_ca_draft_list: the list of those of `list` that are revoked.
 * sgl_ca_take_below: an authority's certificate that is signed by the root,
 * with a serial number that is new; *issuer is the root's number.
 * sgl_ca_take_entry: what the list says of a certificate.
 */
SGL_MUST sgl_status sgl_ca_draft_list(sgl_home *home, const sgl_ca_signer *root,
    const sgl_authorities *list, sgl_ca_draft *out, sgl_err *err);
SGL_MUST sgl_status sgl_ca_take_below(sgl_home *home, const sgl_ca_draft *d,
    int64_t *issuer, sgl_cert **out, sgl_err *err);
/* sgl_ca_take_over: an authority whose certificate is below the authority
 * `root` issues from now on, as sgl_ca_take_issuing says; *id is its number. */
SGL_MUST sgl_status sgl_ca_take_over(sgl_home *home, const sgl_cert *cert,
    int64_t root, const char *location, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_ca_take_entry(sgl_home *home, const sgl_ca_draft *d,
    const sgl_cert *cert, sgl_revocation_mark *out, sgl_err *err);

/* A draft as bytes. sgl_ca_draft_read: SGL_E_IO: they are none. */
SGL_MUST sgl_status sgl_ca_draft_add(
    const sgl_ca_draft *d, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_ca_draft_read(
    sgl_slice bytes, sgl_ca_draft *out, sgl_err *err);

/* sgl_ca_no_authority: SGL_E_NOKEY, with its number. */
sgl_status sgl_ca_no_authority(int64_t id, sgl_err *err);

#endif
