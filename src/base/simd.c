/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/simd.h"

static bool portable_alone;

bool
sgl_simd_force_portable(bool portable)
{
	bool before = portable_alone;

	portable_alone = portable;
	return before;
}

bool
sgl_simd_has_avx2(void)
{
#if SGL_HAVE_AVX2
	return !portable_alone && __builtin_cpu_supports("avx2");
#else
	return false;
#endif
}
