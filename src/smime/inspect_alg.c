/* SPDX-License-Identifier: Apache-2.0 */
/* AlgorithmIdentifiers, with the parameters of those that we know. */
#include <inttypes.h>

#include "smime/inspect.h"

/* [n] EXPLICIT AlgorithmIdentifier. */
static bool
show_explicit_algorithm(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	return sgl_show_algorithm(l, &body, name);
}

/* RC2-CBC-Parameter: the version stands for the effective key bits (RFC 2268
 * 6). */
static bool
show_rc2_version(sgl_look *l, sgl_der *in, const char *name)
{
	static const struct {
		uint64_t version, bits;
	} known[] = {{160, 40}, {120, 64}, {58, 128}};
	sgl_der start = *in;
	uint64_t version;

	if (!sgl_der_read_uint(in, &version))
		return sgl_look_bad(l, in, "malformed RC2 version");
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].version == version)
			version = known[i].bits;
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name,
	    "%" PRIu64 " bits", version);
	return true;
}

static const sgl_field_of rc2[] = {
    {"effective key", SGL_INTEGER, true, show_rc2_version},
    {"iv", SGL_OCTET_STRING, false, sgl_show_size},
};
static SGL_SHOW_TABLE(show_rc2, rc2)

    /* RFC 5084 3.2: aes-ICVlen is 12 where it is left out. */
    static const sgl_field_of gcm[] = {
	{"nonce", SGL_OCTET_STRING, false, sgl_show_size},
	{"ICV length", SGL_INTEGER, true, sgl_show_uint},
};
static SGL_SHOW_TABLE(show_gcm, gcm)

    static const sgl_field_of pss[] = {
	{"hash", SGL_CONTEXT(0), true, show_explicit_algorithm},
	{"mask generation", SGL_CONTEXT(1), true, show_explicit_algorithm},
	{"salt length", SGL_CONTEXT(2), true, sgl_show_explicit_integer},
	{"trailer field", SGL_CONTEXT(3), true, sgl_show_explicit_integer},
};
static SGL_SHOW_TABLE(show_pss, pss)

    static const sgl_field_of oaep[] = {
	{"hash", SGL_CONTEXT(0), true, show_explicit_algorithm},
	{"mask generation", SGL_CONTEXT(1), true, show_explicit_algorithm},
	{"label source", SGL_CONTEXT(2), true, show_explicit_algorithm},
};
static SGL_SHOW_TABLE(show_oaep, oaep)

    static const sgl_field_of pbkdf2[] = {
	{"salt", SGL_OCTET_STRING, false, sgl_show_size},
	{"iterations", SGL_INTEGER, false, sgl_show_uint},
	{"key length", SGL_INTEGER, true, sgl_show_uint},
	{"pseudorandom function", SGL_SEQUENCE, true, sgl_show_algorithm},
};
static SGL_SHOW_TABLE(show_pbkdf2, pbkdf2)

    static const sgl_field_of scrypt[] = {
	{"salt", SGL_OCTET_STRING, false, sgl_show_size},
	{"cost", SGL_INTEGER, false, sgl_show_uint},
	{"block size", SGL_INTEGER, false, sgl_show_uint},
	{"parallelization", SGL_INTEGER, false, sgl_show_uint},
	{"key length", SGL_INTEGER, true, sgl_show_uint},
};
static SGL_SHOW_TABLE(show_scrypt, scrypt)

    static const sgl_field_of pbes2[] = {
	{"key derivation", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"encryption", SGL_SEQUENCE, false, sgl_show_algorithm},
};
static SGL_SHOW_TABLE(show_pbes2, pbes2)

    static const sgl_field_of pbmac1[] = {
	{"key derivation", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"MAC", SGL_SEQUENCE, false, sgl_show_algorithm},
};
static SGL_SHOW_TABLE(show_pbmac1, pbmac1)

    static const sgl_field_of old_pbe[] = {
	{"salt", SGL_OCTET_STRING, false, sgl_show_size},
	{"iterations", SGL_INTEGER, false, sgl_show_uint},
};
static SGL_SHOW_TABLE(show_old_pbe, old_pbe)

    /* What stands behind the OID, by the name it is shown under. */
    static const struct {
	sgl_oid oid;
	const char *name;
	sgl_tag tag;
	sgl_show *show;
} parameters[] = {
    {SGL_OID_AES128_CBC, "iv", SGL_OCTET_STRING, sgl_show_size},
    {SGL_OID_AES192_CBC, "iv", SGL_OCTET_STRING, sgl_show_size},
    {SGL_OID_AES256_CBC, "iv", SGL_OCTET_STRING, sgl_show_size},
    {SGL_OID_DES_EDE3_CBC, "iv", SGL_OCTET_STRING, sgl_show_size},
    {SGL_OID_DES_CBC, "iv", SGL_OCTET_STRING, sgl_show_size},
    {SGL_OID_RC2_CBC, "parameters", SGL_SEQUENCE, show_rc2},
    {SGL_OID_AES128_GCM, "parameters", SGL_SEQUENCE, show_gcm},
    {SGL_OID_AES192_GCM, "parameters", SGL_SEQUENCE, show_gcm},
    {SGL_OID_AES256_GCM, "parameters", SGL_SEQUENCE, show_gcm},
    {SGL_OID_AES128_CCM, "parameters", SGL_SEQUENCE, show_gcm},
    {SGL_OID_AES192_CCM, "parameters", SGL_SEQUENCE, show_gcm},
    {SGL_OID_AES256_CCM, "parameters", SGL_SEQUENCE, show_gcm},
    {SGL_OID_ALG_CHACHA20_POLY1305, "nonce", SGL_OCTET_STRING, sgl_show_size},
    {SGL_OID_RSASSA_PSS, "parameters", SGL_SEQUENCE, show_pss},
    {SGL_OID_RSAES_OAEP, "parameters", SGL_SEQUENCE, show_oaep},
    {SGL_OID_MGF1, "hash", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_P_SPECIFIED, "label", SGL_OCTET_STRING, sgl_show_hex},
    {SGL_OID_PBKDF2, "parameters", SGL_SEQUENCE, show_pbkdf2},
    {SGL_OID_SCRYPT, "parameters", SGL_SEQUENCE, show_scrypt},
    {SGL_OID_PBES2, "parameters", SGL_SEQUENCE, show_pbes2},
    {SGL_OID_PBMAC1, "parameters", SGL_SEQUENCE, show_pbmac1},
    {SGL_OID_PBE_SHA1_RC4_128, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_PBE_SHA1_RC4_40, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_PBE_SHA1_3DES, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_PBE_SHA1_2DES, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_PBE_SHA1_RC2_128, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_PBE_SHA1_RC2_40, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_PBE_MD5_DES, "parameters", SGL_SEQUENCE, show_old_pbe},
    {SGL_OID_ALG_PWRI_KEK, "key encryption", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_EC_PUBLIC_KEY, "curve", SGL_OID, sgl_show_oid},
    {SGL_OID_ALG_DH_SHA1KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_SHA224KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_SHA256KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_SHA384KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_SHA512KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_CDH_SHA1KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_CDH_SHA224KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_CDH_SHA256KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_CDH_SHA384KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_CDH_SHA512KDF, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_HKDF_SHA256, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_HKDF_SHA384, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_DH_HKDF_SHA512, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
    {SGL_OID_ALG_ESDH, "key wrap", SGL_SEQUENCE, sgl_show_algorithm},
};

/* NULL parameters say nothing and are not shown. */
static bool
show_parameters(sgl_look *l, sgl_der *in, sgl_oid oid)
{
	sgl_der look = *in;
	sgl_slice null;

	if (sgl_der_read_bytes(&look, SGL_NULL, &null) && null.len == 0) {
		*in = look;
		return true;
	}
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		if (parameters[i].oid == oid &&
		    sgl_der_next_is(in, parameters[i].tag))
			return parameters[i].show(l, in, parameters[i].name);
	return sgl_show_any(l, in, "parameters");
}

/* AlgorithmIdentifier (RFC 5280 4.1.1.2), by any tag. */
bool
sgl_show_algorithm(sgl_look *l, sgl_der *in, const char *name)
{
	char label[SGL_OID_TEXT];
	sgl_der start = *in, body;
	sgl_slice oid;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	if (sgl_look_is_deep(l))
		return true;
	if (!sgl_der_read_oid(&body, &oid))
		return sgl_look_bad(l, &start, "malformed AlgorithmIdentifier");
	sgl_tree_openf(&l->tree, sgl_span_from(&start, in), name, "%s",
	    sgl_oid_label(oid, label));
	if (!sgl_der_done(&body) &&
	    !show_parameters(l, &body, sgl_oid_find(oid)))
		return false;
	if (!sgl_der_done(&body))
		return sgl_look_bad(
		    l, &body, "an element that does not belong");
	sgl_tree_close(&l->tree);
	return true;
}
