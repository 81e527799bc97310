CREATE TABLE integration_seal_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea   NOT NULL
);

-- A person on the way to a provider and back. The state itself is kept nowhere.
CREATE TABLE integration_attempts (
  state_hash    text        PRIMARY KEY,
  user_id       bigint      NOT NULL,
  provider      text        NOT NULL,
  scopes        text[]      NOT NULL,
  redirect_uri  text        NOT NULL,
  verifier      bytea       NOT NULL, -- Sealed.
  expires_at    timestamptz NOT NULL,
  taken_until   timestamptz NOT NULL DEFAULT '-infinity', -- Somebody asks the provider for tokens.
  connection_id text -- What came of it.
);
CREATE INDEX integration_attempts_user ON integration_attempts (user_id);
CREATE INDEX integration_attempts_expires ON integration_attempts (expires_at);

-- state, failure: ConnectionState, ConnectionFailure.
CREATE TABLE integration_connections (
  connection_id   text        PRIMARY KEY,
  place           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  user_id         bigint      NOT NULL,
  provider        text        NOT NULL,
  account_id      text        NOT NULL, -- At the provider.
  account_name    text        NOT NULL,
  scopes          text[]      NOT NULL,
  tokens          bytea       NOT NULL, -- Sealed.
  refreshes       boolean     NOT NULL,
  generation      bigint      NOT NULL,
  state           integer     NOT NULL,
  failure         integer     NOT NULL DEFAULT 0,
  failing_since   timestamptz,
  failures        integer     NOT NULL DEFAULT 0, -- Of renewals, in a row.
  expires_at      timestamptz,
  refresh_at      timestamptz,
  refreshed_at    timestamptz,
  created_at      timestamptz NOT NULL,
  -- Who renews the token holds the row until then. Renewals are counted, so that who was late writes nothing.
  renewal         bigint      NOT NULL DEFAULT 0,
  renewing_until  timestamptz,
  throttled_until timestamptz,
  UNIQUE (user_id, provider, account_id)
);
CREATE INDEX integration_connections_user ON integration_connections (user_id, place);
CREATE INDEX integration_connections_due ON integration_connections (refresh_at) WHERE refresh_at IS NOT NULL;

-- Tokens that providers are still to be told to forget. Whose they were is not kept.
CREATE TABLE integration_revocations (
  revocation_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider      text        NOT NULL,
  tokens        bytea       NOT NULL, -- Sealed.
  due_at        timestamptz NOT NULL,
  created_at    timestamptz NOT NULL
);
CREATE INDEX integration_revocations_due ON integration_revocations (due_at);
