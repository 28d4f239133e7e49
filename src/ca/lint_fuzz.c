/* SPDX-License-Identifier: Apache-2.0 */
/* Anybody's certificate, judged by every rule: alike alone and together, and
 * nothing of it reaches a terminal that should not. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "ca/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *
engine(void)
{
	static sgl_engine *e;

	if (e == NULL && sgl_engine_new(NULL, &e, NULL) != SGL_OK)
		abort();
	return e;
}

static void
check_note(const sgl_lint_note *note)
{
	size_t len = strnlen(note->text, sizeof note->text);

	assert(len < sizeof note->text);
	assert(sgl_utf8_is(sgl_slice_of(note->text, len)));
	for (size_t i = 0; i < len; i++)
		assert((unsigned char)note->text[i] >= 0x20);
}

static bool
count(void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	assert(rule->id != NULL);
	check_note(note);
	++*(size_t *)ctx;
	return true;
}

static size_t
judge_alone(const sgl_cert *cert, sgl_time time)
{
	size_t num = 0;

	for (size_t i = 0; i < sgl_lint_num_rules(); i++) {
		sgl_lint_note note;
		sgl_lint_verdict verdict =
		    sgl_lint_judge(cert, sgl_lint_get_rule(i), time, &note);

		check_note(&note);
		num += verdict == SGL_LINT_FAIL;
	}
	return num;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	size_t num = 0;
	sgl_time time;

	if (sgl_cert_read(engine(), sgl_slice_of(data, size), &cert, NULL) !=
	    SGL_OK)
		return 0;
	time = sgl_cert_get_not_before(cert);
	(void)sgl_lint_each(cert, time, false, count, &num);
	assert(num == judge_alone(cert, time));
	assert((sgl_lint_type(cert) == NULL) ==
	    (sgl_lint_generation(cert) == NULL));
	return 0;
}
