-- The first event of a user that is parked in a group, if any. A function of the tables' owner, because
-- a statement that reads dead_letters, with its row-level security, itself is planned anew whenever its
-- connection changes roles; it was as much work as all else of marking an event. It tells no more than
-- that a user is parked.
CREATE FUNCTION parked_behind(in_group text, of_user bigint) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT event_id FROM selfology.dead_letters
          WHERE consumer_group OPERATOR(pg_catalog.=) in_group
            AND partition_key OPERATOR(pg_catalog.=) of_user
          LIMIT 1);
END $$;
