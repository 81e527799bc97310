-- Retention keeps what somebody may still need: a day of the outbox goes when it is old enough and every
-- consumer group has passed all of it, and a day of the inbox not before that day of the outbox, so that
-- what comes again is known. Gives how many days (a default partition counts as one) are old enough and
-- had to stay. Otherwise as before.
DROP FUNCTION maintain_event_partitions(interval, interval);
CREATE FUNCTION maintain_event_partitions(outbox_retention interval, inbox_retention interval)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = selfology, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
  handled pg_snapshot := (SELECT handled_snapshot FROM relay_progress);
  parent text;
  key text;
  keep interval;
  day date;
  child text;
  needed boolean;
  kept bigint := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('selfology.maintain_event_partitions', 0)) THEN
    RETURN 0;
  END IF;
  -- The outbox first, for the inbox looks at what is left of it.
  FOREACH parent IN ARRAY ARRAY['outbox', 'inbox'] LOOP
    keep := CASE parent WHEN 'outbox' THEN outbox_retention ELSE inbox_retention END;
    key := CASE parent WHEN 'outbox' THEN 'id' ELSE 'event_id' END;
    FOR day IN SELECT generate_series(current_date, current_date + 7, interval '1 day')::date LOOP
      child := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      CONTINUE WHEN to_regclass('selfology.' || child) IS NOT NULL;
      -- Rows of a day that had no partition lie in the default one, and that day stays there.
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)', parent || '_default',
                     key, uuid_at(day), key, uuid_at(day + 1)) INTO needed;
      CONTINUE WHEN needed;
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
                     uuid_at(day), uuid_at(day + 1));
    END LOOP;
    FOR child, day IN
      SELECT c.relname, to_date(right(c.relname, 8), 'YYYYMMDD')
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = ('selfology.' || parent)::regclass
        AND c.relname ~ '_[0-9]{8}$'
        AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 < now() - keep
    LOOP
      IF parent = 'outbox' THEN
        -- By the index on xid: of an old day, next to nothing.
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE xid >= pg_snapshot_xmin($1)'
                       ' AND NOT pg_visible_in_snapshot(xid, $1))', child) INTO needed USING handled;
      ELSE
        needed := EXISTS (SELECT FROM outbox WHERE id >= uuid_at(day) AND id < uuid_at(day + 1));
      END IF;
      IF needed THEN
        kept := kept + 1;
      ELSE
        EXECUTE format('DROP TABLE %I', child);
      END IF;
    END LOOP;
  END LOOP;
  DELETE FROM outbox_default WHERE id < uuid_at(now() - outbox_retention)
    AND pg_visible_in_snapshot(xid, handled);
  DELETE FROM inbox_default WHERE event_id < uuid_at(now() - inbox_retention)
    AND NOT EXISTS (SELECT FROM outbox_default o WHERE o.id = event_id);
  IF EXISTS (SELECT FROM outbox_default WHERE id < uuid_at(now() - outbox_retention)) THEN
    kept := kept + 1;
  END IF;
  RETURN kept;
END $$;
