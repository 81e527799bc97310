"""Puts what make_fixture wrote into new stores, as if it had just been left there.

    fixture = load.Fixture("tests/upgrade/v0.1.0.sql")
    fixture.into(postgres, redis)
    fixture.ann, fixture.bob       # their ids

Times are moved, so that the last of them is now, in events' ids too. Released migrations are the tree's, and must not have changed.
"""

import datetime
import glob
import hashlib
import json
import os
import re

from stores import ROOT

PARTITIONS = 16  # --event_partitions
TIME = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.]\d+)?)[+]00'")
# Version 7: the first 48 bits are milliseconds.
EVENT = re.compile(r"\b([0-9a-f]{8})-([0-9a-f]{4})-(7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})\b")


def tree_migrations():
    """(service, file name, text) of this checkout, in their order."""
    found = []
    for path in glob.glob(os.path.join(ROOT, "services", "*", "*", "migrations", "*.sql")) + glob.glob(
            os.path.join(ROOT, "common", "events", "migrations", "*.sql")):
        parts = path[len(ROOT) + 1:].split("/")
        with open(path, encoding="utf-8") as file:
            found.append(("mesh" if parts[0] == "common" else parts[2], parts[-1][: -len(".sql")], file.read()))
    return sorted(found)


def make_tables(postgres, migrations, database="selfology"):
    """Applies migrations as the kernel does, each service's as its role."""
    text = ["CREATE SCHEMA selfology;",
            "CREATE TABLE selfology.schema_migrations (service text NOT NULL, version integer NOT NULL, name text NOT NULL,"
            " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (service, version));"]
    roles = {name for (name,) in postgres.rows("SELECT rolname FROM pg_roles", database)}
    for service in sorted({each[0] for each in migrations}):
        role = "selfology_" + service
        if role not in roles:
            text += ["CREATE ROLE %s NOLOGIN;" % role, "GRANT %s TO CURRENT_USER;" % role]
        text.append("GRANT USAGE, CREATE ON SCHEMA selfology TO %s;" % role)
    for service, name, sql in migrations:
        text += ["SET LOCAL ROLE selfology_%s; SET LOCAL search_path = selfology, public;" % service, sql, "RESET ROLE;",
                 "INSERT INTO selfology.schema_migrations (service, version, name, sha256) VALUES ('%s', %d, '%s', '%s');"
                 % (service, int(name[:4]), name, hashlib.sha256(sql.encode()).hexdigest())]
    postgres.run("\n".join(text), database)


def partition_of(key):
    """As the kernel's PartitionOf."""
    x, mask = key, 2 ** 64 - 1
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9 & mask
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb & mask
    return (x ^ (x >> 31)) % PARTITIONS


class Fixture:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.ann, self.bob = (int(each) for each in re.search(r"(?m)^-- ann: (\d+), bob: (\d+)$", text).groups())
        made = datetime.datetime.fromisoformat(re.search(r"made_at: (\S+)$", text, re.M)[1])
        self._by = datetime.datetime.now(datetime.timezone.utc) - made
        self._wanted = re.findall(r"(?m)^-- migration (\S+) (\S+) (\S+)$", text)
        self._redis = [json.loads(words) for words in re.findall(r"(?m)^-- redis (.*)$", text)]
        self._rows = "\n".join(line for line in text.splitlines() if line.startswith("INSERT"))

    def migrations(self):
        """Those of the release, from the tree. AssertionError: one was changed or removed since."""
        tree = {(service, name): sql for service, name, sql in tree_migrations()}
        for service, name, digest in self._wanted:
            sql = tree.get((service, name))
            if sql is None or hashlib.sha256(sql.encode()).hexdigest() != digest:
                raise AssertionError("the released migration %s of %s is not as it was" % (name, service))
            yield service, name, sql

    def _moved(self, text):
        def time(found):
            return "'%s+00'" % (datetime.datetime.fromisoformat(found[1]) + self._by).isoformat(" ")

        def event(found):
            at = int(found[1] + found[2], 16) + int(self._by.total_seconds() * 1000)
            digits = "%012x" % at
            return "%s-%s-%s" % (digits[:8], digits[8:], found[3])
        return EVENT.sub(event, TIME.sub(time, text))

    def into(self, postgres, redis):
        make_tables(postgres, list(self.migrations()))
        postgres.run(self._moved(self._rows))
        # Numbers go on after those that were given.
        postgres.run("""DO $$ DECLARE each record; BEGIN
          FOR each IN SELECT table_name AS name, column_name AS part FROM information_schema.columns
                      WHERE table_schema = 'selfology' AND is_identity = 'YES' LOOP
            EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM selfology.%I',
                           'selfology.' || each.name, each.part, each.part, each.name);
          END LOOP; END $$""")
        # What was in the streams: all but what Redis was away for, passed by all groups.
        commands, streams = [], {}
        for number, row in enumerate(postgres.rows(
                "SELECT id, type, partition_key, (extract(epoch FROM occurred_at) * 1000000)::bigint, traceparent, trace_id, producer,"
                " encode(payload, 'hex') FROM selfology.outbox o WHERE EXISTS (SELECT FROM selfology.inbox WHERE event_id = o.id)"
                " ORDER BY seq"), 1):
            stream = "selfology:events:{%d}" % partition_of(int(row[2]))
            streams[stream] = "%d-1" % number
            fields = [b"id", b"type", b"key", b"time", b"trace", b"trace_id", b"producer"]
            commands.append([b"XADD", stream.encode(), streams[stream].encode()] +
                            [each for pair in zip(fields, (cell.encode() for cell in row)) for each in pair] +
                            [b"payload", bytes.fromhex(row[-1])])
        groups = [name for (name,) in postgres.rows("SELECT DISTINCT consumer_group FROM selfology.inbox")]
        commands += [[b"XGROUP", b"CREATE", stream.encode(), group.encode(), last.encode()]
                     for stream, last in streams.items() for group in groups]
        commands += [[word.encode() for word in words] for words in self._redis]
        redis.feed(commands)
