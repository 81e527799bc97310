-- What people chose of when and how they are written to. Who never chose has no row.
CREATE TABLE notification_preferences (
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

-- The dialog had them until there was this service. Where both share a database, and the operator has granted it to
-- read them, they are taken over.
DO $$
BEGIN
  IF has_table_privilege(to_regclass('coaching_preferences'), 'SELECT') THEN
    INSERT INTO notification_preferences
      SELECT user_id, form_of_address, time_zone, reminders, reminder_minute, quiet_from_minute,
             quiet_until_minute, no_statements, heavy_questions, days_between_reminders, updated_at
      FROM coaching_preferences;
  END IF;
END
$$;

-- Which reminder a person had on a day of their calendar: one at most.
CREATE TABLE notification_reminder_days (
  user_id      bigint NOT NULL,
  day          date   NOT NULL,
  reminder_key text   NOT NULL,
  PRIMARY KEY (user_id, day)
);

-- What they chose for a topic; '' for all topics without a choice of their own.
CREATE TABLE notification_subscriptions (
  user_id    bigint      NOT NULL,
  topic      text        NOT NULL,
  channels   text[]      NOT NULL,
  muted      boolean     NOT NULL,
  digest     text        NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, topic)
);

CREATE TABLE notification_devices (
  device_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       bigint      NOT NULL,
  kind          text        NOT NULL,
  token         text        NOT NULL,
  p256dh        text        NOT NULL DEFAULT '',
  auth          text        NOT NULL DEFAULT '',
  name          text        NOT NULL DEFAULT '',
  registered_at timestamptz NOT NULL
);
-- Tokens are longer than an index takes.
CREATE UNIQUE INDEX notification_devices_token ON notification_devices (kind, md5(token));
CREATE INDEX notification_devices_user ON notification_devices (user_id, device_id);

-- Mail addresses and numbers that are or were used. `current`: the number that SMS go to.
CREATE TABLE notification_addresses (
  user_id     bigint      NOT NULL,
  channel     text        NOT NULL,
  address     text        NOT NULL,
  current     boolean     NOT NULL,
  stopped     boolean     NOT NULL DEFAULT false,
  stop_reason text        NOT NULL DEFAULT '',
  added_at    timestamptz NOT NULL,
  PRIMARY KEY (user_id, channel, address)
);
CREATE INDEX notification_addresses_address ON notification_addresses (channel, address);

-- What came back.
CREATE TABLE notification_bounces (
  user_id     bigint      NOT NULL,
  channel     text        NOT NULL,
  address     text        NOT NULL,
  status_code text        NOT NULL,
  bounce_id   text        NOT NULL,
  bounced_at  timestamptz NOT NULL,
  PRIMARY KEY (user_id, channel, address, status_code, bounce_id)
);

-- Keys that are made at the first use: of links in mails, and the one that browsers know us by.
CREATE TABLE notification_keys (
  name       text  PRIMARY KEY,
  secret_key bytea NOT NULL
);

-- What would be sent by channels without an account; empty unless it is turned on.
CREATE TABLE notification_local_messages (
  message_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint      NOT NULL,
  channel    text        NOT NULL,
  to_address text        NOT NULL,
  subject    text        NOT NULL,
  body       text        NOT NULL,
  raw        bytea       NOT NULL,
  badge      bigint      NOT NULL,
  stable_id  text        NOT NULL UNIQUE,
  sent_at    timestamptz NOT NULL
);
CREATE INDEX notification_local_messages_user ON notification_local_messages (user_id);
