#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whether bench-store works, on few keys: store_quick.sh PROGRAM
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$1" "$place/db" 2000
