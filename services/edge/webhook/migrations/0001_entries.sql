-- What persons told. A migration that has run is never changed: the next change is 0002_….sql.
CREATE TABLE webhook_entries (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id  bigint      NOT NULL,
  key      text        NOT NULL,
  text     text        NOT NULL,
  added_at timestamptz NOT NULL,
  UNIQUE (user_id, key)
);
CREATE INDEX webhook_entries_user ON webhook_entries (user_id, id);

-- How many entries a person has, as the events told.
CREATE TABLE webhook_counts (
  user_id bigint PRIMARY KEY,
  entries bigint NOT NULL
);
