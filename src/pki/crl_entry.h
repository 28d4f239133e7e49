/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of a CRL; for this room. */
#ifndef SGL_PKI_CRL_ENTRY_H
#define SGL_PKI_CRL_ENTRY_H

#include "pki/crl.h"

typedef struct sgl_crl_entry {
	sgl_slice serial;
	sgl_der time;	  /* at the revocationDate */
	sgl_slice issuer; /* GeneralNames of certificateIssuer, or empty */
	bool is_unusable; /* a critical extension is not understood */
} sgl_crl_entry;

/* sgl_crl_entry_read steps over the next entry and reads of it what finding it
 * needs. */
SGL_MUST bool sgl_crl_entry_read(sgl_der *in, sgl_crl_entry *out);

#endif
