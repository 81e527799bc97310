#!/bin/sh
# launch.sh for protoc, which would look for google/protobuf/*.proto beside the loader.
self=$(readlink -f "$0")
root=${self%%/tree/*}/tree
exec "$root/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
  "$self.real" "$@" --proto_path="$root/usr/include"
