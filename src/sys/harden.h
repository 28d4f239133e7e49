/* SPDX-License-Identifier: Apache-2.0 */
/* What every program of ours does first. */
#ifndef SGL_SYS_HARDEN_H
#define SGL_SYS_HARDEN_H

#include <stdbool.h>
#include <sys/types.h>

/* sgl_sys_harden: no core files, and no debugger of the same user reads our
 * memory, for keys and content are in it. Standard descriptors that are closed
 * are taken, so that no file of ours gets their numbers; using them fails. */
void sgl_sys_harden(void);
/* sgl_sys_lock_memory: nothing of this process goes to swap, if it may keep as
 * much as it wants from there (RLIMIT_MEMLOCK); with a limit, locking all could
 * make the next allocation fail. */
void sgl_sys_lock_memory(void);

/* sgl_sys_end_with ends this process when `parent`, which divided it off, has
 * ended; false: that is so already. */
bool sgl_sys_end_with(pid_t parent);

#endif
