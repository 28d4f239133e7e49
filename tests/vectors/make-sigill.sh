#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Made the messages in made-by-sigill/ once, with the sigill that is found on
# the PATH: the forms that OpenSSL 3.0 cannot write. Kept so that it is known how;
# running it again makes new keys and new messages. EXPECTED.tsv is as in
# make-openssl.sh.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
out=$here/made-by-sigill
mkdir -p "$out"
cd "$out"
rm -f -- *
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/x.cnf" <<'CNF'
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection
subjectAltName = email:alice@example.org
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[agreement]
basicConstraints = critical, CA:FALSE
keyUsage = critical, keyAgreement
extendedKeyUsage = emailProtection
subjectAltName = email:bob@example.org
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[transport]
basicConstraints = critical, CA:FALSE
keyUsage = critical, keyEncipherment
extendedKeyUsage = emailProtection
subjectAltName = email:bob@example.org
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF

genkey() {
	case $1 in
	rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
	p256 | p384 | p521) openssl genpkey -quiet -algorithm EC \
		-pkeyopt "ec_paramgen_curve:${1/p/P-}" ;;
	*) openssl genpkey -quiet -algorithm "$1" ;;
	esac
}

genkey p256 >"$tmp/ca.key"
openssl req -x509 -new -key "$tmp/ca.key" -sha256 -days 27000 \
	-subj "/CN=Vector Root" -config "$tmp/x.cnf" -extensions ca -out ca.pem
serial=2000
person() {	# NAME KIND EXTENSIONS
	serial=$((serial + 1))
	genkey "$2" >"$tmp/$1.key"
	openssl pkey -in "$tmp/$1.key" -pubout -out "$tmp/$1.pub"
	# A key that cannot sign asks for nothing itself.
	openssl req -new -key "$tmp/ca.key" -subj "/CN=$1" \
		-config "$tmp/x.cnf" |
		openssl x509 -req -sha256 -days 26000 -CA ca.pem \
			-CAkey "$tmp/ca.key" -set_serial $serial \
			-force_pubkey "$tmp/$1.pub" -extfile "$tmp/x.cnf" \
			-extensions "$3" -out "$tmp/$1.crt" 2>/dev/null
	cat "$tmp/$1.key" "$tmp/$1.crt" >"$1.pem"
}
person ed25519 ED25519 signer
person signer p256 signer
person x25519 X25519 agreement
person p256 p256 agreement
person p384 p384 agreement
person p521 p521 agreement
person rsa rsa transport

printf 'Content-Type: text/plain; charset=us-ascii\r\n\r\nThe content of a vector.\r\n-- \r\nAlice\r\n' \
	>content.txt
{
	printf 'From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n'
	printf 'Subject: A vector\r\nDate: Fri, 27 Nov 2026 09:00:00 +0000\r\n'
	printf 'MIME-Version: 1.0\r\n'
	cat content.txt
} >"$tmp/message"

expect() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>EXPECTED.tsv; }
sign() {	# NAME CONTENT ARGS...
	sigill sign "${@:3}" -o "$1.eml" "$tmp/message"
	expect "$1.eml" - valid-trusted none "$2"
}
encrypt() {	# NAME KEYS SIGNATURE STATE ARGS...
	sigill encrypt "${@:5}" -o "$1.eml" "$tmp/message"
	expect "$1.eml" "$2" "$3" "$4" content.txt
}

sign clear-ed25519 - --key ed25519.pem
sign opaque-ed25519 content.txt --key ed25519.pem --opaque
sign opaque-two-kinds content.txt --key ed25519.pem --key signer.pem --opaque
sign opaque-label content.txt --key signer.pem --opaque --receipt-request \
	--label '1.3.6.1.4.1.99999.1:restricted:For a test'
sign clear-headers - --key signer.pem --protect-headers
sign opaque-headers - --key ed25519.pem --opaque --protect-headers

for who in x25519 p256 p384 p521 rsa; do
	encrypt "auth-$who-chacha20" $who none encrypted --to $who.pem \
		--cipher chacha20-poly1305
	encrypt "env-$who-ski" $who none encrypted-no-integrity --to $who.pem --ski
done
for cipher in aes-128-cbc aes-192-cbc aes-256-cbc; do
	encrypt "env-x25519-$cipher" x25519 none encrypted-no-integrity \
		--to x25519.pem --cipher $cipher
done
for cipher in aes-128-gcm aes-256-gcm; do
	encrypt "auth-x25519-$cipher" x25519 none encrypted \
		--to x25519.pem --cipher $cipher
	encrypt "auth-oaep-$cipher" rsa none encrypted --to rsa.pem --oaep \
		--cipher $cipher
done
printf 'a password\n' >"$tmp/password"
printf '0123456789abcdef' >"$tmp/kek"
encrypt auth-password 'password:a password' none encrypted \
	--password-recipient "$tmp/password" --cipher aes-256-gcm
encrypt auth-many p384 none encrypted --to x25519.pem --to p384.pem \
	--to rsa.pem --password-recipient "$tmp/password" \
	--cipher chacha20-poly1305
encrypt nested-ed25519-chacha20 x25519 valid-trusted encrypted \
	--to x25519.pem --sign ed25519.pem --cipher chacha20-poly1305
encrypt nested-triple p521 valid-trusted encrypted --to p521.pem \
	--sign ed25519.pem --triple
sigill encrypt --to p256.pem --sign signer.pem --protect-headers \
	-o nested-headers.eml "$tmp/message"
expect nested-headers.eml p256 valid-trusted encrypted -
