#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Made the messages in made-by-openssl/ once, with OpenSSL 3.0; kept so that it
# is known how. Running it again makes new keys and new messages.
#
# EXPECTED.tsv, which it writes too: file, keys (.pem beside it, comma between;
# "-" for none; "password:X", "kek:HEX:ID"), state of the signature, of the
# confidentiality, and the file that the content must equal ("-": not compared).
set -euo pipefail
out=$(dirname "$(readlink -f "$0")")/made-by-openssl
mkdir -p "$out"
cd "$out"
rm -f -- *
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/x.cnf" <<'END'
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[user]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment, keyAgreement
extendedKeyUsage = emailProtection
subjectAltName = email:alice@example.org
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END

genkey() {
	case $1 in
	rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
	p256 | p384 | p521) openssl genpkey -quiet -algorithm EC \
		-pkeyopt "ec_paramgen_curve:${1/p/P-}" ;;
	esac
}

genkey rsa >"$tmp/ca.key"
openssl req -x509 -new -key "$tmp/ca.key" -sha256 -days 27000 \
	-subj "/CN=Vector Root" -config "$tmp/x.cnf" -extensions ca -out ca.pem
serial=1000
for k in rsa p256 p384 p521; do
	serial=$((serial + 1))
	genkey "$k" >"$tmp/$k.key"
	openssl req -new -key "$tmp/$k.key" -subj "/CN=Alice $k" \
		-config "$tmp/x.cnf" |
		openssl x509 -req -sha256 -days 26000 -CA ca.pem \
			-CAkey "$tmp/ca.key" -set_serial $serial \
			-extfile "$tmp/x.cnf" -extensions user -out "$tmp/$k.crt" \
			2>/dev/null
	cat "$tmp/$k.key" "$tmp/$k.crt" >"$k.pem"
done

printf 'Content-Type: text/plain; charset=us-ascii\r\n\r\nThe content of a vector.\r\n-- \r\nAlice\r\n' \
	>content.txt
# Longer than a block, and than what is written as DER.
{
	printf 'Content-Type: text/plain; charset=us-ascii\r\n\r\n'
	for i in $(seq 1 2600); do
		printf 'Line %05d of a longer content, to fill some blocks.\r\n' "$i"
	done
} >long.txt

expect() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>EXPECTED.tsv; }
wrap() { # puts a From in front: a whole message
	printf 'From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n'
	cat
}
sign() { # NAME KEY CONTENT ARGS...
	local name=$1 key=$2 content=$3
	shift 3
	openssl cms -sign -in "$content" -signer "$key.pem" -binary -crlfeol \
		"$@" | wrap >"$name.eml"
}
encrypt() { # NAME KEY CONTENT ARGS...
	local name=$1 key=$2 content=$3
	shift 3
	openssl cms -encrypt -in "$content" -binary -crlfeol "$@" \
		-recip "$tmp/$key.crt" | wrap >"$name.eml"
}
valid="valid-trusted"

for md in sha256 sha384 sha512; do
	for k in rsa p256 p384 p521; do
		sign "clear-$k-$md" $k content.txt -md $md
		sign "opaque-$k-$md" $k content.txt -md $md -nodetach
		expect "clear-$k-$md.eml" - $valid none content.txt
		expect "opaque-$k-$md.eml" - $valid none content.txt
	done
	sign "clear-pss-$md" rsa content.txt -md $md \
		-keyopt rsa_padding_mode:pss
	expect "clear-pss-$md.eml" - $valid none content.txt
done
sign clear-rsa-sha1 rsa content.txt -md sha1
expect clear-rsa-sha1.eml - weak none content.txt
sign opaque-rsa-noattr rsa content.txt -md sha256 -nodetach -noattr
expect opaque-rsa-noattr.eml - $valid none content.txt
sign clear-rsa-ski rsa content.txt -md sha256 -keyid
expect clear-rsa-ski.eml - $valid none content.txt
sign opaque-two-signers rsa content.txt -md sha256 -nodetach -signer p256.pem
expect opaque-two-signers.eml - $valid none content.txt
sign opaque-nocerts rsa content.txt -md sha256 -nodetach -nocerts
expect opaque-nocerts.eml - no-certificate none content.txt
sign clear-long rsa long.txt -md sha256
expect clear-long.eml - $valid none long.txt
sign opaque-long-stream p256 long.txt -md sha256 -nodetach -stream
expect opaque-long-stream.eml - $valid none long.txt
sed 's/The content of/The c0ntent of/' clear-rsa-sha256.eml >tampered-clear.eml
expect tampered-clear.eml - tampered none -
sed 's/^From: .*/From: Mallory <mallory@example.net>\r/' clear-rsa-sha256.eml \
	>mismatch-clear.eml
