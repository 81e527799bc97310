#!/bin/sh
# launch.sh for the PostgreSQL programs that refuse to run as root: there they run as nobody, in a user namespace
# where the files of root are nobody's, or (where the host allows no namespaces) after giving the data folder away.
self=$(readlink -f "$0")
root=${self%%/tree/*}/tree
set -- "$root/lib64/ld-linux-x86-64.so.2" \
  --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib" \
  --argv0 "${self%/*}/${0##*/}" "$self.real" "$@"
if [ "$(id -u)" != 0 ]; then exec "$@"; fi
# Makes the data folder and the sockets' the server's, whoever it was last time.
own() {
  user=$1
  shift
  set -- "$@" -D "${PGDATA:-}"
  previous=
  for argument; do
    case $previous in -D | --pgdata | -k)
      if [ -e "$argument" ] && [ "$(stat -c %u "$argument")" != "$user" ]; then chown -R "$user:$user" "$argument"; fi ;;
    esac
    previous=$argument
  done
}
if unshare --user --map-user=65534 --map-group=65534 true 2>/dev/null; then
  own 0 "$@"
  exec unshare --user --map-user=65534 --map-group=65534 "$@"
fi
own 65534 "$@"
# A capability instead of permissions, as nobody may neither look into root's home nor write there; access(2) heeds it
# only with that securebit.
exec setpriv --pdeathsig KILL --reuid=65534 --regid=65534 --clear-groups \
  --securebits=+no_setuid_fixup --inh-caps=+dac_override --ambient-caps=+dac_override "$@"
