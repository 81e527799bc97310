-- Whose a message is, and what its dialog says of it (proto/selfology/telegram/v1/dialog.proto, DialogMessage).
ALTER TABLE outgoing_messages
  ADD COLUMN dialog       text    NOT NULL DEFAULT '',  -- Empty: the gateway's own.
  ADD COLUMN mark         text    NOT NULL DEFAULT '',
  ADD COLUMN after_key    text    NOT NULL DEFAULT '',  -- The key of the message that it waits for.
  ADD COLUMN expendable   boolean NOT NULL DEFAULT false,
  ADD COLUMN tried_at     timestamptz,                  -- When Telegram was last asked to send it; once in doubt, first.
  ADD COLUMN in_doubt     boolean NOT NULL DEFAULT false,  -- It may have got there then, and is sent again.
  ADD COLUMN worthless_at timestamptz;                  -- NULL: 24 hours after it was made.
UPDATE outgoing_messages SET expendable = true WHERE kind IN ('feedback', 'insight', 'notice');
UPDATE outgoing_messages SET worthless_at = created_at + interval '10 minutes' WHERE kind IN ('feedback', 'notice');
COMMENT ON COLUMN outgoing_messages.body IS 'A selfology.telegram.v1.DialogMessage. NULL once it is done.';

-- The dialog that hears what a person writes, and the language in which the gateway speaks to them.
CREATE TABLE chat_focus (
  user_id         bigint      PRIMARY KEY CHECK (user_id > 0),
  dialog          text        NOT NULL,             -- Empty: nobody was chosen.
  previous_dialog text        NOT NULL DEFAULT '',  -- Which had the focus before.
  language        text        NOT NULL DEFAULT '',  -- BCP 47. Empty: what their Telegram speaks.
  changed_at      timestamptz NOT NULL
);

-- What dialogs said of themselves last, for when one is away while the gateway starts.
CREATE TABLE dialogs (
  name         text        PRIMARY KEY,
  description  bytea       NOT NULL,  -- A selfology.telegram.v1.DialogDescription.
  described_at timestamptz NOT NULL
);

-- Journeys are their dialogs' own business now.
DROP TABLE journey_traces;
