-- Updates that Telegram need not bring again although they could not be handled yet: see receiving/held_updates.h.
CREATE TABLE held_updates (
  bot_id    bigint      NOT NULL,
  update_id bigint      NOT NULL,
  position  bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,  -- For lists, in pages.
  user_id   bigint      NOT NULL CHECK (user_id > 0),         -- Their chat with the bot: one after the other.
  body      text        NOT NULL,                             -- Telegram's Update, as JSON.
  dialog    text        NOT NULL,  -- Which failed last. Empty: none; it waits behind others, or the database refused it.
  code      text        NOT NULL,  -- Of the last failure, for example "UNAVAILABLE"; and what it said.
  reason    text        NOT NULL,
  rounds    int         NOT NULL,  -- Of tries in vain, several right after each other counted once.
  due_at    timestamptz NOT NULL,  -- When to try again, or, while one tries, to doubt that they still do.
  held_at   timestamptz NOT NULL,
  parked    boolean     NOT NULL,  -- Not tried by itself, and nothing waits for it.
  PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX held_updates_chat ON held_updates (user_id, bot_id, update_id);
CREATE INDEX held_updates_next ON held_updates (user_id, update_id) INCLUDE (bot_id, due_at) WHERE NOT parked;
