/* SPDX-License-Identifier: Apache-2.0 */
/* BR 6.1, 6.3 and 7.1.3: keys, algorithms and how long they serve. */
#include "ca/lint_inside.h"

#define DAY ((sgl_time)24 * 60 * 60)
#define DAYS_LEGACY 1185
#define DAYS 825
#define SERIAL_BYTES 8 /* 64 random bits */

static bool
has_room_for_entropy(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->serial.len >= SERIAL_BYTES;
}

/* Both ends belong to the time (RFC 5280 4.1.2.5), and a begun day counts. */
static bool
is_short_lived(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	const unsigned newer = SGL_LINT_MULTIPURPOSE | SGL_LINT_STRICT;
	const sgl_time days =
	    sgl_lint_is_generation(c, newer) ? DAYS : DAYS_LEGACY;

	(void)r;
	(void)note;
	return c->cert->not_after - c->cert->not_before + 1 <= days * DAY;
}

/* ------------------------------------------- the algorithms, as bytes --- */

/* AlgorithmIdentifiers as BR 7.1.3.1 spells them out. */
#define KEY(bytes, pqc)                                                        \
	{                                                                      \
		{(const uint8_t *)(bytes), sizeof(bytes) - 1}, pqc             \
	}
static const struct {
	sgl_slice bytes;
	bool is_new; /* since BR 1.0.11 */
} key_algorithms[] = {
    /* rsaEncryption, NULL */
    KEY("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", false),
    /* id-ecPublicKey with P-256, P-384, P-521 */
    KEY("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce"
	"\x3d\x03\x01\x07",
	false),
    KEY("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
	"\x22",
	false),
    KEY("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
	"\x23",
	false),
    /* Ed25519, Ed448 */
    KEY("\x30\x05\x06\x03\x2b\x65\x70", false),
    KEY("\x30\x05\x06\x03\x2b\x65\x71", false),
    /* ML-DSA-44, -65, -87 */
    KEY("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11", true),
    KEY("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12", true),
    KEY("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13", true),
    /* ML-KEM-512, -768, -1024 */
    KEY("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x01", true),
    KEY("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x02", true),
    KEY("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x03", true),
};
#define NUM_KEY_ALGORITHMS (sizeof key_algorithms / sizeof *key_algorithms)

static bool
say_algorithm(sgl_lint_note *note, sgl_slice algorithm)
{
	sgl_der in = sgl_der_over(algorithm), body;
	sgl_slice oid, curve;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid))
		return false;
	/* Of an EC key the curve tells more than the algorithm. */
	return sgl_lint_say_oid(
	    note, sgl_der_read_oid(&body, &curve) ? curve : oid);
}

static bool
is_key_algorithm(const sgl_lint_case *c, bool with_new, sgl_lint_note *note)
{
	sgl_slice algorithm = sgl_lint_key_algorithm(c->cert);

	for (size_t i = 0; i < NUM_KEY_ALGORITHMS; i++)
		if (sgl_slice_eq(algorithm, key_algorithms[i].bytes) &&
		    (with_new || !key_algorithms[i].is_new))
			return true;
	return say_algorithm(note, algorithm);
}

static bool
is_key_algorithm_first(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_key_algorithm(c, false, note);
}

static bool
is_key_algorithm_now(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_key_algorithm(c, true, note);
}

/* BR 7.1.3.2 */
static const sgl_slice signature_algorithms[] = {
    /* PKCS#1 v1.5 with SHA-256, SHA-384, SHA-512 */
    SGL_LIT("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"),
    SGL_LIT("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00"),
    SGL_LIT("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00"),
    /* ECDSA with SHA-256, SHA-384, SHA-512 */
    SGL_LIT("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
    SGL_LIT("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"),
    SGL_LIT("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04"),
    /* Ed25519, Ed448 */
    SGL_LIT("\x30\x05\x06\x03\x2b\x65\x70"),
    SGL_LIT("\x30\x05\x06\x03\x2b\x65\x71"),
    /* ML-DSA-44, -65, -87 */
    SGL_LIT("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11"),
    SGL_LIT("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12"),
    SGL_LIT("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13"),
};
#define NUM_SIGNATURE_ALGORITHMS                                               \
	(sizeof signature_algorithms / sizeof *signature_algorithms)

/* RSASSA-PSS with one of the three digests, MGF1 with the same, and a salt as
 * long as the digest: one encoding, in which three bytes vary together. */
static bool
is_pss(sgl_slice algorithm)
{
	static const struct {
		uint8_t digest, salt;
	} variants[] = {{0x01, 32}, {0x02, 48}, {0x03, 64}};
	uint8_t want[] = {0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06,
	    0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x00, 0x05,
	    0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
	    0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
	    0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x00, 0x05, 0x00, 0xa2, 0x03,
	    0x02, 0x01, 0x00};

	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
		want[29] = want[59] = variants[i].digest;
		want[66] = variants[i].salt;
		if (sgl_slice_eq(algorithm, sgl_slice_of(want, sizeof want)))
			return true;
	}
	return false;
}

