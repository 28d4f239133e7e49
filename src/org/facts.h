/* SPDX-License-Identifier: Apache-2.0 */
/* How the organisation is doing, in numbers: for whoever watches over it. */
#ifndef SGL_ORG_FACTS_H
#define SGL_ORG_FACTS_H

#include "org/home.h"

#define SGL_SETTING_LAST_BACKUP "backup.last"

/* The newest CRL of a part of what an active authority revokes. */
typedef struct sgl_crl_fact {
	int64_t authority, shard, number;
	sgl_time this_update, next_update;
	bool is_root;
	bool is_by_hand; /* the key that signs it is not in the home */
} sgl_crl_fact;

typedef struct sgl_facts {
	sgl_time now;
	sgl_counts counts;
	/* When the first of the authorities that issue ends; 0: none does. */
	sgl_time authority_until;
	/* One whose key is lost and that is neither revoked nor ended; 0. */
	int64_t lost_authority;
	sgl_crl_fact *crls;
	size_t num_crls;
	sgl_time backup; /* the last one; 0: never */
	int64_t generation;
	int64_t size;  /* of the database, in bytes */
	int64_t audit; /* number of the last record; 0: none */
	uint8_t audit_hash[32];
	sgl_time signed_at; /* the last record that is signed; 0: none is */
} sgl_facts;
SGL_MUST sgl_status sgl_facts_gather(
    sgl_home *home, sgl_facts *out, sgl_err *err);
void sgl_facts_clear(sgl_facts *f);
SGL_AUTO_CLEAR_TYPE(sgl_facts, sgl_facts_clear)

#endif
