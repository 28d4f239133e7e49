#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ocsp_cost.sh BUILD [--quick]: what an OCSP answer over HTTP costs each process
# of sigilld, in microseconds of a core by /proc/PID/stat, which the load
# generator does not spoil: with a nonce, and one that is kept.
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
