-- Also groups and channels are written to; their ids are below 0. For a person the id is that of their chat.
ALTER TABLE outgoing_messages
  DROP CONSTRAINT outgoing_messages_user_id_check,
  ADD CONSTRAINT outgoing_messages_user_id_check CHECK (user_id <> 0),
  -- What becomes of it in the chat (proto/selfology/telegram/v1/dialog.proto, MessageLifecycle).
  ADD COLUMN lifecycle    text    NOT NULL DEFAULT 'onetime' CHECK (lifecycle IN ('onetime', 'system', 'ephemeral')),
  ADD COLUMN replaces_all boolean NOT NULL DEFAULT false,  -- A transition: of its dialog, whatever the tag.
  ADD COLUMN edited       boolean NOT NULL DEFAULT false,  -- It took the place of an older message, by an edit.
  ADD COLUMN afterwards   text CHECK (afterwards IN ('delete', 'clear_buttons'));  -- To be done once it is sent.
COMMENT ON COLUMN outgoing_messages.user_id IS 'The chat: a person''s, or below 0 a group or channel.';

-- The bot's messages that are in the chats, and what is still to be done to them: see chat_store.h.
CREATE TABLE chat_messages (
  bot_id       bigint      NOT NULL,
  chat_id      bigint      NOT NULL,
  message_id   bigint      NOT NULL,             -- Telegram's, within the chat.
  outgoing_id  bigint      NOT NULL,             -- The same for all pieces of a message. 0: nobody knows.
  lifecycle    text        NOT NULL CHECK (lifecycle IN ('onetime', 'system', 'ephemeral')),
  tag          text        NOT NULL DEFAULT '',
  dialog       text        NOT NULL DEFAULT '',  -- Empty: the gateway's own, or another service's.
  key          text        NOT NULL DEFAULT '',  -- Among the dialog's.
  sent_at      timestamptz NOT NULL,             -- Or changed, when it took another's place.
  expires_at   timestamptz,                      -- NULL: it stays.
  has_buttons  boolean     NOT NULL,
  keep_buttons boolean     NOT NULL DEFAULT false,
  buttons      text[]      NOT NULL DEFAULT '{}',  -- Their callback_data.
  editable     boolean     NOT NULL DEFAULT true,  -- Telegram has not said otherwise.
  wish         text        CHECK (wish IN ('delete', 'clear_buttons', 'replace')),
  replacement  text,                             -- Of 'replace': the HTML.
  due_at       timestamptz,                      -- When the wish is to be carried out.
  failures     int         NOT NULL DEFAULT 0,   -- Of the wish.
  alone        boolean     NOT NULL DEFAULT false,  -- With others Telegram refused to delete it.
  taken_until  timestamptz,                      -- Somebody is changing it; until then nobody else does.
  PRIMARY KEY (bot_id, chat_id, message_id),
  CHECK ((wish IS NULL) = (due_at IS NULL)),
  CHECK ((wish IS NOT DISTINCT FROM 'replace') = (replacement IS NOT NULL))
);
CREATE INDEX chat_messages_due ON chat_messages (bot_id, due_at) WHERE wish IS NOT NULL;
CREATE INDEX chat_messages_chat ON chat_messages (chat_id);
CREATE INDEX chat_messages_age ON chat_messages (sent_at) WHERE lifecycle = 'onetime' AND tag = '';

-- Of chats with SYSTEM messages: the newest message that is not in chat_messages, a person's or one that was forgotten.
CREATE TABLE chats (
  bot_id            bigint NOT NULL,
  chat_id           bigint NOT NULL,
  newest_message_id bigint NOT NULL,
  PRIMARY KEY (bot_id, chat_id)
);
CREATE INDEX chats_chat ON chats (chat_id);