expect mismatch-clear.eml - valid-address-mismatch none content.txt

for c in aes-128-cbc aes-192-cbc aes-256-cbc des-ede3-cbc; do
	for k in rsa p256 p384 p521; do
		encrypt "env-$k-$c" $k content.txt -$c
		expect "env-$k-$c.eml" $k none encrypted-no-integrity content.txt
	done
done
for c in aes-128-gcm aes-256-gcm; do
	for k in rsa p256; do
		encrypt "auth-$k-$c" $k content.txt -$c
		expect "auth-$k-$c.eml" $k none encrypted content.txt
	done
done
# Old mail; OpenSSL 3 has RC2 in another provider.
for bits in 40 128; do
	encrypt "env-rsa-rc2-$bits" rsa content.txt "-rc2-$bits" \
		-provider legacy -provider default
	expect "env-rsa-rc2-$bits.eml" rsa none encrypted-no-integrity content.txt
done
encrypt env-rsa-stream rsa long.txt -aes-256-cbc -stream
expect env-rsa-stream.eml rsa none encrypted-no-integrity long.txt
encrypt env-rsa-ski rsa content.txt -aes-256-cbc -keyid
expect env-rsa-ski.eml rsa none encrypted-no-integrity content.txt
for md in sha1 sha256 sha512; do
	openssl cms -encrypt -in content.txt -binary -aes-256-cbc \
		-recip "$tmp/rsa.crt" -keyopt rsa_padding_mode:oaep \
		-keyopt rsa_oaep_md:$md | wrap >"env-oaep-$md.eml"
	expect "env-oaep-$md.eml" rsa none encrypted-no-integrity content.txt
done
openssl cms -encrypt -in content.txt -binary -aes-256-cbc -stream \
	-outform DER -out env-rsa-stream.der "$tmp/rsa.crt"
expect env-rsa-stream.der rsa none encrypted-no-integrity content.txt
openssl cms -encrypt -in content.txt -binary -aes-256-cbc -outform PEM \
	-out env-rsa.pem7 "$tmp/rsa.crt"
expect env-rsa.pem7 rsa none encrypted-no-integrity content.txt
openssl cms -encrypt -in content.txt -binary -aes-256-cbc \
	-outform DER -out env-many.der "$tmp"/{rsa,p256,p384,p521}.crt
expect env-many.der p384 none encrypted-no-integrity content.txt
expect env-many.der rsa,p521 none encrypted-no-integrity content.txt
expect env-rsa-aes-256-cbc.eml p256 none locked -
openssl cms -encrypt -in content.txt -binary -aes-256-cbc -outform DER \
	-pwri_password "correct horse" -out env-password.der
expect env-password.der "password:correct horse" none \
	encrypted-no-integrity content.txt
openssl cms -encrypt -in content.txt -binary -aes-256-cbc -outform DER \
	-secretkey 000102030405060708090a0b0c0d0e0f -secretkeyid 6b656b \
	-out env-kek.der
expect env-kek.der kek:000102030405060708090a0b0c0d0e0f:6b656b none \
	encrypted-no-integrity content.txt

# Layers inside each other.
openssl cms -sign -in content.txt -binary -signer rsa.pem -nodetach \
	-out "$tmp/inner"
encrypt nested-sign-encrypt p256 "$tmp/inner" -aes-256-cbc
expect nested-sign-encrypt.eml p256 $valid encrypted content.txt
openssl cms -encrypt -in "$tmp/inner" -binary -aes-128-gcm \
	-out "$tmp/middle.lf" "$tmp/rsa.crt"
# OpenSSL signs -binary input as it is; mail has CRLF.
sed 's/\r*$/\r/' "$tmp/middle.lf" >"$tmp/middle"
sign nested-triple p256 "$tmp/middle" -md sha256
expect nested-triple.eml rsa $valid encrypted content.txt

openssl crl2pkcs7 -nocrl -certfile ca.pem -certfile "$tmp/rsa.crt" \
	-outform DER -out certs-only.p7c
expect certs-only.p7c - none none -
