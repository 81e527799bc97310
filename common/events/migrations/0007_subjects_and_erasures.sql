-- The person that an event is about, where its ordering key is not that person: erasing finds it by this. A key that
-- is no person's is negative.
ALTER TABLE outbox ADD COLUMN subject bigint;
ALTER TABLE dead_letters ADD COLUMN subject bigint;

-- When the person's data were erased: the payload is empty since, nothing publishes the event again, and its row stays
-- so that positions and counts hold.
ALTER TABLE outbox ADD COLUMN redacted_at timestamptz;

CREATE OR REPLACE VIEW event_outbox AS
SELECT o.seq AS id,
       o.type::varchar(255) AS event_type,
       jsonb_build_object('type', o.type, 'user_id', coalesce(o.subject, o.partition_key),
                          'value', encode(o.payload, 'base64')) AS payload,
       CASE WHEN o.redacted_at IS NOT NULL THEN 'erased'
            WHEN pg_visible_in_snapshot(o.xid, p.published_snapshot)
            THEN 'published' ELSE 'pending' END::varchar(50) AS status,
       o.trace_id::varchar(100) AS trace_id,
       o.occurred_at AS created_at,
       CASE WHEN pg_visible_in_snapshot(o.xid, p.published_snapshot)
            THEN p.updated_at END AS published_at
FROM outbox o CROSS JOIN relay_progress p;

-- Erasures of persons that were begun and are not finished: whoever finds one that nobody works on goes on with it.
-- attempt goes up by one with each that begins anew; only the latest may finish.
CREATE TABLE mesh_erasures (
  user_id  bigint      PRIMARY KEY,
  attempt  bigint      NOT NULL DEFAULT 1,
  begun_at timestamptz NOT NULL DEFAULT now(),
  tried_at timestamptz NOT NULL DEFAULT now()
);

-- From here until finish_erasure none of that person's events takes effect in the service whose role calls it. Waits
-- for handlers that are at work on one. True: it was begun before.
CREATE FUNCTION begin_erasure(who bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  begun boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || current_user, who));
  begun := EXISTS (SELECT FROM selfology.event_erasures
                   WHERE owner = current_user AND partition_key = who AND erased_at = 'infinity');
  INSERT INTO selfology.event_erasures (partition_key, erased_at) VALUES (who, 'infinity')
    ON CONFLICT (owner, partition_key) DO UPDATE SET erased_at = excluded.erased_at;
  DELETE FROM selfology.dead_letters WHERE (partition_key = who OR subject = who) AND owner = current_user;
  RETURN begun;
END $$;

-- Events after that time take effect again.
CREATE FUNCTION finish_erasure(who bigint, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || current_user, who));
  INSERT INTO selfology.event_erasures (partition_key, erased_at) VALUES (who, at)
    ON CONFLICT (owner, partition_key) DO UPDATE SET erased_at = excluded.erased_at;
END $$;

-- As may_handle with three arguments, which processes of the version before still call: parked are keys, erased are
-- people.
CREATE FUNCTION may_handle(in_group text, keys bigint[], people bigint[], times timestamptz[],
                           of_owner name DEFAULT current_user)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock_shared(
            pg_catalog.hashtextextended(pg_catalog.concat('erasure:', of_owner), who))
    FROM pg_catalog.unnest(people) AS who;
  IF EXISTS (SELECT FROM selfology.event_erasures
             WHERE owner OPERATOR(pg_catalog.=) of_owner
               AND partition_key OPERATOR(pg_catalog.=) ANY (people)) THEN
    PERFORM selfology.refuse_erased_events(people, times, of_owner);
  END IF;
  IF EXISTS (SELECT FROM selfology.dead_letters
             WHERE consumer_group OPERATOR(pg_catalog.=) in_group
               AND partition_key OPERATOR(pg_catalog.=) ANY (keys)) THEN
    RAISE EXCEPTION 'the key is parked in this group'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'inbox_user_parked';
  END IF;
  RETURN true;
END $$;

-- Asked before a handler does what costs time or money. Fails as the mark of the event would fail now.
CREATE FUNCTION may_begin(in_group text, event uuid, key bigint, person bigint, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM selfology.inbox WHERE consumer_group = in_group AND event_id = event) THEN
    RAISE EXCEPTION 'the event was handled before'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'inbox_handled_once';
  END IF;
  PERFORM selfology.may_handle(in_group, ARRAY[key], ARRAY[person], ARRAY[at]);
END $$;
