/* SPDX-License-Identifier: Apache-2.0 */
/* sigill-org as the process that answers a command on messages (resolve.h). */
#ifndef SGL_CMD_ORG_ANSWER_H
#define SGL_CMD_ORG_ANSWER_H

/* sgl_answer_main converses over SGL_ANSWER_FD until the command closes it:
 * sigill-org --answer [--home DIR]. Gives the exit status. */
int sgl_answer_main(int argc, char **argv);

#endif
