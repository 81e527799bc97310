#!/bin/sh
# launch.sh for the PostgreSQL programs that refuse to run as root: there they run as nobody, in a user namespace
# where the files of root are nobody's, or (where the host allows no namespaces) after giving the data folder away.
self=$(readlink -f "$0")
root=${self%%/tree/*}/tree
set -- "$root/lib64/ld-linux-x86-64.so.2" \
  --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib" \
  --argv0 "${self%/*}/${0##*/}" "$self.real" "$@"
if [ "$(id -u)" != 0 ]; then exec "$@"; fi
if unshare --user --map-user=65534 --map-group=65534 true 2>/dev/null; then
  exec unshare --user --map-user=65534 --map-group=65534 "$@"
fi
data=${PGDATA:-}
previous=
for argument; do
  case $previous in -D | --pgdata | -k) chown -R 65534:65534 "$argument" ;; esac
  previous=$argument
done
if [ -n "$data" ]; then chown -R 65534:65534 "$data"; fi
exec setpriv --pdeathsig KILL --reuid=65534 --regid=65534 --clear-groups "$@"
