/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#define DAY 86400
/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z */
#define TIME_MIN INT64_C(-62167219200)
#define TIME_MAX INT64_C(253402300799)
/* From 0000-03-01 to 1970-01-01. A year that begins in March has its leap day
 * last, so that the days before a month do not depend on the year. */
#define EPOCH_DAY 719468
#define DAYS_400_YEARS 146097

/* Days before the month, counted from March (0) to February (11). */
static int
days_before(int march_month)
{
	return (153 * march_month + 2) / 5;
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static void
set_date(sgl_civil *c, int64_t days)
{
	/* Never negative: 0000-01-01 lies 60 days before the origin, so start
	 * 400 years earlier. */
	int d = (int)(days + EPOCH_DAY + DAYS_400_YEARS);
	int era = d / DAYS_400_YEARS, doe = d % DAYS_400_YEARS;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int month = (5 * doy + 2) / 153;

	c->year = era * 400 - 400 + yoe + (month >= 10 ? 1 : 0);
	c->month = month < 10 ? month + 3 : month - 9;
	c->day = doy - days_before(month) + 1;
}

sgl_civil
sgl_time_to_civil(sgl_time t)
{
	sgl_civil c;
	int64_t days;
	int rest;

	if (t < TIME_MIN)
		t = TIME_MIN;
	if (t > TIME_MAX)
		t = TIME_MAX;
	days = (t - TIME_MIN) / DAY + TIME_MIN / DAY;
	rest = (int)(t - days * DAY);
	set_date(&c, days);
	c.hour = rest / 3600;
	c.minute = rest / 60 % 60;
	c.second = rest % 60;
	return c;
}

static bool
in_range(const sgl_civil *c)
{
	return c->year >= 0 && c->year <= 9999 && c->month >= 1 &&
	    c->month <= 12 && c->day >= 1 &&
	    c->day <= days_in(c->year, c->month) && c->hour >= 0 &&
	    c->hour <= 23 && c->minute >= 0 && c->minute <= 59 &&
	    c->second >= 0 && c->second <= 60;
}

static bool
set_time(int64_t t, sgl_time *out)
{
	if (t < TIME_MIN || t > TIME_MAX)
		return false;
	*out = t;
	return true;
}

static int64_t
seconds_of(const sgl_civil *c)
{
	int year = c->year + 400 - (c->month < 3 ? 1 : 0);
	int month = c->month < 3 ? c->month + 9 : c->month - 3;
	int64_t days = (int64_t)year * 365 + year / 4 - year / 100 +
	    year / 400 + days_before(month) + c->day - 1 - DAYS_400_YEARS -
	    EPOCH_DAY;

	return days * DAY + c->hour * 3600 + c->minute * 60 + c->second;
}

bool
sgl_time_from_civil(const sgl_civil *c, sgl_time *out)
{
	return in_range(c) && set_time(seconds_of(c), out);
}

/* `value` in so many digits, and what stands behind it. */
static char *
put_number(char *out, int value, int num_digits, char behind)
{
	for (int i = num_digits - 1; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
	out[num_digits] = behind;
	return out + num_digits + 1;
}

char *
sgl_time_text(sgl_time t, char out[SGL_TIME_TEXT])
{
	sgl_civil c = sgl_time_to_civil(t);
	char *at = put_number(out, c.year, 4, '-');

	at = put_number(at, c.month, 2, '-');
	at = put_number(at, c.day, 2, 'T');
	at = put_number(at, c.hour, 2, ':');
	at = put_number(at, c.minute, 2, ':');
	at = put_number(at, c.second, 2, 'Z');
	*at = '\0';
	return out;
}

static bool
is_digit(sgl_slice s)
{
	return s.len > 0 && s.data[0] >= '0' && s.data[0] <= '9';
}

static bool
read_digits(sgl_slice *s, int num, int *out)
{
	int value = 0;

	for (int i = 0; i < num; i++) {
		if (!is_digit(*s))
			return false;
		value = value * 10 + (s->data[0] - '0');
		*s = sgl_slice_from(*s, 1);
	}
	*out = value;
	return true;
}

/* One character of `set`; *which, if not NULL, says which. */
static bool
read_mark(sgl_slice *s, const char *set, char *which)
{
	if (s->len == 0 || s->data[0] == 0 || !strchr(set, s->data[0]))
		return false;
	if (which != NULL)
		*which = (char)s->data[0];
	*s = sgl_slice_from(*s, 1);
	return true;
}

static bool
read_date(sgl_slice *s, sgl_civil *c)
{
	return read_digits(s, 4, &c->year) && read_mark(s, "-", NULL) &&
	    read_digits(s, 2, &c->month) && read_mark(s, "-", NULL) &&
	    read_digits(s, 2, &c->day);
}

static bool
read_clock(sgl_slice *s, sgl_civil *c)
{
	if (!read_digits(s, 2, &c->hour) || !read_mark(s, ":", NULL) ||
	    !read_digits(s, 2, &c->minute) || !read_mark(s, ":", NULL) ||
	    !read_digits(s, 2, &c->second))
		return false;
	if (!read_mark(s, ".", NULL))
		return true;
	if (!is_digit(*s))
		return false;
	while (is_digit(*s))
		*s = sgl_slice_from(*s, 1);
	return true;
}

static bool
read_zone(sgl_slice *s, int *seconds)
{
	int hours, minutes;
	char sign;

	if (!read_mark(s, "Zz+-", &sign))
		return false;
	*seconds = 0;
	if (sign != '+' && sign != '-')
		return true;
	if (!read_digits(s, 2, &hours) || !read_mark(s, ":", NULL) ||
	    !read_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
	return true;
}

static bool
parse_seconds(sgl_slice s, sgl_time *out)
{
	bool negative = read_mark(&s, "-", NULL);
	int64_t value = 0;
	int digit;

	if (s.len == 0)
		return false;
	while (s.len > 0) {
		if (!read_digits(&s, 1, &digit) || value > TIME_MAX)
			return false;
		value = value * 10 + digit;
	}
	return set_time(negative ? -value : value, out);
}

bool
sgl_time_parse(sgl_slice text, sgl_time *out)
{
	sgl_civil c = {0};
	int zone = 0;

	if (read_mark(&text, "@", NULL))
		return parse_seconds(text, out);
	if (!read_date(&text, &c))
		return false;
	if (text.len == 0)
		return sgl_time_from_civil(&c, out);
	/* RFC 3339 5.6 lets a blank stand for the T. */
	if (!read_mark(&text, "Tt ", NULL) || !read_clock(&text, &c) ||
	    !read_zone(&text, &zone) || text.len > 0 || !in_range(&c))
		return false;
	return set_time(seconds_of(&c) - zone, out);
}

bool
sgl_span_parse(sgl_slice text, sgl_time *out)
{
	static const struct {
		char letter;
		sgl_time seconds;
	} units[] = {
	    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	sgl_time n = 0;

	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' ||
		    n > SGL_SPAN_MAX)
			return false;
		n = 10 * n + (text.data[i] - '0');
	}
	for (size_t i = 0; n > 0 && i < sizeof units / sizeof *units; i++)
		if (text.data[text.len - 1] == units[i].letter &&
		    n <= SGL_SPAN_MAX / units[i].seconds) {
			*out = n * units[i].seconds;
			return true;
		}
	return false;
}
