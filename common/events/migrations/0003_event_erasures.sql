-- Whose data a service has erased, and when. What happened to that person before takes no effect in that
-- service any more, however late it comes.
CREATE TABLE event_erasures (
  owner         name        NOT NULL DEFAULT current_user,
  partition_key bigint      NOT NULL,
  erased_at     timestamptz NOT NULL,
  PRIMARY KEY (owner, partition_key)
);
GRANT SELECT, INSERT, UPDATE ON event_erasures TO PUBLIC;
ALTER TABLE event_erasures ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_erasures ON event_erasures USING (owner = current_user);

-- Erases for the role that calls it: from here to the end of the transaction none of that person's events
-- is being handled, and those from before are refused from then on. Dead letters hold what the person wrote.
CREATE FUNCTION begin_event_erasure(who bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || current_user, who));
  INSERT INTO selfology.event_erasures (partition_key, erased_at) VALUES (who, clock_timestamp())
    ON CONFLICT (owner, partition_key) DO UPDATE SET erased_at = excluded.erased_at;
  DELETE FROM selfology.dead_letters WHERE partition_key = who AND owner = current_user;
END $$;

-- Called with each event's user and time by whoever is about to handle them in this transaction. Waits for an
-- erasure that is under way, then looks: in a statement of its own, which sees what the erasure left. A function
-- of the table's owner, because a statement that reads a table with row-level security itself is planned anew
-- whenever its connection changes roles; it tells no more than that a person was erased.
CREATE FUNCTION refuse_erased_events(users bigint[], times timestamptz[], of_owner name DEFAULT current_user)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock_shared(
            pg_catalog.hashtextextended(pg_catalog.concat('erasure:', of_owner), who))
    FROM pg_catalog.unnest(users) AS who;
  IF EXISTS (SELECT FROM unnest(users, times) AS event (who, at)
             JOIN selfology.event_erasures e ON e.partition_key OPERATOR(pg_catalog.=) event.who
             WHERE e.owner OPERATOR(pg_catalog.=) of_owner
               AND event.at OPERATOR(pg_catalog.<=) e.erased_at) THEN
    RAISE EXCEPTION 'the person''s data were erased since'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'inbox_user_erased';
  END IF;
END $$;
