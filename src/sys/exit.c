/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/exit.h"
#include "sys/signals.h"

int
sgl_exit_of(sgl_status status)
{
	int signal = sgl_signals_caught();

	if (signal != 0 && status != SGL_OK)
		return SGL_EXIT_SIGNAL + signal;
	switch (status) {
	case SGL_OK:
		return SGL_EXIT_OK;
	case SGL_E_USAGE:
		return SGL_EXIT_USAGE;
	case SGL_NEED_KEY:
	case SGL_E_NOKEY:
	case SGL_E_PASSWORD:
	case SGL_E_MISMATCH:
		return SGL_EXIT_KEY;
	case SGL_E_ENCODING:
	case SGL_E_LIMIT:
	case SGL_E_UNSUPPORTED:
	case SGL_E_DECRYPT:
		return SGL_EXIT_INPUT;
	case SGL_E_IO:
	case SGL_E_NOMEM:
	case SGL_E_CRYPTO:
		return SGL_EXIT_ENVIRONMENT;
	}
	return SGL_EXIT_ENVIRONMENT;
}
