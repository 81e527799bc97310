-- What happened, without what is personal: the source of all numbers, which can be counted anew from it.
CREATE TABLE analytics_events (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  metric      text        NOT NULL,
  user_id     bigint      NOT NULL,  -- 0: nobody's.
  occurred_at timestamptz NOT NULL,
  dimensions  jsonb       NOT NULL,  -- Texts by name.
  numbers     jsonb       NOT NULL,  -- Numbers by name.
  key         text                   -- Of a tracked event: what it is known by.
);
CREATE INDEX analytics_events_metric ON analytics_events (metric, occurred_at);
CREATE INDEX analytics_events_user ON analytics_events (user_id, metric, occurred_at)
  WHERE user_id <> 0;
CREATE UNIQUE INDEX analytics_events_key ON analytics_events (user_id, key) WHERE key IS NOT NULL;

-- Events that are not in the roll-ups yet.
CREATE TABLE analytics_pending (
  event_id bigint PRIMARY KEY
);

-- Events by hour (UTC); of each dimension's values, and with an empty dimension all together.
CREATE TABLE analytics_hours (
  metric    text        NOT NULL,
  dimension text        NOT NULL,
  hour      timestamptz NOT NULL,
  value     text        NOT NULL,
  events    bigint      NOT NULL,
  PRIMARY KEY (metric, dimension, hour, value)
) WITH (fillfactor = 80);

-- The same by day (UTC).
CREATE TABLE analytics_days (
  metric    text   NOT NULL,
  dimension text   NOT NULL,
  day       date   NOT NULL,
  value     text   NOT NULL,
  events    bigint NOT NULL,
  PRIMARY KEY (metric, dimension, day, value)
) WITH (fillfactor = 80);

-- Which people did what on which day (UTC), so that numbers of people are exact over any days, and a
-- person can be erased from them.
CREATE TABLE analytics_user_days (
  metric  text   NOT NULL,
  day     date   NOT NULL,
  user_id bigint NOT NULL,
  events  bigint NOT NULL,
  PRIMARY KEY (metric, day, user_id)
) WITH (fillfactor = 80);
CREATE INDEX analytics_user_days_user ON analytics_user_days (user_id, metric, day);

CREATE TABLE analytics_thresholds (
  threshold_id text  PRIMARY KEY,
  metric       text  NOT NULL,
  settings     bytea NOT NULL  -- An encoded selfology.analytics.v1.Threshold.
);

-- Values that have reached a threshold and were not below it since.
CREATE TABLE analytics_reached (
  threshold_id text        NOT NULL,
  value        text        NOT NULL,
  reached_at   timestamptz NOT NULL,
  PRIMARY KEY (threshold_id, value)
);
