#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How long sigilld takes to serve, and the memory of its processes at rest.
#
#	bench/service.sh [BUILD]
set -eu

build=$(cd "${1:-build}" && pwd)
folder=$(mktemp -d)
service=
trap 'kill "$service" 2>/dev/null || true; rm -rf "$folder"' EXIT INT TERM

"$build/sigill" init --home "$folder/home" --domain example.org \
	--algorithm p256 >/dev/null
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
echo "http = 127.0.0.1:$port" >"$folder/home/sigilld.conf"

began=$(date +%s%N)
"$build/sigilld" --home "$folder/home" 2>"$folder/log" &
service=$!
until grep -q '"event": "ready"' "$folder/log"; do
	kill -0 "$service"
	sleep 0.005
done
echo "start to serving: $((($(date +%s%N) - began) / 1000000)) ms"

"$build/sigill" user add --home "$folder/home" alice@example.org >/dev/null
sleep 1
# The share of each process in its pages (PSS): libraries count once.
children=$(pgrep -P "$service")
workers=$(for child in $children; do pgrep -P "$child" || true; done)
for process in $service $children $workers; do
	sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$process/smaps_rollup"
done | awk '{ sum += $1 } END { printf "memory at rest: %.1f MiB in %d processes\n",
	sum / 1024, NR }'
