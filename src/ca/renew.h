/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renewal: new keys and certificates while the old ones are still good.
 *
 * A certificate is due 60 days before it ends, or up to 28 days earlier: how
 * much earlier depends on the person, so that people who came on one day are
 * renewed over four weeks, each person's certificates together. Where a
 * certificate lives shorter than two thirds of a year, a quarter and an eighth
 * of its life take the place of these.
 *
 * If the old key was handed out, the new certificate waits (waits_until) until
 * the hand-out of the new key is confirmed, at most until seven days before the
 * old one ends: senders shall not use a key that the person's programs do not
 * have yet. Where the server signs and opens mail (custody server), nothing
 * waits.
 *
 * Renewed is what the organisation issued, for keys that it made, of people who
 * are active. Keys made elsewhere are renewed where they are.
 */
#ifndef SGL_CA_RENEW_H
#define SGL_CA_RENEW_H

#include "ca/ca.h"

/* sgl_renew_time is when a certificate is due. */
sgl_time sgl_renew_time(const sgl_cert_record *c);
/* sgl_renew_waiting gives until when a new certificate of a person, of that
 * purpose, waits; 0: it does not. */
SGL_MUST sgl_status sgl_renew_waiting(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_time *until, sgl_err *err);

/*
 * sgl_renew_all_begin notes in the store that all there is now is to be
 * renewed, due or not; if that was begun before and not finished, it goes on.
 * sgl_renew_all_end: it is finished. sgl_renew_all_get: up to which number of a
 * certificate; 0: nothing was begun, and what is due is renewed.
 */
SGL_MUST sgl_status sgl_renew_all_begin(sgl_home *home, sgl_err *err);
SGL_MUST sgl_status sgl_renew_all_end(sgl_home *home, sgl_err *err);
SGL_MUST sgl_status sgl_renew_all_get(
    sgl_home *home, int64_t *up_to, sgl_err *err);

/* sgl_renew_each visits all that will be renewed some day. */
SGL_MUST sgl_status sgl_renew_each(
    sgl_home *home, sgl_cert_visit visit, void *ctx, sgl_err *err);

/* A certificate to be renewed. */
typedef struct sgl_renewal {
	int64_t id, person;
	sgl_cert_purpose purpose;
} sgl_renewal;
/* sgl_renew_next finds the first above the number `after`, up to `up_to` (as
 * above); *found false: there is none. */
SGL_MUST sgl_status sgl_renew_next(sgl_home *home, int64_t up_to, int64_t after,
    sgl_renewal *out, bool *found, sgl_err *err);
/* sgl_renew_one renews it, in the caller's transaction. */
SGL_MUST sgl_status sgl_renew_one(
    sgl_home *home, const sgl_renewal *r, sgl_err *err);
/* sgl_renew_settle: what has waited long enough takes its place. */
SGL_MUST sgl_status sgl_renew_settle(sgl_home *home, sgl_err *err);

#endif
