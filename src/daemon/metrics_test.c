/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/metrics.h"

static void
expect(sgl_buf *out, const char *want)
{
	const char *text;

	assert_int_equal(sgl_buf_text(out, &text, NULL), SGL_OK);
	assert_string_equal(text, want);
	sgl_buf_clear(out);
}

static void
texts_stay_what_they_are(void **state)
{
	sgl_buf out = sgl_buf_init(4096);
	sgl_metrics m = sgl_metrics_over(&out);

	(void)state;
	sgl_metrics_counter(&m, "a_total", "one \\ two\n\"three\"");
	sgl_metrics_add(
	    &m, SGL_LABELS({"x", "q\"b\\n\nå"}, {"y", ""}), INT64_MIN);
	sgl_metrics_gauge(&m, "b", "c");
	sgl_metrics_add(&m, NULL, 0);
	assert_int_equal(sgl_metrics_end(&m, NULL), SGL_OK);
	expect(&out,
	    "# HELP a_total one \\\\ two\\n\"three\"\n"
	    "# TYPE a_total counter\n"
	    "a_total{x=\"q\\\"b\\\\n\\nå\",y=\"\"} -9223372036854775808\n"
	    "# HELP b c\n# TYPE b gauge\nb 0\n");
}

static void
durations_fall_where_they_belong(void **state)
{
	static const int64_t took[] = {-5, 0, 1000, 1001, 60000000, 60000001};
	sgl_buf out = sgl_buf_init(4096);
	sgl_metrics m = sgl_metrics_over(&out);
	sgl_durations d = {.num = 0};

	(void)state;
	for (size_t i = 0; i < sizeof took / sizeof *took; i++)
		sgl_durations_note(&d, took[i]);
	m.name = "t";
	sgl_metrics_durations(&m, &(sgl_label){"r", "s"}, &d);
	assert_int_equal(sgl_metrics_end(&m, NULL), SGL_OK);
	expect(&out,
	    "t_bucket{r=\"s\",le=\"0.001\"} 3\n"
	    "t_bucket{r=\"s\",le=\"0.005\"} 4\n"
	    "t_bucket{r=\"s\",le=\"0.01\"} 4\n"
	    "t_bucket{r=\"s\",le=\"0.05\"} 4\n"
	    "t_bucket{r=\"s\",le=\"0.1\"} 4\n"
	    "t_bucket{r=\"s\",le=\"0.5\"} 4\n"
	    "t_bucket{r=\"s\",le=\"1\"} 4\n"
	    "t_bucket{r=\"s\",le=\"5\"} 4\n"
	    "t_bucket{r=\"s\",le=\"10\"} 4\n"
	    "t_bucket{r=\"s\",le=\"60\"} 5\n"
	    "t_bucket{r=\"s\",le=\"+Inf\"} 6\n"
	    "t_sum{r=\"s\"} 120.002002\n"
	    "t_count{r=\"s\"} 6\n");
}

static void
too_much_is_told_once(void **state)
{
	sgl_buf out = sgl_buf_init(20);
	sgl_metrics m = sgl_metrics_over(&out);

	(void)state;
	sgl_metrics_gauge(&m, "much_longer_than_that", "x");
	sgl_metrics_add(&m, NULL, 1);
	assert_int_equal(sgl_metrics_end(&m, NULL), SGL_E_LIMIT);
	sgl_buf_clear(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_stay_what_they_are),
	    cmocka_unit_test(durations_fall_where_they_belong),
	    cmocka_unit_test(too_much_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
