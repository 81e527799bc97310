-- Messages on their way to Telegram, and for a day those that got there: the log that tells what was sent.
-- Written with the event or update that caused them, so each is there once; see delivery.h for what follows.
CREATE TABLE outgoing_messages (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint      NOT NULL CHECK (user_id > 0),
  key          text        NOT NULL,  -- What caused it: "event:<event id>", "update:<update id>:<n>", ...
  kind         text        NOT NULL,
  body         bytea,                 -- A selfology.telegram.v1.SendMessageRequest. NULL once it is done.
  traceparent  text        NOT NULL,
  status       text        NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'dropped')),
  place_at     timestamptz NOT NULL,  -- Its place among the person's messages, and not to be sent before.
  due_at       timestamptz NOT NULL,  -- When to look at it: to send it, or, if still 'sending', to doubt it.
  failures     int         NOT NULL DEFAULT 0,
  message_ids  bigint[]    NOT NULL DEFAULT '{}',  -- Telegram's, of the pieces sent.
  created_at   timestamptz NOT NULL,
  CONSTRAINT outgoing_messages_once UNIQUE (user_id, key),
  CHECK ((body IS NULL) = (status IN ('sent', 'dropped')))
);
CREATE INDEX outgoing_messages_next ON outgoing_messages (user_id, place_at, id)
  WHERE status IN ('waiting', 'sending');
CREATE INDEX outgoing_messages_due ON outgoing_messages (due_at) WHERE status IN ('waiting', 'sending');
CREATE INDEX outgoing_messages_age ON outgoing_messages (created_at);

-- Telegram's updates that took effect: one that comes again does nothing.
CREATE TABLE handled_updates (
  bot_id     bigint      NOT NULL,  -- Each bot counts its own updates.
  update_id  bigint      NOT NULL,
  outcome    text        NOT NULL,
  handled_at timestamptz NOT NULL,
  PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX handled_updates_age ON handled_updates (handled_at);

-- The trace that a person's present journey is on, should Redis forget it.
CREATE TABLE journey_traces (
  user_id     bigint      PRIMARY KEY,
  traceparent text        NOT NULL,
  began_at    timestamptz NOT NULL
);
CREATE INDEX journey_traces_age ON journey_traces (began_at);
