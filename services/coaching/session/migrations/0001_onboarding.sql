-- What is known of a person before and between sessions.
CREATE TABLE onboarding_people (
  user_id                bigint PRIMARY KEY CHECK (user_id > 0),
  language               text   NOT NULL,  -- BCP 47; empty: never chosen.
  consent_granted        boolean,          -- NULL, like the next two: never decided.
  consent_policy_version text,
  consent_decided_at     timestamptz,
  start_requested_at     timestamptz,      -- Set from user.onboarding.initiated to session.created.
  CHECK (num_nulls(consent_granted, consent_policy_version, consent_decided_at) IN (0, 3))
);

CREATE TABLE onboarding_sessions (
  id                  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id             bigint      NOT NULL CHECK (user_id > 0),
  status              text        NOT NULL
                      CHECK (status IN ('active', 'paused', 'completed', 'timeout')),
  language            text        NOT NULL,
  answers_given       int         NOT NULL,
  min_answers         int         NOT NULL,
  max_answers         int         NOT NULL,
  current_question_id text        NOT NULL,  -- Empty: no question waits for an answer.
  started_at          timestamptz NOT NULL,
  last_activity_at    timestamptz NOT NULL,
  timeout_at          timestamptz,           -- NULL while paused.
  completed_at        timestamptz,
  completion_reason   text        NOT NULL,  -- Empty unless completed.
  CHECK (answers_given BETWEEN 0 AND max_answers),
  CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
  CHECK (status <> 'active' OR timeout_at IS NOT NULL)
);
CREATE UNIQUE INDEX onboarding_sessions_one_open ON onboarding_sessions (user_id)
  WHERE status IN ('active', 'paused');
CREATE INDEX onboarding_sessions_user ON onboarding_sessions (user_id, status);
CREATE INDEX onboarding_sessions_latest ON onboarding_sessions (user_id, id);
CREATE INDEX onboarding_sessions_due ON onboarding_sessions (timeout_at) WHERE status = 'active';

-- What the person was asked, as question.selected told it: an answer to anything else is refused.
CREATE TABLE session_questions (
  session_id      bigint NOT NULL REFERENCES onboarding_sessions ON DELETE CASCADE,
  question_id     text   NOT NULL,
  question_number int    NOT NULL CHECK (question_number > 0),
  question_text   text   NOT NULL,
  domain          text   NOT NULL,
  depth_level     text   NOT NULL,
  PRIMARY KEY (session_id, question_id)
);

CREATE TABLE user_answers_new (
  id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       bigint      NOT NULL,
  session_id    bigint      NOT NULL REFERENCES onboarding_sessions ON DELETE CASCADE,
  question_id   text        NOT NULL,
  answer_text   text        NOT NULL,
  answer_number int         NOT NULL CHECK (answer_number > 0),
  language      text        NOT NULL,
  created_at    timestamptz NOT NULL,
  -- The last line of defence: a question has one answer, and a place in the session too.
  CONSTRAINT user_answers_new_question UNIQUE (session_id, question_id),
  CONSTRAINT user_answers_new_number UNIQUE (session_id, answer_number),
  FOREIGN KEY (session_id, question_id) REFERENCES session_questions ON DELETE CASCADE
);
CREATE INDEX user_answers_new_user ON user_answers_new (user_id, session_id);
CREATE INDEX user_answers_new_asked ON user_answers_new (question_id);
CREATE INDEX user_answers_new_listed ON user_answers_new (user_id, id);

-- See common/idempotency/once.h.
CREATE TABLE session_requests (
  user_id    bigint      NOT NULL,
  rpc        text        NOT NULL,
  key        text        NOT NULL,
  response   bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, rpc, key)
);
CREATE INDEX session_requests_age ON session_requests (created_at);
