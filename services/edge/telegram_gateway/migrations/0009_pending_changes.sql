-- The column says what it holds: the change of a sent message that is still to be made. Stop gateways of before first: they
-- know the old name only.
ALTER TABLE chat_messages RENAME COLUMN wish TO pending_change;
