#!/bin/bash
# The locked servers start inside Bazel's sandbox, as whoever runs the test, and answer.
set -eu
bin="$TEST_SRCDIR/debian_sysroot/bin"
folder="$TEST_TMPDIR/s"
mkdir "$folder"
chmod 755 "$folder"

fail() {
  echo "$1" >&2
  cat "$folder"/*.log >&2
  exit 1
}

"$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync --no-locale -E UTF8 >"$folder/initdb.log" 2>&1 ||
  fail "initdb failed"
# Short socket paths: the sandbox's own are longer than the 107 bytes that a socket's address holds.
sockets=$(mktemp -d /tmp/selfology.XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$sockets"' EXIT
chmod 777 "$sockets"
"$bin/postgres" -D "$folder/data" -k "$sockets" -c listen_addresses= -c wal_level=logical -c fsync=off \
  >"$folder/postgres.log" 2>&1 &
"$bin/redis-server" --port 0 --unixsocket "$sockets/redis" --save '' --dir "$folder" >"$folder/redis.log" 2>&1 &
for _ in $(seq 200); do
  if "$bin/pg_isready" -q -h "$sockets" && [ -S "$sockets/redis" ]; then break; fi
  sleep 0.05
done

answer=$("$bin/psql" -h "$sockets" -U postgres -Atc \
  "SELECT slot_name FROM pg_create_logical_replication_slot('relay', 'pgoutput')") || fail "psql failed"
[ "$answer" = relay ] || fail "PostgreSQL answered '$answer'"
answer=$("$bin/redis-cli" -s "$sockets/redis" PING) || fail "redis-cli failed"
[ "$answer" = PONG ] || fail "Redis answered '$answer'"
