-- Who has paused the chat with the coach: no other service knows, and a pause lasts.
CREATE TABLE coaching_chat_pauses (
  user_id   bigint      PRIMARY KEY,
  paused_at timestamptz NOT NULL
);
