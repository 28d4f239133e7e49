/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a service manager how we are (sd_notify(3)): one datagram to
 * $NOTIFY_SOCKET. Where there is none, nothing happens. */
#ifndef SGL_SYS_NOTIFY_H
#define SGL_SYS_NOTIFY_H

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..." */
void sgl_notify(const char *state);

#endif
