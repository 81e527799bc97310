-- A dialog may borrow the focus: words go to it for a while, until a question of another dialog waits.
ALTER TABLE bot_focus
  ADD COLUMN borrower       text        NOT NULL DEFAULT '',
  ADD COLUMN borrowed_until timestamptz,
  ADD COLUMN questions      jsonb       NOT NULL DEFAULT '{}';  -- By dialog, until when its question waits.
-- Whether the dialog that people talk with has asked them something was not kept: it may have.
UPDATE bot_focus SET questions = jsonb_build_object(dialog, now() + interval '7 days') WHERE dialog <> '';
