-- The buttons that a message gets with its replacement: the bytes of a DialogMessage that has nothing else.
ALTER TABLE chat_messages ADD COLUMN replacement_buttons bytea NOT NULL DEFAULT '';
