/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of other authorities, for people of ours: judged by what they
 * shall be used for, and taken into the home with their keys and with what
 * stands above them.
 */
#ifndef SGL_ORG_IMPORT_H
#define SGL_ORG_IMPORT_H

#include "org/home.h"
#include "pki/cert.h"

typedef enum sgl_import_result {
	SGL_IMPORT_TAKEN,    /* to be used */
	SGL_IMPORT_HISTORY,  /* to open old mail, no more */
	SGL_IMPORT_KNOWN,    /* it is here already */
	SGL_IMPORT_NEEDLESS, /* of no use to anybody: an old signature key */
	SGL_IMPORT_REFUSED
} sgl_import_result;
const char *sgl_import_result_name(sgl_import_result result); /* "taken" */

#define SGL_IMPORT_DETAIL 512
typedef struct sgl_import_item {
	sgl_cert *cert; /* a reference */
	sgl_key *key;	/* a reference; NULL: it is here already */
	bool has_purpose;
	sgl_cert_purpose purpose;
	sgl_import_result result;
	/* What is the matter and what to do about it, N_(); NULL: nothing. */
	const char *why;
	char detail[SGL_IMPORT_DETAIL];
	sgl_certs chain; /* above it, the nearest first */
} sgl_import_item;

typedef struct sgl_import {
	sgl_import_item *items; /* one for each certificate and purpose */
	size_t num;
	size_t num_lone_keys; /* keys without a certificate */
} sgl_import;
void sgl_import_clear(sgl_import *import);
SGL_AUTO_CLEAR_TYPE(sgl_import, sgl_import_clear)

/* What was in the files; borrowed. */
typedef struct sgl_import_order {
	const sgl_keyring *ring;
	const sgl_crls *crls;
	bool has_purpose; /* else all that each allows */
	sgl_cert_purpose purpose;
} sgl_import_order;

/*
 * sgl_import_judge says of each certificate that is not an authority's whether
 * the person can have it: the key is with it or here, its addresses are the
 * person's, its usage fits, it is complete to a root, neither expired nor
 * revoked by the lists that came along. Nothing is changed. An incomplete one
 * is refused, an expired or revoked one is taken to open old mail. Whether
 * anybody believes its root is not asked.
 */
SGL_MUST sgl_status sgl_import_judge(sgl_home *home, const sgl_person *person,
    const sgl_import_order *order, sgl_import *out, sgl_err *err);
/* sgl_import_take stores those that are to be taken. */
SGL_MUST sgl_status sgl_import_take(sgl_home *home, const sgl_person *person,
    const sgl_import *import, sgl_err *err);

#endif
