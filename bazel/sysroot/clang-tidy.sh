#!/bin/sh
# launch.sh for clang-tidy, whose arguments end with a compiler's: the tree's headers, as in clang.sh.
self=$(readlink -f "$0")
root=${self%%/tree/*}/tree
exec "$root/lib64/ld-linux-x86-64.so.2" \
  --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib" \
  --argv0 "${self%/*}/${0##*/}" "$self.real" "$@" \
  --sysroot="$root" -resource-dir="$root/usr/lib/llvm-19/lib/clang/19" -isystem "$root/usr/include/postgresql"
