/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that ask for a certificate by themselves, over whatever protocol:
 * with a code that was given to a person and works once, or with the
 * certificate that they have. Whose certificate it becomes is in our records
 * alone; what a device says of itself is not looked at, but for its key.
 *
 * All calls are made in an open transaction of the home.
 */
#ifndef SGL_CA_ENROL_H
#define SGL_CA_ENROL_H

#include "cms/writer.h"
#include "org/home.h"

/* 25 letters and digits in groups of five, of which the first five are not
 * secret: "7KQ2M-..."; and a NUL. */
#define SGL_ENROL_CODE 30
#define SGL_ENROL_TRIES 10 /* wrong ones, then a code is void */

/*
 * sgl_enrol_new_code makes a code, which takes the place of the one before for
 * the same person and purpose; `code` is to be wiped. SGL_E_USAGE: the person
 * is not active, or no device gets such a key (custody).
 */
SGL_MUST sgl_status sgl_enrol_new_code(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_time expires, char code[SGL_ENROL_CODE],
    sgl_err *err);

/* What a device brings; borrowed. It has shown that it has the keys of `spki`
 * and `client`. */
typedef struct sgl_enrolment {
	sgl_slice spki;	   /* DER, to be certified */
	sgl_slice code;	   /* as it was typed; secret */
	sgl_slice address; /* whose it says it is; empty: it does not say */
	sgl_slice client;  /* the certificate to renew; where there is a code,
			      too, if that is not right */
	/* In place of spki: a key that is made here and handed over, encrypted
	 * to the recipient; as it is if that has no spki. */
	bool wants_key;
	sgl_bare_recipient recipient;
	sgl_cipher_alg cipher;
} sgl_enrolment;

typedef enum sgl_enrol_outcome {
	SGL_ENROL_DONE,
	SGL_ENROL_REFUSED, /* the code or certificate is none that may */
	SGL_ENROL_BAD_KEY, /* nobody gets a certificate for such a key */
	/* Who may makes the key itself and wanted one, or the other way round:
	 * where we keep the keys with which mail is read, we make them. */
	SGL_ENROL_WRONG_WAY
} sgl_enrol_outcome;

/*
 * sgl_enrol issues a certificate, *out (clear it), or says why not. Either way
 * the transaction is to be committed: a wrong code is counted, a right one is
 * used up. What is refused looks the same from outside, whatever the reason.
 * A private key that was wanted is appended to *key (to be wiped; NULL where
 * none is), and is not to leave before the commit; what the custody does not
 * keep is not kept.
 */
SGL_MUST sgl_status sgl_enrol(sgl_home *home, const sgl_enrolment *e,
    sgl_enrol_outcome *outcome, sgl_cert_record *out, sgl_buf *key,
    sgl_err *err);

#endif
