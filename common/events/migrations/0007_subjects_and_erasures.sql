-- The person that an event is about, where its ordering key is not that person: erasing finds it by this. A key that
-- is no person's is negative.
ALTER TABLE outbox ADD COLUMN subject bigint;
ALTER TABLE dead_letters ADD COLUMN subject bigint;

-- When the person's data were erased: the payload is empty since, nothing publishes the event again, and its row stays
-- so that positions and counts hold.
ALTER TABLE outbox ADD COLUMN redacted_at timestamptz;

-- When the event was written, not when its transaction began: one that waited for an erasure to end comes after it. A
-- transaction has its id by then, so all that occurred until some time was written by transactions with lower ids than
-- any that gets its id later.
ALTER TABLE outbox ALTER COLUMN occurred_at SET DEFAULT clock_timestamp();

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

-- Erasures of persons that were begun and are not finished: whoever finds one that nobody works on resumes it.
-- Each attempt has a higher number than all before, also than those whose row is gone.
CREATE SEQUENCE mesh_erasure_attempts;
CREATE TABLE mesh_erasures (
  user_id  bigint      PRIMARY KEY,
  attempt  bigint      NOT NULL DEFAULT nextval('selfology.mesh_erasure_attempts'),
  begun_at timestamptz NOT NULL DEFAULT now(),
  tried_at timestamptz NOT NULL DEFAULT now()
);

-- The latest attempt of an erasure of the whole mesh that the service took part in; the phases of earlier ones come too
-- late.
ALTER TABLE event_erasures ADD COLUMN attempt bigint NOT NULL DEFAULT 0;

-- Deletes the dead letters about a person. Letters of others that wait behind one of them are replayed.
CREATE FUNCTION forget_dead_letters(who bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE selfology.dead_letters SET replay_requested = true
    WHERE owner = current_user AND attempts = 0 AND partition_key <> who AND subject IS DISTINCT FROM who
      AND (consumer_group, partition_key) IN
          (SELECT consumer_group, partition_key FROM selfology.dead_letters
           WHERE owner = current_user AND attempts > 0 AND subject = who);
  DELETE FROM selfology.dead_letters WHERE (partition_key = who OR subject = who) AND owner = current_user;
END $$;

-- From here until finish_erasure none of that person's events takes effect in the service whose role calls it. Waits
-- for handlers that are at work on one. of_attempt: of the whole mesh; null: of this service alone. True: one was begun
-- before. Null: refused, a later attempt has begun or this one has ended.
CREATE FUNCTION begin_erasure(who bigint, of_attempt bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  known selfology.event_erasures;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || current_user, who));
  SELECT * INTO known FROM selfology.event_erasures WHERE owner = current_user AND partition_key = who;
  IF known.attempt > of_attempt OR known.attempt = of_attempt AND known.erased_at < 'infinity' THEN
    RETURN NULL;
  END IF;
  INSERT INTO selfology.event_erasures (partition_key, erased_at, attempt)
    VALUES (who, 'infinity', coalesce(of_attempt, 0))
    ON CONFLICT (owner, partition_key) DO UPDATE
      SET erased_at = excluded.erased_at, attempt = coalesce(of_attempt, event_erasures.attempt);
  PERFORM selfology.forget_dead_letters(who);
  RETURN coalesce(known.erased_at = 'infinity', false);
END $$;

-- Events after that time, or after now, take effect again once the transaction commits. of_attempt as above. False:
-- refused, a later attempt has begun.
CREATE FUNCTION finish_erasure(who bigint, of_attempt bigint, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  known selfology.event_erasures;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || current_user, who));
  SELECT * INTO known FROM selfology.event_erasures WHERE owner = current_user AND partition_key = who;
  IF known.attempt > of_attempt THEN
    RETURN false;
  END IF;
  INSERT INTO selfology.event_erasures (partition_key, erased_at, attempt)
    VALUES (who, coalesce(at, clock_timestamp()), coalesce(of_attempt, 0))
    ON CONFLICT (owner, partition_key) DO UPDATE
      SET erased_at = excluded.erased_at, attempt = coalesce(of_attempt, event_erasures.attempt);
  PERFORM selfology.forget_dead_letters(who);
  RETURN true;
END $$;

-- Processes of the version before still call it: it must not end an erasure that others are at.
CREATE OR REPLACE FUNCTION begin_event_erasure(who bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || current_user, who));
  INSERT INTO selfology.event_erasures (partition_key, erased_at) VALUES (who, clock_timestamp())
    ON CONFLICT (owner, partition_key) DO UPDATE
      SET erased_at = greatest(event_erasures.erased_at, excluded.erased_at);
  PERFORM selfology.forget_dead_letters(who);
END $$;

-- What a finished erasure leaves to the relay: to empty the payloads in the outbox, then to delete the entries of the
-- streams. A row stays for a day after it is done, since whatever publishes events again may have read them before.
CREATE TABLE redactions (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint      NOT NULL,
  erased_at      timestamptz NOT NULL,
  xid            xid8        NOT NULL DEFAULT pg_current_xact_id(),
  outbox_to      name,       -- The last partition that was redacted.
  outbox_done_at timestamptz,
  streams_done   int         NOT NULL DEFAULT 0,
  done_at        timestamptz
);

-- Redacts the next partition of the outbox; false when there is none left. Without an index on people: erasing is rare,
-- and each event would pay for one.
CREATE FUNCTION redact_next_partition(redaction bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  known selfology.redactions;
  part name;
BEGIN
  SELECT * INTO known FROM selfology.redactions WHERE id = redaction FOR UPDATE;
  IF known.id IS NULL OR known.outbox_done_at IS NOT NULL THEN
    RETURN false;
  END IF;
  SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'selfology.outbox'::regclass AND (known.outbox_to IS NULL OR c.relname > known.outbox_to)
    ORDER BY c.relname LIMIT 1;
  IF part IS NULL THEN
    UPDATE selfology.redactions SET outbox_done_at = clock_timestamp() WHERE id = redaction;
    RETURN false;
  END IF;
  EXECUTE format('UPDATE selfology.%I SET payload = %L, redacted_at = clock_timestamp()'
                 ' WHERE (partition_key = $1 OR subject = $1) AND occurred_at <= $2 AND redacted_at IS NULL',
                 part, '') USING known.user_id, known.erased_at;
  UPDATE selfology.redactions SET outbox_to = part WHERE id = redaction;
  RETURN true;
END $$;

-- Asked before events of these keys, about these people, that occurred at these times are handled: fails for parked
-- keys and for events from before a person's erasure. True otherwise. Takes its locks in one order.
CREATE FUNCTION may_handle(in_group text, keys bigint[], people bigint[], times timestamptz[],
                           of_owner name DEFAULT current_user)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock_shared(
            pg_catalog.hashtextextended(pg_catalog.concat('erasure:', of_owner), who))
    FROM (SELECT who FROM pg_catalog.unnest(people) AS who ORDER BY who) AS ordered;
  -- By the index; who was never erased, as nearly everybody, needs no comparison of times.
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

-- Processes of the version before still call it: to them a key is a person.
CREATE OR REPLACE FUNCTION may_handle(in_group text, users bigint[], times timestamptz[],
                                      of_owner name DEFAULT current_user)
RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$
  SELECT selfology.may_handle(in_group, users, users, times, of_owner)
$$;

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
