/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"

#define MIB ((size_t)1 << 20)

static const sgl_limits defaults = {
    .layers = 8,
    .mime_depth = 32,
    .ber_depth = 32,
    .recipients = 10000,
    .signers = 16,
    .certificates = 128,
    .path_steps = 256,
    .kdf_iterations = 10000000,
    .element = MIB,
    .headers = MIB,
    .sets = 16 * MIB,
    .spool_memory = MIB,
};

#define FILL(field)                                                            \
	do {                                                                   \
		if (full.field == 0)                                           \
			full.field = defaults.field;                           \
	} while (0)

sgl_limits
sgl_limits_fill(const sgl_limits *given)
{
	sgl_limits full = given == NULL ? defaults : *given;

	FILL(layers);
	FILL(mime_depth);
	FILL(ber_depth);
	FILL(recipients);
	FILL(signers);
	FILL(certificates);
	FILL(path_steps);
	FILL(kdf_iterations);
	FILL(element);
	FILL(headers);
	FILL(sets);
	FILL(spool_memory);
	return full;
}
