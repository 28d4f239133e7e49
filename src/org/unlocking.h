/* SPDX-License-Identifier: Apache-2.0 */
/* How well the master key is kept, for whoever gives advice. */
#ifndef SGL_ORG_UNLOCKING_H
#define SGL_ORG_UNLOCKING_H

#include "vault/master.h"

/* What it takes to have all keys, beside the home: the easiest way counts. */
typedef enum sgl_unlock_rank {
	SGL_UNLOCK_BARE,       /* nothing: a copy of the home is enough */
	SGL_UNLOCK_KEY_FILE,   /* a file of the same machine, or a stick */
	SGL_UNLOCK_CREDENTIAL, /* a credential of the service manager */
	SGL_UNLOCK_PASSPHRASE, /* what somebody knows */
	SGL_UNLOCK_TOKEN       /* a device */
} sgl_unlock_rank;
sgl_unlock_rank sgl_unlock_rank_of(const sgl_vault_state *state);
/* The same as one sentence for people, to be translated. */
const char *sgl_unlock_rank_text(sgl_unlock_rank rank);

#endif
