/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The organisation's certification authority: a root, and below it an issuing
 * authority that signs the certificates of people. All calls are made in an
 * open transaction of the home and change nothing if they fail before its
 * commit.
 */
#ifndef SGL_CA_CA_H
#define SGL_CA_CA_H

#include "ca/algorithm.h"
#include "ca/profile.h"
#include "org/home.h"

/* Keys that are not to be in the vault; borrowed. A NULL key is made there. */
typedef struct sgl_ca_founding {
	sgl_key *root, *issuing;
	/* As sgl_authority has them: SGL_KEY_EXPORTED, or a URI. */
	const char *root_location, *issuing_location;
} sgl_ca_founding;

/* sgl_ca_found makes the root and the issuing authority of a new home, with
 * all keys in the vault; sgl_ca_found_with also the first list of revoked
 * authorities where the root's key goes away. */
SGL_MUST sgl_status sgl_ca_found(sgl_home *home, sgl_err *err);
SGL_MUST sgl_status sgl_ca_found_with(
    sgl_home *home, const sgl_ca_founding *how, sgl_err *err);

/* sgl_ca_publish writes the authorities' certificates as PEM into the home's
 * ca/ folder. Nothing reads these copies. */
SGL_MUST sgl_status sgl_ca_publish(sgl_home *home, sgl_err *err);

/* sgl_ca_publish_lists writes what the world fetches (urls.h) into the same
 * folder, for any web server: certificates, and the CRLs that are committed.
 * Nothing of ours reads these either. */
SGL_MUST sgl_status sgl_ca_publish_lists(sgl_home *home, sgl_err *err);

/* sgl_certs_add_pem appends certificates as PEM, in the order of the set. */
SGL_MUST sgl_status sgl_certs_add_pem(
    const sgl_certs *set, sgl_buf *out, sgl_err *err);

/*
 * sgl_ca_issue makes a key and a certificate for a person. Current
 * certificates of that person and purpose become superseded; their keys stay,
 * and those for encryption still decrypt. *out (may be NULL) is the new record;
 * of one for both purposes (SGL_CERT_DUAL) that of signing.
 */
SGL_MUST sgl_status sgl_ca_issue(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_cert_record *out, sgl_err *err);
/* sgl_ca_issue_now does the same for a key that is handed out in the same
 * change: the certificate waits for nothing. */
SGL_MUST sgl_status sgl_ca_issue_now(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_cert_record *out, sgl_err *err);
/* sgl_ca_issue_for_key does the same for a key that its owner alone has; `spki`
 * is the public half (DER). That it is the owner's has been proven.
 * SGL_E_USAGE: it is somebody else's. */
SGL_MUST sgl_status sgl_ca_issue_for_key(sgl_home *home,
    const sgl_person *person, sgl_cert_purpose purpose, sgl_slice spki,
    sgl_cert_record *out, sgl_err *err);

/*
 * The same for many: what each needs is begun, all signatures are asked for at
 * once, which spares going to the keyholder and back for each, and what they
 * sign is stored. Some dozens wait; then these are ended before another one is
 * begun. Nothing is stored of the last ones before sgl_ca_many_end. After a
 * failure the transaction is to be given up.
 */
typedef struct sgl_ca_many sgl_ca_many;
typedef struct sgl_ca_needs {
	bool signing, encryption;
} sgl_ca_needs;
SGL_MUST sgl_status sgl_ca_many_new(
    sgl_home *home, sgl_ca_many **out, sgl_err *err);
void sgl_ca_many_free(sgl_ca_many *many);
SGL_AUTO_TYPE(sgl_ca_many, sgl_ca_many_free)
/* Both take the person on success. */
SGL_MUST sgl_status sgl_ca_many_issue(
    sgl_ca_many *many, sgl_person *person, sgl_ca_needs needs, sgl_err *err);
SGL_MUST sgl_status sgl_ca_many_issue_for_key(sgl_ca_many *many,
    sgl_person *person, sgl_cert_purpose purpose, sgl_slice spki, sgl_err *err);
SGL_MUST sgl_status sgl_ca_many_end(sgl_ca_many *many, sgl_err *err);

/* sgl_ca_is_dual: this person gets one certificate for both purposes. */
bool sgl_ca_is_dual(const sgl_home *home, const sgl_person *person);
/* sgl_ca_issue_all issues what somebody needs for both purposes: two
 * certificates, or one. *out (may be NULL) are the new records, one or two. */
typedef struct sgl_ca_issued {
	sgl_cert_record items[2];
	size_t num;
} sgl_ca_issued;
void sgl_ca_issued_clear(sgl_ca_issued *i);
SGL_AUTO_CLEAR_TYPE(sgl_ca_issued, sgl_ca_issued_clear)
SGL_MUST sgl_status sgl_ca_issue_all(
    sgl_home *home, const sgl_person *person, sgl_ca_issued *out, sgl_err *err);

#endif
