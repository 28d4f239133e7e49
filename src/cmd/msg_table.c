/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on messages. */
#include "cmd/msg_main.h"

const sgl_command sgl_msg_commands[] = {
    {"decrypt", "[MESSAGE]", N_("decrypt a message"),
	N_("Takes the encryption off, and signatures around it; what is inside "
	   "is not looked at. To decrypt and verify in one step, use open."),
	sgl_decrypt_options, 0, 1, false, sgl_decrypt_main},
    {"verify", "[MESSAGE]", N_("check who signed a message"),
	N_("Tells whether the signature can be believed; the exit status is 0 "
	   "only then."),
	sgl_verify_options, 0, 1, true, sgl_verify_main},
    {"open", "[MESSAGE]", N_("decrypt and verify every layer"),
	N_("Writes the content inside all encryption and signatures, if the "
	   "signature can be believed."),
	sgl_open_options, 0, 1, true, sgl_open_main},
    {.name = NULL},
};
