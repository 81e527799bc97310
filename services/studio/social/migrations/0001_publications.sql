-- People's accounts at platforms. The token is sealed; see accounts.h.
CREATE TABLE social_accounts (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint      NOT NULL,
  platform     integer     NOT NULL,
  server       text        NOT NULL,
  login        text        NOT NULL,
  target       text        NOT NULL,
  remote_id    text        NOT NULL,  -- What the platform calls it.
  name         text        NOT NULL,
  sealed       bytea       NOT NULL,
  max_text     integer     NOT NULL,  -- 0: the platform's.
  refused      boolean     NOT NULL DEFAULT false,
  reason       text        NOT NULL DEFAULT '',
  connected_at timestamptz NOT NULL,
  UNIQUE (user_id, platform, server, remote_id, target)
);

-- A post at one account.
CREATE TABLE social_publications (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint      NOT NULL,
  account_id   bigint      NOT NULL,
  platform     integer     NOT NULL,
  post_id      bigint      NOT NULL,  -- 0: of none.
  key          text        NOT NULL,  -- What may be published once.
  text         text        NOT NULL,
  state        text        NOT NULL,  -- pending, unknown, published, refused, removed
  reason       text        NOT NULL DEFAULT '',
  url          text        NOT NULL DEFAULT '',
  remote_id    text        NOT NULL DEFAULT '',
  attempts     integer     NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL,
  publish_at   timestamptz NOT NULL,
  published_at timestamptz,
  next_at      timestamptz,           -- When it is worked on next; NULL: not any more.
  lease        bigint      NOT NULL DEFAULT 0,  -- Counts who worked on it: only the last one's word counts.
  likes        bigint      NOT NULL DEFAULT 0,
  reposts      bigint      NOT NULL DEFAULT 0,
  replies      bigint      NOT NULL DEFAULT 0,
  views        bigint      NOT NULL DEFAULT 0,
  measured_at  timestamptz,
  readings     integer     NOT NULL DEFAULT 0,
  measure_at   timestamptz,           -- When its numbers are read next; NULL: not any more.
  UNIQUE (user_id, account_id, key)
);
CREATE INDEX social_publications_person ON social_publications (user_id, id);
CREATE INDEX social_publications_due ON social_publications (platform, next_at)
  WHERE next_at IS NOT NULL;
CREATE INDEX social_publications_measure ON social_publications (measure_at)
  WHERE measure_at IS NOT NULL;
CREATE INDEX social_publications_account ON social_publications (account_id);

-- Calls to platforms, each written down before it is made.
CREATE TABLE social_attempts (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  publication_id bigint      NOT NULL REFERENCES social_publications ON DELETE CASCADE,
  outcome        integer     NOT NULL,  -- AttemptOutcome; 0: open.
  evidence       text        NOT NULL DEFAULT '',
  started_at     timestamptz NOT NULL,
  settled_at     timestamptz
);
CREATE INDEX social_attempts_publication ON social_attempts (publication_id, id);

-- The key that seals tokens, where no file has it.
CREATE TABLE social_secrets (
  name   text  PRIMARY KEY,
  secret bytea NOT NULL
);
