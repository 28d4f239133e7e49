/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on messages. */
#include "message/main.h"

const sgl_command sgl_msg_commands[] = {
    {"sign", "--key ID... [MESSAGE]", N_("sign a message"),
	N_("Reads a message (RFC 5322) or a MIME entity from MESSAGE or "
	   "standard input and signs it with every --key."),
	sgl_sign_options, 0, 1, false, sgl_sign_main},
    {"encrypt", "--to CERT... [MESSAGE]", N_("encrypt a message"),
	N_("Encrypts a message to every --to, or signs it first with --sign."),
	sgl_encrypt_options, 0, 1, false, sgl_encrypt_main},
    {"decrypt", "--key ID... [MESSAGE]", N_("decrypt a message"),
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
    {"inspect", "FILE", N_("show the structure of anything"),
	N_("Shows what a message, certificate, key file or revocation list is "
	   "made of, with byte offsets. Judges and decrypts nothing."),
	sgl_inspect_options, 1, 1, false, sgl_inspect_main},
    {.name = NULL},
};
