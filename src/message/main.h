/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on messages. */
#ifndef SGL_MESSAGE_MAIN_H
#define SGL_MESSAGE_MAIN_H

#include "cli/command.h"

/* All of them, by name. */
extern const sgl_command sgl_msg_commands[];

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
