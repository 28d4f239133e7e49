/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/name.h"

/* Attributes in one RDN that are compared in any order. Nobody has more than a
 * few; a stranger who writes a thousand must not cost a million comparisons. */
#define MAX_MULTI 16

bool
sgl_name_open(sgl_slice name, sgl_der *rdns)
{
	sgl_der in = sgl_der_over(name);

	return sgl_der_read(&in, SGL_SEQUENCE, rdns) && sgl_der_done(&in);
}

bool
sgl_ava_read(sgl_der *rdn, sgl_ava *out)
{
	sgl_der look = *rdn, ava, value;

	if (!sgl_der_read(&look, SGL_SEQUENCE, &ava) ||
	    !sgl_der_read_bytes(&ava, SGL_OID, &out->type) ||
	    !sgl_der_read_any(&ava, &out->tag, &out->whole, &value) ||
	    !sgl_der_done(&ava))
		return false;
	out->value = sgl_der_rest(&value);
	*rdn = look;
	return true;
}

bool
sgl_ava_text(const sgl_ava *ava, sgl_buf *out)
{
	return sgl_der_text(ava->tag, ava->value, out);
}

/* RFC 5280 7.1, RFC 4518 2.6: strings of whatever type, if both read. */
static bool
same_value(const sgl_ava *a, const sgl_ava *b)
{
	sgl_fold x, y;
	uint32_t c;

	if (sgl_slice_eq(a->whole, b->whole))
		return true;
	if (!sgl_fold_over(a->tag, a->value, &x) ||
	    !sgl_fold_over(b->tag, b->value, &y))
		return false;
	do {
		c = sgl_fold_next(&x);
		if (c != sgl_fold_next(&y) || c == SGL_FOLD_BAD)
			return false;
	} while (c != SGL_FOLD_END);
	return true;
}

static bool
same_ava(const sgl_ava *a, const sgl_ava *b)
{
	return sgl_slice_eq(a->type, b->type) && same_value(a, b);
}

static bool
read_rdn(sgl_der rdn, sgl_ava out[MAX_MULTI], size_t *num)
{
	for (*num = 0; !sgl_der_done(&rdn); (*num)++)
		if (*num == MAX_MULTI || !sgl_ava_read(&rdn, &out[*num]))
			return false;
	return true;
}

/* A SET has no order of its own; DER sorts it by bytes that may differ in
 * names that are the same. */
static bool
same_multi(sgl_der a, sgl_der b)
{
	sgl_ava x[MAX_MULTI], y[MAX_MULTI];
	size_t num_x, num_y, k;
	bool used[MAX_MULTI] = {false};

	if (!read_rdn(a, x, &num_x) || !read_rdn(b, y, &num_y) ||
	    num_x != num_y)
		return false;
	for (size_t i = 0; i < num_x; i++) {
		for (k = 0; k < num_y; k++)
			if (!used[k] && same_ava(&x[i], &y[k]))
				break;
		if (k == num_y)
			return false;
		used[k] = true;
	}
	return true;
}

static bool
same_rdn(sgl_der a, sgl_der b)
{
	sgl_der look_a = a, look_b = b;
	sgl_ava x, y;

	if (sgl_slice_eq(sgl_der_rest(&a), sgl_der_rest(&b)))
		return true;
	if (!sgl_ava_read(&look_a, &x) || !sgl_ava_read(&look_b, &y))
		return false;
	if (sgl_der_done(&look_a) && sgl_der_done(&look_b))
		return same_ava(&x, &y);
	return same_multi(a, b);
}

/* The RDNs of `b` are the first of `a`; *all tells whether they are all. */
static bool
compare_rdns(sgl_slice name_a, sgl_slice name_b, bool *all)
{
	sgl_der a, b, rdn_a, rdn_b;

	if (!sgl_name_open(name_a, &a) || !sgl_name_open(name_b, &b))
		return false;
	while (!sgl_der_done(&b))
		if (!sgl_der_read(&a, SGL_SET, &rdn_a) ||
		    !sgl_der_read(&b, SGL_SET, &rdn_b) ||
		    !same_rdn(rdn_a, rdn_b))
			return false;
	*all = sgl_der_done(&a);
	return true;
}

bool
sgl_name_same(sgl_slice a, sgl_slice b)
{
	bool all;

	return sgl_slice_eq(a, b) || (compare_rdns(a, b, &all) && all);
}

bool
sgl_name_starts(sgl_slice name, sgl_slice base)
{
	bool all;

	return sgl_slice_eq(name, base) || compare_rdns(name, base, &all);
}

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t
hash_bytes(uint64_t h, sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		h = mix(h, s.data[i]);
	return h;
}

/* Letters and digits of the plain kind only: what folding may change, add or
 * drop has no part in the hash. */
static uint64_t
hash_value(uint64_t h, const sgl_ava *ava)
{
	sgl_fold f;
	uint32_t c;
	uint64_t word = 0;

	if (!sgl_fold_over(ava->tag, ava->value, &f))
		return hash_bytes(h, ava->whole);
	if (ava->tag == SGL_BMP_STRING || ava->tag == SGL_UNIVERSAL_STRING) {
		while ((c = sgl_fold_next(&f)) < SGL_FOLD_BAD)
			if (c > 0x20 && c < 0x7f)
				word = word * 31 + c;
		return mix(h, word);
	}
	for (size_t i = 0; i < ava->value.len; i++) {
		c = ava->value.data[i];
		if (c >= 'A' && c <= 'Z')
			c += 0x20;
		if (c > 0x20 && c < 0x7f)
			word = word * 31 + c;
	}
	return mix(h, word);
}

uint64_t
sgl_name_hash(sgl_slice name)
{
	sgl_der rdns, rdn;
	uint64_t h = 0;

	if (!sgl_name_open(name, &rdns))
		return hash_bytes(1, name);
	while (sgl_der_read(&rdns, SGL_SET, &rdn)) {
		uint64_t sum = 0;
		sgl_ava ava;

		while (sgl_ava_read(&rdn, &ava))
			sum += hash_value(ava.type.len, &ava);
		h = mix(h, sum);
	}
	return h;
}
