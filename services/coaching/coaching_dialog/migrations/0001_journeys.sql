-- The trace that a person's present journey is on, should Redis forget it.
CREATE TABLE coaching_journeys (
  user_id     bigint      PRIMARY KEY,
  traceparent text        NOT NULL,
  began_at    timestamptz NOT NULL
);
CREATE INDEX coaching_journeys_age ON coaching_journeys (began_at);
