-- The key that seals the others where no file holds it; one row.
CREATE TABLE security_seal_key (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  key      bytea   NOT NULL
);

-- Keys that tokens are signed with. The private part goes once the next key signs; the public part stays for as long
-- as something that it signed is checked.
CREATE TABLE security_signing_keys (
  kid         text        PRIMARY KEY,
  private_jwk bytea,      -- Sealed.
  public_jwk  text        NOT NULL,
  signs_from  timestamptz NOT NULL UNIQUE
);

-- What a person has on one device since they signed in: a family of refresh tokens.
CREATE TABLE security_sessions (
  id           text        PRIMARY KEY,
  user_id      bigint      NOT NULL,
  client_id    text        NOT NULL DEFAULT '',
  scope        text        NOT NULL DEFAULT '',
  method       text        NOT NULL,
  device_name  text        NOT NULL DEFAULT '',
  country      text        NOT NULL DEFAULT '',
  latitude     double precision,
  longitude    double precision,
  created_at   timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  ends_at      timestamptz NOT NULL,
  revoked_at   timestamptz
);
CREATE INDEX security_sessions_user ON security_sessions (user_id, created_at DESC);
CREATE INDEX security_sessions_expiry ON security_sessions (expires_at);

-- Refresh tokens by their SHA-256. A used one stays with its session, to be known when it is shown again.
CREATE TABLE security_refresh_tokens (
  hash       bytea       PRIMARY KEY,
  session_id text        NOT NULL REFERENCES security_sessions (id) ON DELETE CASCADE,
  rotated_at timestamptz,
  answer     bytea       -- What it was exchanged for, sealed with the token itself; gone after the grace period.
);
CREATE INDEX security_refresh_tokens_session ON security_refresh_tokens (session_id);
CREATE INDEX security_refresh_tokens_answers ON security_refresh_tokens (rotated_at) WHERE answer IS NOT NULL;

-- What is revoked and would still be valid.
CREATE TABLE security_revocations (
  id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       bigint      NOT NULL,
  all_of_user   boolean     NOT NULL,
  session_id    text        NOT NULL DEFAULT '',
  token_id      text        NOT NULL DEFAULT '',
  issued_before timestamptz NOT NULL,
  forget_after  timestamptz NOT NULL
);
CREATE INDEX security_revocations_expiry ON security_revocations (forget_after);
CREATE INDEX security_revocations_user ON security_revocations (user_id) WHERE all_of_user;

-- Texts that Telegram signed and that were exchanged for a token.
CREATE TABLE security_used_init_data (
  hash         bytea       PRIMARY KEY,
  forget_after timestamptz NOT NULL
);

CREATE TABLE security_api_keys (
  id           text        PRIMARY KEY,
  user_id      bigint      NOT NULL,
  secret_hash  bytea       NOT NULL,
  display_name text        NOT NULL,
  scopes       text[]      NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX security_api_keys_user ON security_api_keys (user_id, created_at DESC);
