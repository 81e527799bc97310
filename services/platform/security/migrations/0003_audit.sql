-- What makes a person's pseudonym. Without its row nobody can tell whose the pseudonym was.
CREATE TABLE security_pseudonym_keys (
  user_id bigint PRIMARY KEY,
  key     bytea  NOT NULL
);

-- The audit. Rows are appended, each with the hash of the one before, and go from the oldest on.
CREATE TABLE security_audit (
  sequence    bigint      PRIMARY KEY,
  recorded_at timestamptz NOT NULL,
  actor       text        NOT NULL,
  action      text        NOT NULL,
  subject     text        NOT NULL,
  outcome     text        NOT NULL,
  method      text        NOT NULL,
  hash        bytea       NOT NULL
);
CREATE INDEX security_audit_actor ON security_audit (actor, sequence) WHERE actor <> '';
CREATE INDEX security_audit_subject ON security_audit (subject, sequence) WHERE subject <> '';

-- The chain up to a record, signed.
CREATE TABLE security_audit_checkpoints (
  sequence  bigint      PRIMARY KEY,
  made_at   timestamptz NOT NULL,
  signature text        NOT NULL  -- A JWS of sequence, hash and time.
);

-- Facts that others sent, by their own keys.
CREATE TABLE security_audit_requests (
  service    text        NOT NULL,
  key        text        NOT NULL,
  sequence   bigint      NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (service, key)
);

-- Attempts to sign in of the last days, for the rules.
CREATE TABLE security_login_attempts (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint      NOT NULL,
  account_hash text        NOT NULL,
  address_hash text        NOT NULL,
  country      text        NOT NULL,
  succeeded    boolean     NOT NULL,
  attempted_at timestamptz NOT NULL
);
CREATE INDEX security_login_attempts_account ON security_login_attempts (account_hash, attempted_at);
CREATE INDEX security_login_attempts_address ON security_login_attempts (address_hash, attempted_at)
  WHERE address_hash <> '';
CREATE INDEX security_login_attempts_time ON security_login_attempts (attempted_at);

-- Calls that were refused because they were too many.
CREATE TABLE security_refused_calls (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     bigint      NOT NULL,
  source_hash text        NOT NULL,
  calls       bigint      NOT NULL,
  refused_at  timestamptz NOT NULL
);
CREATE INDEX security_refused_calls_source ON security_refused_calls (source_hash, refused_at);
CREATE INDEX security_refused_calls_time ON security_refused_calls (refused_at);

CREATE TABLE security_threats (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text        NOT NULL,
  user_id     bigint      NOT NULL,
  source_hash text        NOT NULL,
  observed    bigint      NOT NULL,
  detected_at timestamptz NOT NULL
);
CREATE INDEX security_threats_source ON security_threats (kind, source_hash, detected_at);