static bool
is_signature_algorithm(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice algorithm = c->cert->signature_algorithm;

	(void)r;
	for (size_t i = 0; i < NUM_SIGNATURE_ALGORITHMS; i++)
		if (sgl_slice_eq(algorithm, signature_algorithms[i]))
			return true;
	return is_pss(algorithm) || say_algorithm(note, algorithm);
}

/* ------------------------------------------------------------- RSA keys --- */

static bool
has_rsa(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br(c, r) && c->cert->key_kind == SGL_KEY_RSA;
}

static bool
is_modulus_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->key_bits >= 2048 && c->cert->key_bits % 8 == 0;
}

static bool
is_odd(sgl_slice n)
{
	return n.len > 0 && (n.data[n.len - 1] & 1) != 0;
}

static bool
is_exponent_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice n, e;

	(void)r;
	(void)note;
	return sgl_lint_open_rsa(c->cert, &n, &e) && is_odd(e) &&
	    (e.len > 1 || e.data[0] >= 3);
}

/* 2^16 + 1 to 2^256 - 1, an odd number. */
static bool
is_exponent_usual(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice n, e;

	(void)r;
	(void)note;
	return sgl_lint_open_rsa(c->cert, &n, &e) && e.len >= 3 && e.len <= 32;
}

static unsigned
remainder_by(sgl_slice n, unsigned divisor)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n.len; i++)
		rest = (rest * 256 + n.data[i]) % divisor;
	return rest;
}

/* No factor below 752 (NIST SP 800-89 5.3.3). */
static bool
is_modulus_hard(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice n, e;

	(void)r;
	(void)note;
	if (!sgl_lint_open_rsa(c->cert, &n, &e) || !is_odd(n))
		return false;
	/* A key beyond all use is not worth the division. */
	if (n.len > 4096)
		return true;
	for (unsigned divisor = 3; divisor < 752; divisor += 2)
		if (remainder_by(n, divisor) == 0)
			return false;
	return true;
}

static const sgl_lint_rule rules[] = {
    {"br-version", SGL_LINT_ERROR, "S/MIME BR 7.1.1", SGL_LINT_BR_1_0_0, 0,
	sgl_lint_to_br, sgl_lint_is_version_3, N_("it is not of version 3"), 0,
	false},
    {"br-serial-entropy", SGL_LINT_WARN, "S/MIME BR 7.1", SGL_LINT_BR_1_0_0, 0,
	sgl_lint_to_br, has_room_for_entropy,
	N_("the serial number is too short for 64 random bits"), 0, false},
    {"br-validity", SGL_LINT_ERROR, "S/MIME BR 6.3.2", SGL_LINT_BR_1_0_0, 0,
	sgl_lint_to_br_leaf, is_short_lived,
	N_("it is valid for more than 825 days (legacy: 1185)"), 0, false},
    {"br-key-algorithm-first", SGL_LINT_ERROR, "S/MIME BR 7.1.3.1",
	SGL_LINT_BR_1_0_0, SGL_LINT_BR_1_0_11, sgl_lint_to_br,
	is_key_algorithm_first,
	N_("a key of an algorithm, or written in a way, that is not allowed"),
	0, false},
    {"br-key-algorithm", SGL_LINT_ERROR, "S/MIME BR 7.1.3.1",
	SGL_LINT_BR_1_0_11, 0, sgl_lint_to_br, is_key_algorithm_now,
	N_("a key of an algorithm, or written in a way, that is not allowed"),
	0, false},
    {"br-signature-algorithm", SGL_LINT_ERROR, "S/MIME BR 7.1.3.2",
	SGL_LINT_BR_1_0_0, 0, sgl_lint_to_br, is_signature_algorithm,
	N_("signed with an algorithm, or written in a way, that is not "
	   "allowed"),
	0, false},
    {"br-rsa-size", SGL_LINT_ERROR, "S/MIME BR 6.1.5", SGL_LINT_BR_1_0_0, 0,
	has_rsa, is_modulus_good,
	N_("an RSA key below 2048 bits, or whose bits are no whole bytes"), 0,
	false},
    {"br-rsa-exponent", SGL_LINT_ERROR, "S/MIME BR 6.1.6", SGL_LINT_BR_1_0_0, 0,
	has_rsa, is_exponent_good, N_("the public exponent is even or below 3"),
	0, false},
    {"br-rsa-exponent-usual", SGL_LINT_WARN, "S/MIME BR 6.1.6",
	SGL_LINT_BR_1_0_0, 0, has_rsa, is_exponent_usual,
	N_("the public exponent is not between 65537 and 2^256"), 0, false},
    {"br-rsa-modulus", SGL_LINT_WARN, "S/MIME BR 6.1.6", SGL_LINT_BR_1_0_0, 0,
	has_rsa, is_modulus_hard,
	N_("the modulus is even or has a factor below 752"), 0, false},
};

SGL_LINT_TABLE(sgl_lint_br_key, rules);
