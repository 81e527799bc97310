-- Only an operator's replay asks for one person's events or one trace's, and can read a day's partition whole.
-- Each event paid for that: two more entries at random places of two indexes, and the WAL that says so, which
-- the relay's decoder has to read.
DROP INDEX outbox_user;
DROP INDEX outbox_trace;
