#!/bin/sh
# Starts NAME.real, which lies beside this file, with the tree's own loader and libraries: none of the host's.
self=$(readlink -f "$0")
root=${self%%/tree/*}/tree
exec "$root/lib64/ld-linux-x86-64.so.2" \
  --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib" \
  --argv0 "${self%/*}/${0##*/}" "$self.real" "$@"
