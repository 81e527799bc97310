#!/bin/sh
# Runs a program that this build linked with the tree's loader and libraries: run PROGRAM ARGUMENT...
# Scripts run as they are.
self=$(readlink -f "$0")
root=${self%/bin/run}/tree
program=$1
shift
export TZDIR="$root/usr/share/zoneinfo"
if [ "$(head -c 2 "$program")" = '#!' ]; then exec "$program" "$@"; fi
exec "$root/lib64/ld-linux-x86-64.so.2" \
  --library-path "$root/usr/lib/x86_64-linux-gnu" --argv0 "$program" "$program" "$@"
