-- What answers tell about people. The answers themselves belong to session.

CREATE TABLE answer_analyses (
  answer_id bigint PRIMARY KEY,
  user_id bigint NOT NULL,
  session_id bigint NOT NULL,
  question_id text NOT NULL,
  language text NOT NULL,
  instant jsonb NOT NULL,                  -- selfology.analysis.v1.InstantAnalysis
  deep jsonb,                              -- selfology.analysis.v1.DeepAnalysis
  revision integer NOT NULL DEFAULT 0,     -- Deep analyses so far.
  failure_reason text NOT NULL DEFAULT '', -- Why the deep phase failed; empty unless it did.
  status text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN failure_reason <> '' THEN 'FAILED' WHEN deep IS NULL THEN 'INSTANT' ELSE 'COMPLETE' END
  ) STORED,
  retries integer NOT NULL DEFAULT 0,      -- How often the AI was asked again after rules stood in for it.
  retry_at timestamptz,                    -- When it is to be asked again; NULL: not.
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX answer_analyses_by_user ON answer_analyses (user_id, answer_id DESC);
CREATE INDEX answer_analyses_to_retry ON answer_analyses (retry_at) WHERE retry_at IS NOT NULL;

-- Which patterns were seen in which answers: what recurrence is read from.
CREATE TABLE answer_patterns (
  answer_id bigint NOT NULL REFERENCES answer_analyses ON DELETE CASCADE,
  pattern text NOT NULL,                   -- The name, made comparable.
  user_id bigint NOT NULL,
  name text NOT NULL,
  tone text NOT NULL,                      -- Of the answer.
  confidence double precision NOT NULL,
  PRIMARY KEY (answer_id, pattern)
);
CREATE INDEX answer_patterns_by_user ON answer_patterns (user_id, pattern);

CREATE TABLE insights (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL,
  insight_type text NOT NULL,
  content text NOT NULL,
  created_at timestamptz NOT NULL,
  language text NOT NULL,
  confidence double precision NOT NULL,
  answer_id bigint NOT NULL,
  pattern text NOT NULL,
  CONSTRAINT insight_told_once UNIQUE (user_id, pattern, insight_type)
);
CREATE INDEX insights_by_user ON insights (user_id, created_at);

-- Who had their data erased lately, so that an analysis that was under way meanwhile is not stored after all.
CREATE TABLE erasures (
  user_id bigint PRIMARY KEY,
  erased_at timestamptz NOT NULL
);
