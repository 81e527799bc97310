-- What people chose of when and how they are written to. Who never chose has no row.
CREATE TABLE coaching_preferences (
  user_id                bigint      PRIMARY KEY,
  form_of_address        integer     NOT NULL,
  time_zone              text        NOT NULL,  -- IANA; empty: not chosen.
  reminders              boolean     NOT NULL,
  reminder_minute        integer     NOT NULL,
  quiet_from_minute      integer     NOT NULL,
  quiet_until_minute     integer     NOT NULL,
  no_statements          boolean     NOT NULL,
  heavy_questions        boolean     NOT NULL,
  days_between_reminders integer     NOT NULL,
  updated_at             timestamptz NOT NULL
);

-- Who is to be reminded when, and how it went before.
CREATE TABLE coaching_reminders (
  user_id    bigint      PRIMARY KEY,
  due_at     timestamptz,                     -- NULL: not.
  sent_at    timestamptz,                     -- The last one.
  unanswered integer     NOT NULL DEFAULT 0   -- Since the person was heard.
);
CREATE INDEX coaching_reminders_due ON coaching_reminders (due_at) WHERE due_at IS NOT NULL;

-- To whom reminders were offered, and on which event, which may be rendered again.
CREATE TABLE coaching_reminder_offers (
  user_id    bigint      PRIMARY KEY,
  event_id   text        NOT NULL,
  offered_at timestamptz NOT NULL
);

-- How people said that they were, one row a day of their calendar.
CREATE TABLE coaching_moods (
  user_id     bigint      NOT NULL,
  day         date        NOT NULL,
  mood        integer     NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, day)
);

-- Who had an export last, and by which update, which may come again.
CREATE TABLE coaching_exports (
  user_id     bigint      PRIMARY KEY,
  update_key  text        NOT NULL,
  exported_at timestamptz NOT NULL
);

-- The menu that somebody has open, for /cancel.
CREATE TABLE coaching_open_panels (
  user_id     bigint      PRIMARY KEY,
  message_key text        NOT NULL,
  opened_at   timestamptz NOT NULL
);
