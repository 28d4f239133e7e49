#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ocsp_cost.sh BUILD [--quick]: what an OCSP answer over HTTP costs each process
# of sigilld, in microseconds of a core by /proc/PID/stat, which the load
# generator does not spoil: with a nonce, from 32 connections at once and from a
# single one, and one that is kept. Beside them what a bare signature costs a core
# before and after, and what share of the keyholder's time that is.
set -eu
# shellcheck source=SCRIPTDIR/ocsp_service.sh
. "$(dirname "$0")/ocsp_service.sh"
seconds=4
[ "${2-}" = --quick ] && seconds=0.3

serve_ocsp --algorithm p256

spent() { # of each process: its number, its role, user and system ticks
	for process in $(pgrep -P "$service"); do
		role=$(tr '\0' ' ' <"/proc/$process/cmdline" |
			sed -n 's/.*--role \([a-z]*\).*/\1/p')
		sed 's/.*) //' "/proc/$process/stat" |
			awk -v process="$process" -v role="${role:-other}" \
				'{ print process, role, $12, $13 }'
	done
}

bare() { # microseconds of a core for one P-256 signature
	openssl speed -seconds 1 ecdsap256 2>/dev/null |
		awk '/256 bits ecdsa/ { print 1e6 / $(NF - 1) }'
}

cost() { # WHAT REQUEST CONNECTIONS [BARE]
	spent >"$work/before"
	rate=$(bench-http "$port" /ocsp "$2" "$seconds" "$3")
	spent >"$work/after"
	echo "$1: $rate answers in a second"
	awk -v ticks="$(getconf CLK_TCK)" -v num="$rate" -v seconds="$seconds" \
		-v bare="${4-0}" '
		function us(t) { return t / ticks / (num * seconds) * 1e6 }
		NR == FNR { user[$1] = $3; sys[$1] = $4; next }
		{
			u = us($3 - user[$1]); s = us($4 - sys[$1]); all += u + s
			if (u + s < 0.5)
				next
			printf "  %-10s %5.1f us (user %.1f, system %.1f)", $2,
				u + s, u, s
			if (bare > 0 && $2 == "keyholder")
				printf ", %.0f %% of it bare signing",
					100 * bare / (u + s)
			print ""
		}
		END {
			printf "  %-10s %5.1f us", "all", all
			if (bare > 0 && all > 0)
				printf ", %.0f %% of it bare signing",
					100 * bare / all
			print ""
		}
	' "$work/before" "$work/after"
}
before=$(bare)
cost 'with a nonce, 32 connections' "$work/nonce.der" 32 "$before"
after=$(bare)
echo "bare signature: $before us before, $after us after"
cost 'with a nonce, one connection' "$work/nonce.der" 1 "$after"
cost 'kept' "$work/plain.der" 32
