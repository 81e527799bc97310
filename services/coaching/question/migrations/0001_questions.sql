-- The bank. What ships with the product is in bank/; operators may change it here (UpdateQuestion).
CREATE TABLE questions_metadata (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  question_id     text        NOT NULL UNIQUE CHECK (question_id ~ '^[a-z0-9_]{1,100}$'),
  translations    jsonb       NOT NULL CHECK (translations <> '{}'),  -- Text by language.
  question_text   text        NOT NULL GENERATED ALWAYS AS (
    coalesce(translations ->> 'en', jsonb_path_query_first(translations, '$.*') #>> '{}')) STORED,
  domain          text        NOT NULL,
  depth_level     text        NOT NULL
                  CHECK (depth_level IN ('SURFACE', 'CONSCIOUS', 'EDGE', 'SHADOW', 'CORE')),
  energy_dynamics text        NOT NULL
                  CHECK (energy_dynamics IN ('OPENING', 'NEUTRAL', 'PROCESSING', 'HEAVY', 'HEALING')),
  retired         boolean     NOT NULL,
  version         bigint      NOT NULL CHECK (version > 0),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
);
CREATE INDEX questions_metadata_domain ON questions_metadata (domain, depth_level);
CREATE INDEX questions_metadata_energy ON questions_metadata (energy_dynamics);

-- Sessions, as their events told of them.
CREATE TABLE question_sessions (
  session_id    bigint  PRIMARY KEY,
  user_id       bigint  NOT NULL,
  language      text    NOT NULL,
  max_questions int     NOT NULL,
  ended         boolean NOT NULL DEFAULT false
);
CREATE INDEX question_sessions_user ON question_sessions (user_id);

-- What was chosen for whom.
CREATE TABLE question_selections (
  position        bigint      GENERATED ALWAYS AS IDENTITY,
  user_id         bigint      NOT NULL,
  session_id      bigint      NOT NULL REFERENCES question_sessions ON DELETE CASCADE,
  question_id     text        NOT NULL REFERENCES questions_metadata (question_id),
  question_number int         NOT NULL CHECK (question_number > 0),
  strategy        text        NOT NULL,
  selected_at     timestamptz NOT NULL,
  answer_length   int,   -- Characters; NULL: not answered.
  replaced_by     text,  -- The question that was asked instead, when the person skipped this one.
  -- Nobody is asked anything twice.
  CONSTRAINT question_selections_never_again PRIMARY KEY (user_id, question_id)
);
-- However often an answer is heard of, one question follows it.
CREATE UNIQUE INDEX question_selections_one_a_number
  ON question_selections (session_id, question_number) WHERE replaced_by IS NULL;

-- How much a domain interests a person, 0 to 1, as their profile says.
CREATE TABLE question_interests (
  user_id  bigint           NOT NULL,
  domain   text             NOT NULL,
  interest double precision NOT NULL CHECK (interest BETWEEN 0 AND 1),
  PRIMARY KEY (user_id, domain)
);
