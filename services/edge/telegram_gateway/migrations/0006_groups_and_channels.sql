-- Groups that were told that the bot talks with people in private only: once each.
CREATE TABLE known_groups (
  bot_id   bigint      NOT NULL,
  chat_id  bigint      NOT NULL CHECK (chat_id < 0),
  known_at timestamptz NOT NULL,
  PRIMARY KEY (bot_id, chat_id)
);

-- Channels have updates that wait, too; and messages of one person wait for those that belong to them, see
-- receiving/gathering.h.
ALTER TABLE held_updates
  DROP CONSTRAINT held_updates_user_id_check,
  ADD CONSTRAINT held_updates_lane CHECK (user_id <> 0),
  ADD COLUMN gathered bigint[] NOT NULL DEFAULT '{}',   -- The numbers of all updates in it; empty: only its own.
  ADD COLUMN gathers  boolean  NOT NULL DEFAULT false;  -- Until it is due, more may come to it.
COMMENT ON COLUMN held_updates.user_id IS
  'The person, or below 0 the channel or group: what happens there, one after the other.';

-- Which commands a person's menu shows.
ALTER TABLE chat_focus
  ADD COLUMN menu       jsonb NOT NULL DEFAULT '{}',  -- By dialog, the menu that it wants: {"garden": "spring"}.
  ADD COLUMN menu_shown text  NOT NULL DEFAULT '';    -- Made of all that Telegram was told last.
