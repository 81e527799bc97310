CREATE TABLE conversation_threads (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint      NOT NULL,
  language        text        NOT NULL,
  message_count   int         NOT NULL DEFAULT 0,
  started_at      timestamptz NOT NULL,
  last_message_at timestamptz NOT NULL,
  ended_at        timestamptz,
  end_reason      text        NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX conversation_threads_open ON conversation_threads (user_id) WHERE ended_at IS NULL;
CREATE INDEX conversation_threads_idle ON conversation_threads (last_message_at) WHERE ended_at IS NULL;

-- Messages of both sides; the name is that of the product's documents.
CREATE TABLE conversations (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id bigint           NOT NULL REFERENCES conversation_threads ON DELETE CASCADE,
  user_id         bigint           NOT NULL,
  role            text             NOT NULL CHECK (role IN ('USER', 'ASSISTANT')),
  content         text             NOT NULL,
  created_at      timestamptz      NOT NULL,
  in_reply_to     bigint UNIQUE,
  reply_status    text             NOT NULL DEFAULT '',
  model_used      text             NOT NULL DEFAULT '',
  tokens_used     int              NOT NULL DEFAULT 0,
  cost_usd        double precision NOT NULL DEFAULT 0
);
CREATE INDEX conversations_user ON conversations (user_id, created_at);
CREATE INDEX conversations_thread ON conversations (conversation_id, id);

-- What the coach knows of a person, as the events told: their profile, and a sentence for each answer.
CREATE TABLE coach_profiles (
  user_id bigint PRIMARY KEY,
  version bigint NOT NULL,
  profile bytea  NOT NULL
);
CREATE TABLE coach_notes (
  user_id   bigint NOT NULL,
  answer_id bigint NOT NULL,
  revision  int    NOT NULL,
  summary   text   NOT NULL,
  PRIMARY KEY (user_id, answer_id)
);

-- Insights wait here for a good moment to be told.
CREATE TABLE coach_insights (
  insight_id   bigint PRIMARY KEY,
  user_id      bigint      NOT NULL,
  insight_type text        NOT NULL,
  content      text        NOT NULL,
  language     text        NOT NULL,
  confidence   double precision NOT NULL,
  told_at      timestamptz
);
CREATE INDEX coach_insights_user ON coach_insights (user_id, told_at);

CREATE TABLE coach_requests (
  user_id    bigint      NOT NULL,
  rpc        text        NOT NULL,
  key        text        NOT NULL,
  response   bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, rpc, key)
);
CREATE INDEX coach_requests_age ON coach_requests (created_at);
