#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whole processes on one long message: seconds of processor time (user and
# system) and the most memory that was resident, for `sigill` and `openssl cms`.
#
#	bench/cli.sh [--size MIB] [--all] [--work DIR] [BUILD]
#
# --size  of the content, 1024 MiB if not given
# --all   also what takes more than 3 GiB of memory
# --work  where the files go, about five times the size; a tmpfs is best
#
# BUILD is the folder with the built sigill, `build` if not given. Every result
# is compared with what went in. Needs openssl and GNU time.
set -euo pipefail

top=$(dirname "$(dirname "$(readlink -f "$0")")")
size=1024 all=no work=${TMPDIR:-/tmp} build=$top/build
limit=$((3 * 1024)) # MiB

usage() {
	sed -n '/^#$/,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--size) size=${2:?} && shift ;;
	--work) work=${2:?} && shift ;;
	--all) all=yes ;;
	-*) usage ;;
	*) build=$1 ;;
	esac
	shift
done

sigill=$(readlink -f "$build/sigill")
dir=$(mktemp -d "$work/sigill-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

make_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem \
		-out cert.pem -days 30 -subj /CN=Alice \
		-addext "subjectAltName=email:alice@example.org" \
		-addext "basicConstraints=critical,CA:FALSE" \
		-addext "keyUsage=critical,digitalSignature,keyEncipherment" \
		-addext "extendedKeyUsage=emailProtection" 2>/dev/null
	cat key.pem cert.pem >alice.pem
}

make_content() {
	local line=$'The quick brown fox jumps over the lazy dog once again.\r'
	printf 'Content-Type: text/plain; charset=us-ascii\r\n\r\n' >content
	yes "$line" | head -n $((size * 1048576 / (${#line} + 1))) >>content ||
		true # yes is cut off
}

# measure NAME MIB COMMAND...: MIB is the memory per GiB of content that the
# command is known to take.
measure() {
	local name=$1 need=$(($2 * size / 1024)) status=0
	shift 2
	if [ $all = no ] && [ $need -gt $limit ]; then
		printf '%-30s %10s\n' "$name" "left out"
		return
	fi
	/usr/bin/time -q -f '%U %S %M' -o usage "$@" >log 2>&1 || status=$?
	if [ $status -ne 0 ]; then
		printf '%-30s failed with status %s\n' "$name" $status
		tail -n 3 log | sed 's/^/    /'
		return
	fi
	awk -v name="$name" '{
		printf "%-30s %8.2f s %8.1f MiB\n", name, $1 + $2, $3 / 1024
	}' usage
}

# Fields of the message may stand in front.
same() { # FILE
	tail -c "$(stat -c %s content)" "$1" | cmp -s - content ||
		echo "    $1 is not what went in"
	rm -f "$1"
}

# Nobody's signature but the sender's goes in front of the content.
headed() {
	printf 'From: alice@example.org\r\n'
	cat "$1"
}

make_certificate
make_content
printf '%-30s %10s %12s\n' "$size MiB" "cpu" "memory"

measure "sigill sign" 0 "$sigill" sign --key alice.pem -o signed content
rm -f signed
measure "openssl cms -sign" 0 openssl cms -sign -stream -crlfeol \
	-signer cert.pem -inkey key.pem -in content -out signed.cms
headed signed.cms >signed && rm signed.cms
measure "sigill verify" 0 "$sigill" verify --trust cert.pem -o out signed
same out
measure "openssl cms -verify" 1700 openssl cms -verify -CAfile cert.pem \
	-crlfeol -in signed -out out
rm -f out signed

measure "sigill sign --opaque" 0 "$sigill" sign --opaque --key alice.pem \
	-o signed content
rm -f signed
measure "openssl cms -sign -nodetach" 0 openssl cms -sign -nodetach -binary \
	-stream -signer cert.pem -inkey key.pem -in content -out signed
measure "sigill verify (opaque)" 0 "$sigill" verify --trust cert.pem -o out \
	--from alice@example.org signed
same out
measure "openssl cms -verify (opaque)" 2700 openssl cms -verify -binary \
	-CAfile cert.pem -in signed -out out
rm -f out signed

for cipher in cbc gcm; do
	measure "sigill encrypt $cipher" 0 "$sigill" encrypt --to cert.pem \
		--cipher aes-256-$cipher -o encrypted content
	rm -f encrypted
	measure "openssl cms -encrypt $cipher" 0 openssl cms -encrypt -binary \
		-stream -aes-256-$cipher -in content -out encrypted cert.pem
	measure "sigill decrypt $cipher" 0 "$sigill" decrypt --key alice.pem \
		-o out encrypted
	same out
	measure "openssl cms -decrypt $cipher" 2700 openssl cms -decrypt \
		-inkey key.pem -recip cert.pem -in encrypted -out out
	rm -f out encrypted
done
measure "floor: openssl dgst -sha256" 0 openssl dgst -sha256 content
measure "floor: openssl enc" 0 openssl enc -aes-256-cbc -pass pass:x -pbkdf2 \
	-in content -out out
rm -f out
measure "floor: cat" 0 sh -c 'cat content >out'
