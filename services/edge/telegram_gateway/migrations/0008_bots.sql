-- One gateway serves several bots. What was written before there were several, and what gateways of before write while they are
-- being replaced, has bot_id 0: the first bot adopts it (focus_store.h). Add further bots once all gateways know of them.
ALTER TABLE outgoing_messages
  ADD COLUMN bot_id bigint NOT NULL DEFAULT 0,  -- Who says it.
  DROP CONSTRAINT outgoing_messages_once,
  -- The gateways of before insert with this name.
  ADD CONSTRAINT outgoing_messages_once UNIQUE (user_id, key, bot_id);
DROP INDEX outgoing_messages_next;
CREATE INDEX outgoing_messages_next ON outgoing_messages (user_id, bot_id, place_at, id)
  WHERE status IN ('waiting', 'sending');
DROP INDEX outgoing_messages_due;
CREATE INDEX outgoing_messages_due ON outgoing_messages (bot_id, due_at) WHERE status IN ('waiting', 'sending');
CREATE INDEX outgoing_messages_of_before ON outgoing_messages (id) WHERE bot_id = 0;

-- In place of chat_focus: for each bot by itself, the dialog that hears what a person writes, the language in which the
-- gateway speaks to them, and their menu.
CREATE TABLE bot_focus (
  bot_id          bigint      NOT NULL,
  user_id         bigint      NOT NULL CHECK (user_id > 0),
  dialog          text        NOT NULL DEFAULT '',    -- Empty: nobody was chosen.
  previous_dialog text        NOT NULL DEFAULT '',    -- Which had the focus before.
  language        text        NOT NULL DEFAULT '',    -- BCP 47. Empty: what their Telegram speaks.
  menu            jsonb       NOT NULL DEFAULT '{}',  -- By dialog, the menu that it wants: {"garden": "spring"}.
  menu_shown      text        NOT NULL DEFAULT '',    -- Made of all that Telegram was told last.
  changed_at      timestamptz NOT NULL,
  heard_at        timestamptz,                        -- When they did something there last; only kept with several bots.
  PRIMARY KEY (user_id, bot_id)
);
INSERT INTO bot_focus (bot_id, user_id, dialog, previous_dialog, language, menu, menu_shown, changed_at)
  SELECT 0, user_id, dialog, previous_dialog, language, menu, menu_shown, changed_at FROM chat_focus;
CREATE INDEX bot_focus_of_before ON bot_focus (user_id) WHERE bot_id = 0;
-- The gateways of before go on with it until they are replaced: one that finds it changed would park what it is told.
COMMENT ON TABLE chat_focus IS 'Of before 0008_bots.sql; nobody reads it any more.';
