/* SPDX-License-Identifier: Apache-2.0 */
/* All of libsigill. Programs that use a part may include that part alone. */
#ifndef SIGILL_SIGILL_H
#define SIGILL_SIGILL_H

#include "sigill/base.h"
#include "sigill/cms.h"
#include "sigill/crypto.h"
#include "sigill/pki.h"
#include "sigill/smime.h"

#endif
