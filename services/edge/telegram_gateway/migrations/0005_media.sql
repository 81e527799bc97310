-- Files that came with messages, or that can be sent with them. Their bytes are in the folder --telegram_media_folder, each
-- in a file of its name: see media/media_store.h.
CREATE TABLE media (
  media_id         text        PRIMARY KEY,
  user_id          bigint      NOT NULL CHECK (user_id >= 0),  -- Whose it is; 0: nobody's.
  idempotency_key  text,                                       -- Of CreateMedia. NULL: it came with a message.
  kind             text        NOT NULL,                       -- Of selfology.telegram.v1.ContentKind: "photo", ...
  file_name        text        NOT NULL,
  mime_type        text        NOT NULL,
  size             bigint      NOT NULL,                       -- Bytes; 0: not known.
  stored           bigint      NOT NULL,                       -- Of them in the folder: written, and safe there.
  width            int         NOT NULL,
  height           int         NOT NULL,
  duration_ms      bigint      NOT NULL,
  emoji            text        NOT NULL,
  bot_id           bigint      NOT NULL,                       -- For whom telegram_file_id holds.
  telegram_file_id text        NOT NULL,                       -- Telegram's name of it; empty: it has not been there.
  created_at       timestamptz NOT NULL,                       -- Or when it was given again.
  CONSTRAINT media_once UNIQUE (user_id, idempotency_key)
);
CREATE INDEX media_age ON media (created_at);

-- One piece of a message may be an album of several messages.
ALTER TABLE outgoing_messages
  ADD COLUMN pieces_sent int    NOT NULL DEFAULT 0,
  ADD COLUMN media_ids   text[] NOT NULL DEFAULT '{}';  -- Sent with it, and kept for as long as it waits.
UPDATE outgoing_messages SET pieces_sent = cardinality(message_ids) WHERE message_ids <> '{}';
