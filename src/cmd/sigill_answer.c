/* SPDX-License-Identifier: Apache-2.0 */
/* sigill-answer: what the organisation knows, for commands on messages. */
#include "admin/answer.h"
#include "sys/harden.h"
#include "sys/signals.h"

/* No language: whoever asked says what went wrong, in its own. That saves the
 * memory of one. */
int
main(int argc, char **argv)
{
	sgl_sys_harden();
	sgl_signals_init();
	return sgl_answer_main(argc, argv);
}
