-- The chats of people whose id is not Telegram's (docs/decisions/0003-one-person-one-id.md). Of all others there is nothing
-- here: their id is that of their chat.
CREATE TABLE linked_chats (
  user_id     bigint      PRIMARY KEY,
  telegram_id bigint      NOT NULL UNIQUE CHECK (telegram_id > 0),
  linked_at   timestamptz NOT NULL
);
