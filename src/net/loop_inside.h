/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SGL_NET_LOOP_INSIDE_H
#define SGL_NET_LOOP_INSIDE_H

#include <event2/event.h>

#include "net/loop.h"

struct sgl_loop {
	struct event_base *base;
};

#endif
