/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of the keys in a home. Where the keyholder of sigilld is a user of
 * its own the folder is that user's, and not the owner's of the home, who could
 * put another one in its place all the same: with a key of the owner's choice.
 */
#ifndef SGL_ORG_KEYS_H
#define SGL_ORG_KEYS_H

#include "vault/master.h"

/* Who the keyholder is: a setting of sigilld.conf, and who if that says
 * nothing. */
#define SGL_KEYS_SETTING "user_keyholder"
#define SGL_KEYS_USUAL "sigill-keys"

/* sgl_keys_check_owner: SGL_E_PASSWORD: it is somebody else's. */
SGL_MUST sgl_status sgl_keys_check_owner(
    const sgl_plain_folder *keys, unsigned keyholder, sgl_err *err);
/* sgl_keys_look_aside: SGL_E_USAGE: there is a folder of the keyholder's in the
 * home under another name. */
SGL_MUST sgl_status sgl_keys_look_aside(const char *home,
    const sgl_plain_folder *keys, unsigned keyholder, sgl_err *err);

/*
 * sgl_keys_open opens it, in the home at this path. To root, on somebody else's
 * home, it is the keyholder's, or not handed over yet, or refused: SGL_E_USAGE,
 * SGL_E_PASSWORD, SGL_E_IO. `path` is where its path is put, and lives as long
 * as *out. sgl_keys_read reads the master key there.
 */
SGL_MUST sgl_status sgl_keys_open(
    const char *home, sgl_buf *path, sgl_plain_folder *out, sgl_err *err);
SGL_MUST sgl_status sgl_keys_read(
    const char *home, sgl_master *out, sgl_err *err);

#endif
