#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Made the files in authority-by-openssl/ once, with OpenSSL 3.0; kept so that
# it is known how. Certification requests whose challengePassword is "one time",
# and OCSP: Alice is good, Bob's key was compromised. All are read by the unit
# tests of src/pki, and are seeds for fuzzing.
set -euo pipefail
out=$(dirname "$(readlink -f "$0")")/authority-by-openssl
mkdir -p "$out"
cd "$out"
rm -f -- *
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/x.cnf" <<'END'
[req]
prompt = no
distinguished_name = dn
attributes = at
[dn]
CN = Alice
[at]
challengePassword = one time
END
for kind in rsa:2048 ed25519 'ec -pkeyopt ec_paramgen_curve:P-256'; do
	name=${kind%%[: ]*}
	# shellcheck disable=SC2086 # options apart
	openssl req -new -config "$tmp/x.cnf" -nodes -keyout "$tmp/$name.key" \
		-newkey $kind -addext subjectAltName=email:alice@example.org \
		-addext keyUsage=critical,digitalSignature \
		-outform der -out "csr-$name.der" 2>"$tmp/log"
done

new() { # name subject options...
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$tmp/$1.key" -out "$tmp/$1.pem" -days 3650 \
		-subj "/CN=$2" "${@:3}" 2>"$tmp/log"
}
ca=(-CA "$tmp/ca.pem" -CAkey "$tmp/ca.key")
new ca 'Test CA' -addext keyUsage=critical,keyCertSign,cRLSign \
	-addext basicConstraints=critical,CA:TRUE
new alice Alice "${ca[@]}" -set_serial 0x1001
new bob Bob "${ca[@]}" -set_serial 0x1002
new responder Responder "${ca[@]}" -addext extendedKeyUsage=OCSPSigning \
	-addext keyUsage=digitalSignature -addext noCheck=yes
for name in ca alice bob; do
	openssl x509 -in "$tmp/$name.pem" -outform der -out "$name.der"
done
printf 'V\t360101000000Z\t\t1001\tunknown\t/CN=Alice\n' >"$tmp/index"
printf 'R\t360101000000Z\t260101000000Z,keyCompromise\t1002\tunknown\t/CN=Bob\n' \
	>>"$tmp/index"

ask() { # request response request-options responder-options
	# shellcheck disable=SC2086 # options apart
	openssl ocsp -issuer "$tmp/ca.pem" $3 -reqout "$1.der"
	# shellcheck disable=SC2086
	openssl ocsp -index "$tmp/index" -CA "$tmp/ca.pem" -rsigner \
		"$tmp/responder.pem" -rkey "$tmp/responder.key" -nmin 60 \
		-reqin "$1.der" -respout "$2.der" $4 2>"$tmp/log"
}
ask request-alice response-good "-cert $tmp/alice.pem" ''
ask request-bob response-revoked "-sha256 -cert $tmp/bob.pem -no_nonce" \
	'-resp_key_id'
ask request-both response-both \
	"-cert $tmp/alice.pem -cert $tmp/bob.pem -signer $tmp/alice.pem -signkey $tmp/alice.key" \
	''
