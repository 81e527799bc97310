-- An answer adds a row for each of its traits, and each index made that row dearer to write and to decode. The value
-- that a trait had before is nearly always among those that the handler reads by user and time anyway.
ALTER TABLE trait_history DROP CONSTRAINT trait_history_pkey, ADD PRIMARY KEY (user_id, timestamp, id);
DROP INDEX trait_history_user, trait_history_newest;
