#!/bin/sh
# run.sh for sanitized programs. A sanitizer looks for the program's own file, to name functions and to start it anew,
# in a way that a loader named on the command line breaks; so the host's loader and libc serve here, and the tree's
# other libraries.
self=$(readlink -f "$0")
root=${self%/bin/run_sanitized}
export TZDIR="$root/tree/usr/share/zoneinfo"
export LD_LIBRARY_PATH="$root/libraries"
export ASAN_SYMBOLIZER_PATH="$root/bin/llvm-symbolizer"
# A report ends the program.
export ASAN_OPTIONS="detect_stack_use_after_return=1:check_initialization_order=1:${ASAN_OPTIONS:-}"
symbolizer="external_symbolizer_path=$root/bin/llvm-symbolizer"
export TSAN_OPTIONS="$symbolizer:halt_on_error=1:second_deadlock_stack=1:${TSAN_OPTIONS:-}"
export UBSAN_OPTIONS="$symbolizer:print_stacktrace=1:${UBSAN_OPTIONS:-}"
exec "$@"
