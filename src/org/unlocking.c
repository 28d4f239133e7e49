/* SPDX-License-Identifier: Apache-2.0 */
#include "org/unlocking.h"
#include "sys/text.h"

sgl_unlock_rank
sgl_unlock_rank_of(const sgl_vault_state *state)
{
	static const sgl_unlock_rank ranks[SGL_NUM_WAY_KINDS] = {
	    [SGL_WAY_KEY_FILE] = SGL_UNLOCK_KEY_FILE,
	    [SGL_WAY_CREDENTIAL] = SGL_UNLOCK_CREDENTIAL,
	    [SGL_WAY_PASSPHRASE] = SGL_UNLOCK_PASSPHRASE,
	    [SGL_WAY_TOKEN] = SGL_UNLOCK_TOKEN,
	};

	for (size_t i = 0; i < SGL_NUM_WAY_KINDS; i++)
		if (state->num_of[i] > 0)
			return ranks[i];
	return SGL_UNLOCK_BARE;
}

const char *
sgl_unlock_rank_text(sgl_unlock_rank rank)
{
	switch (rank) {
	case SGL_UNLOCK_BARE:
		break;
	case SGL_UNLOCK_KEY_FILE:
		return N_("whoever has the home and the key file has all "
			  "private keys");
	case SGL_UNLOCK_CREDENTIAL:
		return N_("whoever has the home and the service manager's "
			  "credential has all private keys");
	case SGL_UNLOCK_PASSPHRASE:
		return N_("whoever has the home must know the passphrase");
	case SGL_UNLOCK_TOKEN:
		return N_("whoever has the home needs the token too");
	}
	return N_("whoever copies the home has all private keys: sigill key "
		  "protect");
}
