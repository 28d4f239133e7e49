#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ocsp_cost.sh BUILD [--quick]: what an OCSP answer over HTTP costs each process
# of sigilld, in microseconds of a core by /proc/PID/stat, which the load
# generator does not spoil: with a nonce, and one that is kept.
set -eu
build=$(cd "$1" && pwd)
seconds=4
[ "${2-}" = --quick ] && seconds=0.3
PATH=$build:$build/bench:$PATH
export SIGILL_EXEC_PATH="$build" LC_ALL=C
work=$(mktemp -d)
home=$work/home
service=
trap 'kill $service 2>/dev/null || true; wait; rm -rf "$work"' EXIT

sigill init --domain example.org --algorithm p256 --home "$home" >"$work/log"
sigill user add alice@example.org --home "$home" >>"$work/log"
sigill cert export alice@example.org --purpose signing -o "$work/alice.pem" \
	--home "$home"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "http = 127.0.0.1:$port" >"$home/sigilld.conf"
sigilld --home "$home" 2>"$work/service.log" &
service=$!

issuing=$home/ca/issuing.pem
openssl ocsp -issuer "$issuing" -cert "$work/alice.pem" -no_nonce \
	-reqout "$work/plain.der"
openssl ocsp -issuer "$issuing" -cert "$work/alice.pem" \
	-reqout "$work/nonce.der"

# Until the responder has its certificate.
tries=0
until openssl ocsp -issuer "$issuing" -CAfile "$home/ca/root.pem" -verify_other \
	"$issuing" -cert "$work/alice.pem" -url "http://127.0.0.1:$port/ocsp" \
	>"$work/answer" 2>&1 && grep -q ': good' "$work/answer"; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { cat "$work/service.log"; exit 1; }
	sleep 0.1
done

spent() { # of each process: its number, its role, user and system ticks
	for process in $(pgrep -P "$service"); do
		role=$(tr '\0' ' ' <"/proc/$process/cmdline" |
			sed -n 's/.*--role \([a-z]*\).*/\1/p')
		sed 's/.*) //' "/proc/$process/stat" |
			awk -v process="$process" -v role="${role:-other}" \
				'{ print process, role, $12, $13 }'
	done
}

cost() { # WHAT REQUEST
	spent >"$work/before"
	rate=$(bench-http "$port" /ocsp "$2" "$seconds")
	spent >"$work/after"
	echo "$1: $rate answers in a second"
	awk -v ticks="$(getconf CLK_TCK)" -v num="$rate" -v seconds="$seconds" '
		function us(t) { return t / ticks / (num * seconds) * 1e6 }
		NR == FNR { user[$1] = $3; sys[$1] = $4; next }
		{
			u = us($3 - user[$1]); s = us($4 - sys[$1]); all += u + s
			if (u + s >= 0.5)
				printf "  %-10s %5.1f us (user %.1f, system %.1f)\n",
					$2, u + s, u, s
		}
		END { printf "  %-10s %5.1f us\n", "all", all }
	' "$work/before" "$work/after"
}
cost 'with a nonce' "$work/nonce.der"
cost 'kept' "$work/plain.der"
