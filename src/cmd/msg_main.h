/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on messages, for the table in msg_table.c. */
#ifndef SGL_CMD_MSG_MAIN_H
#define SGL_CMD_MSG_MAIN_H

#include "cmd/command.h"

extern const sgl_option sgl_sign_options[], sgl_encrypt_options[],
    sgl_decrypt_options[], sgl_verify_options[], sgl_open_options[],
    sgl_inspect_options[];

int sgl_sign_main(sgl_call *call);
int sgl_encrypt_main(sgl_call *call);
int sgl_decrypt_main(sgl_call *call);
int sgl_verify_main(sgl_call *call);
int sgl_open_main(sgl_call *call);
int sgl_inspect_main(sgl_call *call);

#endif
