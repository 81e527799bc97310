-- Events are only ever inserted here: the relay reads them from the WAL (or by snapshot) and updates
-- nothing, so the table has no dead tuples; retention drops whole partitions. The id is a UUIDv7, whose
-- leading 48 bits are the time, so ranges of ids are ranges of time.
CREATE SEQUENCE outbox_seq AS bigint CACHE 1;

CREATE TABLE outbox (
  id            uuid        NOT NULL,
  seq           bigint      NOT NULL DEFAULT nextval('selfology.outbox_seq'),
  xid           xid8        NOT NULL DEFAULT pg_current_xact_id(),
  type          text        NOT NULL,
  partition_key bigint      NOT NULL,
  occurred_at   timestamptz NOT NULL DEFAULT now(),
  traceparent   text        NOT NULL DEFAULT '',
  trace_id      text        NOT NULL DEFAULT '',
  producer      text        NOT NULL DEFAULT replace(current_user::text, 'selfology_', ''),
  payload       bytea       NOT NULL
) PARTITION BY RANGE (id);

CREATE INDEX outbox_xid ON outbox (xid);
CREATE INDEX outbox_user ON outbox (partition_key, id);
CREATE INDEX outbox_trace ON outbox (trace_id);
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

-- What a consumer group has done. `parked_behind` is never set: its check refuses an event whose user
-- is parked in this group, in the same statement that marks the event handled.
CREATE TABLE inbox (
  consumer_group text        NOT NULL,
  event_id       uuid        NOT NULL,
  parked_behind  uuid        CONSTRAINT inbox_user_parked CHECK (parked_behind IS NULL),
  handled_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT inbox_handled_once PRIMARY KEY (consumer_group, event_id)
) PARTITION BY RANGE (event_id);
CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

-- Events that a group could not handle, and the later ones of the same user, which wait behind them.
CREATE TABLE dead_letters (
  consumer_group   text        NOT NULL,
  event_id         uuid        NOT NULL,
  position         bigint      GENERATED ALWAYS AS IDENTITY,
  type             text        NOT NULL,
  partition_key    bigint      NOT NULL,
  occurred_at      timestamptz NOT NULL,
  traceparent      text        NOT NULL,
  trace_id         text        NOT NULL,
  producer         text        NOT NULL,
  payload          bytea       NOT NULL,
  code             text        NOT NULL,   -- "INVALID_ARGUMENT"
  reason           text        NOT NULL,   -- "INVALID_EVENT_PAYLOAD"
  message          text        NOT NULL,
  attempts         int         NOT NULL,   -- 0: not tried, waits behind an earlier one.
  parked_at        timestamptz NOT NULL DEFAULT now(),
  last_failed_at   timestamptz,
  mended_at        timestamptz,
  replay_requested boolean     NOT NULL DEFAULT false,
  owner            name        NOT NULL DEFAULT current_user,
  PRIMARY KEY (consumer_group, event_id)
);
CREATE INDEX dead_letters_user ON dead_letters (consumer_group, partition_key, position);

-- What the relay has surely delivered: every event visible in published_snapshot is in the streams, and
-- every one visible in handled_snapshot has been passed by all consumer groups, so it need not come again
-- when Redis is emptied. Written now and then; older values are as true. known_groups: every consumer group
-- there was, so that one that is missing from an emptied Redis still counts; who retires a group for good
-- takes it out by hand. term: goes up by one whenever a relay takes up the streams.
CREATE TABLE relay_progress (
  singleton          boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  published_snapshot pg_snapshot NOT NULL,
  handled_snapshot   pg_snapshot NOT NULL,
  position           pg_lsn      NOT NULL,
  published_total    bigint      NOT NULL DEFAULT 0,
  term               bigint      NOT NULL DEFAULT 0,
  known_groups       text[]      NOT NULL DEFAULT '{}',
  updated_at         timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO relay_progress (published_snapshot, handled_snapshot, position) VALUES ('1:1:', '1:1:', '0/0');

-- The columns that the product's documents name. The payload is protobuf; here it is wrapped as the
-- JSON mapping of google.protobuf.Any wraps bytes of a type it cannot see into.
CREATE VIEW event_outbox AS
SELECT o.seq AS id,
       o.type::varchar(255) AS event_type,
       jsonb_build_object('type', o.type, 'user_id', o.partition_key,
                          'value', encode(o.payload, 'base64')) AS payload,
       CASE WHEN pg_visible_in_snapshot(o.xid, p.published_snapshot)
            THEN 'published' ELSE 'pending' END::varchar(50) AS status,
       o.trace_id::varchar(100) AS trace_id,
       o.occurred_at AS created_at,
       CASE WHEN pg_visible_in_snapshot(o.xid, p.published_snapshot)
            THEN p.updated_at END AS published_at
FROM outbox o CROSS JOIN relay_progress p;

-- Makes the daily partitions of the coming week and drops those older than the retention. It waits for
-- nobody: while it wants a lock on a parent, writers would queue behind it, so after 200 ms it gives up
-- (lock_not_available) and the caller tries again later. The bounds are days in UTC whoever calls.
CREATE FUNCTION maintain_event_partitions(outbox_retention interval, inbox_retention interval)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = selfology, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
  parent text;
  key text;
  keep interval;
  day date;
  child text;
  strays boolean;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('selfology.maintain_event_partitions', 0)) THEN
    RETURN;
  END IF;
  FOREACH parent IN ARRAY ARRAY['outbox', 'inbox'] LOOP
    keep := CASE parent WHEN 'outbox' THEN outbox_retention ELSE inbox_retention END;
    key := CASE parent WHEN 'outbox' THEN 'id' ELSE 'event_id' END;
    FOR day IN SELECT generate_series(current_date, current_date + 7, interval '1 day')::date LOOP
      child := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      CONTINUE WHEN to_regclass('selfology.' || child) IS NOT NULL;
      -- Rows of a day that had no partition lie in the default one, and that day stays there.
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)', parent || '_default',
                     key, uuid_at(day), key, uuid_at(day + 1)) INTO strays;
      CONTINUE WHEN strays;
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
                     uuid_at(day), uuid_at(day + 1));
    END LOOP;
    FOR child IN
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = ('selfology.' || parent)::regclass
        AND c.relname ~ '_[0-9]{8}$'
        AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 < now() - keep
    LOOP
      EXECUTE format('DROP TABLE %I', child);
    END LOOP;
    EXECUTE format('DELETE FROM %I WHERE %I < %L', parent || '_default', key, uuid_at(now() - keep));
  END LOOP;
END $$;

-- The lowest UUIDv7 of an instant.
CREATE FUNCTION uuid_at(instant timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0')
          || '00000000000000000000')::uuid
$$;

SELECT maintain_event_partitions(interval '30 days', interval '37 days');

-- A service may add events and read none but those it is given through the stream; it sees its own
-- groups' dead letters only. The relay works as the role that owns these tables.
GRANT INSERT ON outbox TO PUBLIC;
GRANT USAGE ON SEQUENCE outbox_seq TO PUBLIC;
GRANT INSERT, SELECT ON inbox TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letters TO PUBLIC;
GRANT SELECT ON relay_progress TO PUBLIC;
ALTER TABLE dead_letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_groups ON dead_letters USING (owner = current_user);
