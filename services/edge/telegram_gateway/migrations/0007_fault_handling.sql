-- Held updates are tried dialog by dialog, and counted without reading them all: see receiving/held_updates.h.
DROP INDEX held_updates_next;
CREATE INDEX held_updates_next ON held_updates (bot_id, user_id, update_id) INCLUDE (dialog, due_at)
  WHERE NOT parked;

-- What a person with several dialogs wrote before they chose one: it waits for the choice, as a parked one does, and is
-- forgotten after a day.
ALTER TABLE held_updates ADD COLUMN awaits_choice boolean NOT NULL DEFAULT false;
ALTER TABLE held_updates ADD CHECK (parked OR NOT awaits_choice);
CREATE INDEX held_updates_parked ON held_updates (bot_id) WHERE parked AND NOT awaits_choice;
CREATE INDEX held_updates_choice ON held_updates (user_id) WHERE awaits_choice;

-- Which dialogs have rendered an event that another one failed at: see gateway_events.h. Of most events there is
-- nothing here.
CREATE TABLE rendered_events (
  event_id    uuid        NOT NULL,
  dialog      text        NOT NULL,
  rendered_at timestamptz NOT NULL,
  PRIMARY KEY (event_id, dialog)
);
CREATE INDEX rendered_events_age ON rendered_events (rendered_at);
