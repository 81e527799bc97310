-- Who is shown where there is help, and what they were shown last. None of their words.
CREATE TABLE safety_modes (
  user_id   bigint      PRIMARY KEY,
  danger    text        NOT NULL,
  level     text        NOT NULL,
  last_card text        NOT NULL,
  language  text        NOT NULL,
  since     timestamptz NOT NULL,
  last_at   timestamptz NOT NULL
);
CREATE INDEX safety_modes_age ON safety_modes (last_at);

-- The country whose numbers a person has asked for.
CREATE TABLE safety_countries (
  user_id bigint PRIMARY KEY,
  country text   NOT NULL
);
