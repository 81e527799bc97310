-- What a person said and the coach remembers. What says the same is one row: its key (memory/extraction.h).
CREATE TABLE coach_memories (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint      NOT NULL,
  kind       text        NOT NULL,
  key        text        NOT NULL,
  content    text        NOT NULL,
  quote      text        NOT NULL DEFAULT '',
  due_date   text        NOT NULL DEFAULT '',
  done       boolean     NOT NULL DEFAULT false,
  message_id bigint      NOT NULL DEFAULT 0,
  answer_id  bigint      NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (user_id, kind, key)
);
CREATE INDEX coach_memories_user ON coach_memories (user_id, id);

-- A person's plan; a new one takes the place of the old one and gets an id of its own.
CREATE TABLE coach_plans (
  user_id    bigint PRIMARY KEY,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  plan       bytea       NOT NULL,
  created_at timestamptz NOT NULL
);

-- What people answered to questions, for the coach to find again.
CREATE TABLE coach_answers (
  user_id  bigint NOT NULL,
  id       bigint NOT NULL,
  question text   NOT NULL,
  answer   text   NOT NULL,
  PRIMARY KEY (user_id, id)
);

-- As preferences.changed told.
CREATE TABLE coach_preferences (
  user_id         bigint PRIMARY KEY,
  form_of_address text NOT NULL,
  time_zone       text NOT NULL
);
