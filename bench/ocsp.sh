#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ocsp.sh BUILD [--quick]: OCSP over HTTP, answers in a second: sigilld with an
# answer that is kept, with a nonce, and a CRL; OpenSSL's responder, and bare
# signatures. Each line: what, how many, and how that is to what is named.
set -eu
# shellcheck source=SCRIPTDIR/ocsp_service.sh
. "$(dirname "$0")/ocsp_service.sh"
seconds=5
[ "${2-}" = --quick ] && seconds=0.3
ratio() { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }

# shellcheck disable=SC2119 # without options for init
serve_ocsp

# OpenSSL's responder, with a key of the kind that ours has (P-256), and of the
# kind that an organisation has if it says nothing (RSA, 3072 bits).
: >"$work/index.txt"
their_responder() {
	openssl req -x509 -newkey "$1" -pkeyopt "$2" -nodes -keyout \
		"$work/key-$3.pem" -subj /CN=responder -days 2 \
		-out "$work/responder-$3.pem" 2>/dev/null
	openssl ocsp -index "$work/index.txt" -port "$3" \
		-rsigner "$work/responder-$3.pem" -rkey "$work/key-$3.pem" \
		-CA "$issuing" -ndays 1 >"$work/peer.log" 2>&1 &
	pids="$pids $!"
}
peer_ec=$(free_port)
their_responder ec ec_paramgen_curve:P-256 "$peer_ec"
peer_rsa=$(free_port)
their_responder rsa rsa_keygen_bits:3072 "$peer_rsa"
sleep 1

bare() { # KIND LINE: signatures in a second
	openssl speed -seconds 2 "$1" 2>/dev/null |
		awk "/$2/ { print int(\$(NF - 1)) }"
}
their_ec=$(bench-http "$peer_ec" / "$work/plain.der" "$seconds" 4)
their_rsa=$(bench-http "$peer_rsa" / "$work/plain.der" "$seconds" 4)
bare_ec=$(bare ecdsap256 '256 bits ecdsa')
bare_rsa=$(bare rsa3072 'rsa 3072 bits')
kept=$(bench-http "$port" /ocsp "$work/plain.der" "$seconds")
nonce=$(bench-http "$port" /ocsp "$work/nonce.der" "$seconds")
crl=$(bench-http "$port" /crl/2-0.crl - "$seconds")

tell() { # WHAT NUMBER: beside the others
	echo "sigilld, $1: $2 ($(ratio "$2" "$their_rsa") x openssl ocsp with RSA, $(ratio "$2" "$their_ec") x with P-256)"
}
echo "openssl ocsp: $their_rsa with RSA-3072, $their_ec with P-256"
echo "bare signatures: $bare_rsa with RSA-3072, $bare_ec with P-256"
tell 'answers that are kept' "$kept"
tell 'answers with a nonce' "$nonce"
echo "  that is $(ratio "$nonce" "$bare_rsa") of bare signing with RSA-3072, $(ratio "$nonce" "$bare_ec") with P-256"
echo "sigilld, CRLs: $crl"
