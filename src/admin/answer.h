/* SPDX-License-Identifier: Apache-2.0 */
/* sigill-answer: the process that answers a command on messages (resolve.h). It
 * is a program of its own so that it is small beside the one that it answers.
 */
#ifndef SGL_ADMIN_ANSWER_H
#define SGL_ADMIN_ANSWER_H

/* sgl_answer_main converses over SGL_ANSWER_FD until the command closes it:
 * sigill-answer [--home DIR]. Gives the exit status. */
int sgl_answer_main(int argc, char **argv);

#endif
