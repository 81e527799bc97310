-- What is known of people besides what they chose; the row is made with their first notification.
CREATE TABLE notification_people (
  user_id  bigint PRIMARY KEY,
  language text   NOT NULL DEFAULT '',  -- BCP 47; empty: not known.
  unread   bigint NOT NULL DEFAULT 0 CHECK (unread >= 0),
  version  bigint NOT NULL DEFAULT 0    -- Of the inbox: grows with each change.
);

-- Each is decided on once: the key is the promise.
CREATE TABLE notifications (
  notification_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint      NOT NULL,
  dedup_key       text        NOT NULL,
  kind            text        NOT NULL,
  topic           text        NOT NULL,
  priority        text        NOT NULL,
  language        text        NOT NULL,
  title           text        NOT NULL,
  body            text        NOT NULL,
  link            text        NOT NULL,
  decision        text        NOT NULL,
  decision_reason text        NOT NULL,
  in_inbox        boolean     NOT NULL,
  secret          boolean     NOT NULL DEFAULT false, -- Its words are erased once it is delivered.
  collected_in    bigint,                             -- The digest that it lies in; NULL: none.
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  read_at         timestamptz,
  UNIQUE (user_id, dedup_key)
);
CREATE INDEX notifications_inbox ON notifications (user_id, notification_id) WHERE in_inbox;
CREATE INDEX notifications_unread ON notifications (user_id, notification_id)
  WHERE in_inbox AND read_at IS NULL;
CREATE INDEX notifications_collected ON notifications (collected_in) WHERE collected_in IS NOT NULL;
CREATE INDEX notifications_old ON notifications (created_at);

-- Digests that collect, one of a person and topic at a time, and those that went out.
CREATE TABLE notification_digests (
  digest_id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint      NOT NULL,
  topic           text        NOT NULL,
  closes_at       timestamptz NOT NULL,
  notification_id bigint                              -- What it became; NULL: it is open.
);
CREATE UNIQUE INDEX notification_digests_open ON notification_digests (user_id, topic)
  WHERE notification_id IS NULL;
CREATE INDEX notification_digests_due ON notification_digests (closes_at) WHERE notification_id IS NULL;

-- What goes out: a notification to one address or device or, without a notification, the badge of a
-- device.
CREATE TABLE notification_deliveries (
  delivery_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  notification_id bigint,
  user_id         bigint      NOT NULL,
  channel         text        NOT NULL,
  transport       text        NOT NULL DEFAULT '',
  device_id       bigint      NOT NULL DEFAULT 0,
  address         text        NOT NULL DEFAULT '',
  status          text        NOT NULL,
  reason          text        NOT NULL DEFAULT '',
  urgent          boolean     NOT NULL DEFAULT false, -- Does not wait behind others.
  stable_id       text        NOT NULL UNIQUE,
  attempts        int         NOT NULL DEFAULT 0,
  -- WAITING: of the next attempt; SENDING: when its lease ends; then how many times it was leased
  -- tells whose it is.
  due_at          timestamptz NOT NULL,
  lease           bigint      NOT NULL DEFAULT 0,
  expires_at      timestamptz NOT NULL
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (due_at, delivery_id)
  WHERE status IN ('WAITING', 'SENDING');
CREATE INDEX notification_deliveries_lane
  ON notification_deliveries (user_id, channel, device_id, delivery_id)
  WHERE status IN ('WAITING', 'SENDING');
CREATE INDEX notification_deliveries_user ON notification_deliveries (user_id, delivery_id);
CREATE INDEX notification_deliveries_notification ON notification_deliveries (notification_id);
-- Of badges only the newest is worth sending.
CREATE UNIQUE INDEX notification_deliveries_badge ON notification_deliveries (device_id)
  WHERE notification_id IS NULL AND status = 'WAITING' AND attempts = 0;

-- Written before the other side is called, so that an attempt of which nothing came back is seen.
CREATE TABLE notification_attempts (
  delivery_id bigint      NOT NULL REFERENCES notification_deliveries ON DELETE CASCADE,
  number      int         NOT NULL,
  user_id     bigint      NOT NULL,
  began_at    timestamptz NOT NULL,
  ended_at    timestamptz,
  outcome     text        NOT NULL DEFAULT '',
  code        text        NOT NULL DEFAULT '',
  PRIMARY KEY (delivery_id, number)
);
CREATE INDEX notification_attempts_user ON notification_attempts (user_id);
