/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a keeper over the folder at a path. */
#ifndef SGL_VAULT_FOLDER_TEST_H
#define SGL_VAULT_FOLDER_TEST_H

#include "vault/keeper.h"

SGL_MUST static inline sgl_status
keeper_at(sgl_engine *engine, const char *path, sgl_keeper **out, sgl_err *err)
{
	sgl_plain_folder keys;
	sgl_status status;

	TRY(sgl_master_folder(path, &keys, err));
	status = sgl_keeper_new_here(engine, &keys, out, err);
	sgl_plain_close(&keys);
	return status;
}

#endif
