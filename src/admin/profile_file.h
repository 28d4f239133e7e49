/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration profile for Apple's devices (.mobileconfig): a person's keys,
 * each as a PKCS#12 of its own, for such a payload holds one identity; and the
 * certificates above them. The password is not in it: the device asks.
 *
 * Identifiers come from the organisation's domain, UUIDs from the address and
 * the certificate, so that a later profile takes the place of an earlier one.
 */
#ifndef SGL_ADMIN_PROFILE_FILE_H
#define SGL_ADMIN_PROFILE_FILE_H

#include "admin/work.h"

typedef struct sgl_profile_order {
	const sgl_person *person;
	const int64_t *keys; /* with the certificate of each at its place */
	size_t num_keys;
	const sgl_certs *certs; /* those, and behind them what is above */
	sgl_slice password;
	bool legacy;
} sgl_profile_order;

/* sgl_profile_write appends the profile, which holds private keys. */
SGL_MUST sgl_status sgl_profile_write(
    sgl_session *s, const sgl_profile_order *order, sgl_buf *out, sgl_err *err);
/* sgl_profile_sign appends it as CMS SignedData, signed by a mailbox of the
 * organisation. SGL_E_NOKEY: it has no certificate to sign, or no key. */
SGL_MUST sgl_status sgl_profile_sign(sgl_session *s, const char *address,
    sgl_slice profile, sgl_buf *out, sgl_err *err);

#endif
