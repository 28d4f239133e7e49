/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into our programs to take them to another time. SIGILL_CLOCK is by
 * how many seconds the clock is ahead; or the name of a file that begins with
 * that number, eight bytes, and may be changed meanwhile: the clock jumps. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int64_t fixed;
static const volatile int64_t *ahead = &fixed;

/* Before the program shuts itself in. */
__attribute__((constructor)) static void
find_clock(void)
{
	const char *clock = getenv("SIGILL_CLOCK");
	void *map = MAP_FAILED;
	int fd;

	if (clock == NULL)
		return;
	fixed = strtoll(clock, NULL, 10);
	if (clock[0] != '/')
		return;
	fd = open(clock, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		map = mmap(NULL, sizeof fixed, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		abort();
	ahead = map;
	(void)close(fd);
}

__attribute__((visibility("default"))) time_t
time(time_t *out)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += *ahead;
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}
