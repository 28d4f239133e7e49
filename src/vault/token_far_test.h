/* SPDX-License-Identifier: Apache-2.0 */
/* The far side of a token line for tests: a process that has the token. */
#ifndef SGL_VAULT_TOKEN_FAR_TEST_H
#define SGL_VAULT_TOKEN_FAR_TEST_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault/token_line.h"

/* token_far_serve answers at `fd` for the token of `uri`, until the other side
 * closes; `known` is what was noted of a PIN, or NULL. The exit status. */
static inline int
token_far_serve(
    sgl_engine *engine, const char *uri, const sgl_pin_note *known, int fd)
{
	SGL_AUTO(sgl_channel)
	c = NULL;
	SGL_AUTO(sgl_token_server)
	s = NULL;
	unsigned type;
	sgl_slice body;
	bool ended = false;

	if (sgl_channel_new(fd, &c, NULL) != SGL_OK ||
	    sgl_token_server_new(engine, &s, NULL) != SGL_OK ||
	    sgl_token_server_add(s, uri, (sgl_slice){NULL, 0}, known, NULL) !=
		SGL_OK)
		return 1;
	while (sgl_channel_receive(c, SGL_CHANNEL_MESSAGE, &type, &body, &ended,
		   NULL) == SGL_OK &&
	    !ended)
		if (sgl_token_serve(s, c, type, body, NULL) != SGL_OK)
			return 2;
	return 0;
}

static inline void
token_far_end(pid_t *child)
{
	if (*child > 0) {
		(void)kill(*child, SIGKILL);
		(void)waitpid(*child, NULL, 0);
	}
	*child = 0;
}

#endif
