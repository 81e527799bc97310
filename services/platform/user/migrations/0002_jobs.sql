-- Work that goes on until it is done. An erasure has to know whom it erases until it has: `subject_id` is the only
-- thing that stays of a person meanwhile, and goes with its end.
CREATE TABLE user_jobs (
  job_id      text        PRIMARY KEY,
  kind        text        NOT NULL CHECK (kind IN ('DELETE', 'EXPORT', 'LINK')),
  status      text        NOT NULL CHECK (status IN ('WAITING', 'RUNNING', 'DONE', 'FAILED')),
  user_id     bigint,                          -- Whose it is to see; NULL: nobody's any more.
  subject_id  bigint,                          -- Whom it erases or exports; NULL once it is done.
  export      boolean     NOT NULL DEFAULT false, -- LINK: export the subject before erasing.
  progress    int         NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  attempts    int         NOT NULL DEFAULT 0,
  due_at      timestamptz NOT NULL,            -- Of the next attempt; while RUNNING: when its lease ends.
  created_at  timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX user_jobs_due ON user_jobs (due_at) WHERE status IN ('WAITING', 'RUNNING');
-- One of a kind at a time.
CREATE UNIQUE INDEX user_jobs_one ON user_jobs (subject_id, kind) WHERE status IN ('WAITING', 'RUNNING');
CREATE INDEX user_jobs_user ON user_jobs (user_id);

CREATE TABLE user_exports (
  job_id     text        PRIMARY KEY REFERENCES user_jobs ON DELETE CASCADE,
  user_id    bigint      NOT NULL,
  file       bytea       NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX user_exports_user ON user_exports (user_id);

-- The local mailbox; empty unless it is turned on.
CREATE TABLE user_local_mails (
  mail_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint      NOT NULL,
  email   text        NOT NULL,
  subject text        NOT NULL,
  body    text        NOT NULL,
  sent_at timestamptz NOT NULL
);
CREATE INDEX user_local_mails_user ON user_local_mails (user_id);
