-- Apps of others.
CREATE TABLE security_oauth_clients (
  client_id     text        PRIMARY KEY,
  secret_hash   bytea,      -- NULL: an app that cannot keep a secret.
  client_name   text        NOT NULL,
  redirect_uris text[]      NOT NULL,
  grant_types   text[]      NOT NULL,
  scope         text        NOT NULL,
  created_at    timestamptz NOT NULL
);

-- Codes by their SHA-256; a used one stays until it expires, to be known when it is shown again.
CREATE TABLE security_oauth_codes (
  hash           bytea       PRIMARY KEY,
  client_id      text        NOT NULL,
  user_id        bigint      NOT NULL,
  redirect_uri   text        NOT NULL,
  scope          text        NOT NULL,
  code_challenge text        NOT NULL,
  nonce          text        NOT NULL,
  expires_at     timestamptz NOT NULL,
  session_id     text        NOT NULL DEFAULT ''  -- Once it was used.
);
CREATE INDEX security_oauth_codes_expiry ON security_oauth_codes (expires_at);

CREATE TABLE security_oauth_devices (
  hash       bytea       PRIMARY KEY,
  user_code  text        NOT NULL UNIQUE,
  client_id  text        NOT NULL,
  scope      text        NOT NULL,
  expires_at timestamptz NOT NULL,
  polled_at  timestamptz,
  user_id    bigint      NOT NULL DEFAULT 0,  -- Once somebody decided.
  decision   text        NOT NULL DEFAULT ''
);
CREATE INDEX security_oauth_devices_expiry ON security_oauth_devices (expires_at);
