#!/bin/sh
# clang and clang++ out of the tree: the tree's headers and libraries, its linker, nothing of the host's.
#
# The tree's place differs from machine to machine, so nothing that leaves this script may name it: paths in
# objects are mapped to /sysroot, and the tree's headers (pinned by the lock, which every action has as an input)
# are dropped from the dependency file. That is what lets checkouts share one cache.
unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX
self=$(readlink -f "$0")
root=${self%%/tree/*}/tree

dependencies=
previous=
for argument; do
  if [ "$previous" = -MF ]; then dependencies=$argument; fi
  previous=$argument
done

"$root/lib64/ld-linux-x86-64.so.2" \
  --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib" \
  --argv0 "${self%/*}/${0##*/}" "$self.real" \
  --start-no-unused-arguments \
  -isystem "$root/usr/include/postgresql" \
  -isystem "$root/usr/include/freetype2" -isystem "$root/usr/include/glib-2.0" -isystem "$root/usr/lib/x86_64-linux-gnu/glib-2.0/include" \
  --sysroot="$root" -resource-dir="$root/usr/lib/llvm-19/lib/clang/19" --ld-path="$root/usr/lib/llvm-19/bin/ld.lld" \
  -ffile-prefix-map="$root=/sysroot" -ffile-compilation-dir=. \
  --end-no-unused-arguments "$@" || exit

if [ -n "$dependencies" ]; then exec sed -i "s| $root/[^ ]*||g" "$dependencies"; fi
