-- Who was ever answered, and in which language.
CREATE TABLE growth_people (
  user_id    bigint      PRIMARY KEY,
  language   text        NOT NULL,
  -- Nothing is told before: the day's messages are used up, or it is night.
  wait_until timestamptz NOT NULL DEFAULT '-infinity'
);

-- What there is to tell a person: levels, badges, streaks. Several are told together.
CREATE TABLE growth_notices (
  event_id   text        PRIMARY KEY,
  user_id    bigint      NOT NULL,
  kind       text        NOT NULL,
  number     bigint      NOT NULL,
  word       text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX growth_notices_user ON growth_notices (user_id, created_at);

-- When a person was told something, for a limit of so many a day.
CREATE TABLE growth_told (
  user_id bigint      NOT NULL,
  told_at timestamptz NOT NULL
);
CREATE INDEX growth_told_user ON growth_told (user_id, told_at);
