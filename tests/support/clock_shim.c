/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into our programs to take them to another time: SIGILL_CLOCK is by
 * how many seconds the clock is ahead. */
#include <stdlib.h>
#include <time.h>

__attribute__((visibility("default"))) time_t
time(time_t *out)
{
	const char *ahead = getenv("SIGILL_CLOCK");
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ahead != NULL)
		now.tv_sec += strtol(ahead, NULL, 10);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}
