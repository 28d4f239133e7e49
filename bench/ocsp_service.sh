# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What ocsp.sh and ocsp_cost.sh begin with, read by them with their BUILD and
# --quick: a service that answers by OCSP, and two questions for it.
#
#	serve_ocsp [OPTION...]	for `sigill init`; sets home, port and service,
#				and makes plain.der and nonce.der in $work
#
# $pids is what is ended, and $work what is removed, when the script ends.
set -eu
build=$(cd "$1" && pwd)
PATH=$build:$build/bench:$PATH
export SIGILL_EXEC_PATH="$build" LC_ALL=C
work=$(mktemp -d)
home=$work/home
issuing=$home/ca/issuing.pem
pids=
trap 'kill $pids 2>/dev/null || true; wait; rm -rf "$work"' EXIT

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Until the responder has its certificate.
wait_for_responder() {
	tries=0
	until openssl ocsp -issuer "$issuing" -CAfile "$home/ca/root.pem" \
		-verify_other "$issuing" -cert "$work/alice.pem" \
		-url "http://127.0.0.1:$port/ocsp" >"$work/answer" 2>&1 &&
		grep -q ': good' "$work/answer"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || { cat "$work/service.log"; exit 1; }
		sleep 0.1
	done
}

serve_ocsp() {
	sigill init --domain example.org "$@" --home "$home" >"$work/log"
	sigill user add alice@example.org --home "$home" >>"$work/log"
	sigill cert export alice@example.org --purpose signing \
		-o "$work/alice.pem" --home "$home"
	port=$(free_port)
	echo "http = 127.0.0.1:$port" >"$home/sigilld.conf"
	sigilld --home "$home" 2>"$work/service.log" &
	service=$!
	pids=$service
	openssl ocsp -issuer "$issuing" -cert "$work/alice.pem" -no_nonce \
		-reqout "$work/plain.der"
	openssl ocsp -issuer "$issuing" -cert "$work/alice.pem" \
		-reqout "$work/nonce.der"
	wait_for_responder
}
