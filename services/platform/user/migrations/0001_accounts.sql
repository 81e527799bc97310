-- Ids of persons who come by the web: above all of Telegram's, which have at most 52 bits.
CREATE SEQUENCE user_web_ids AS bigint MINVALUE 4503599627370496;

-- Persons with an account. Who has only ever written to the bot has none until they link or set something.
CREATE TABLE user_accounts (
  user_id        bigint      PRIMARY KEY CHECK (user_id > 0),
  email          text,                       -- Lower case; NULL: none.
  email_verified boolean     NOT NULL DEFAULT false,
  first_name     text        NOT NULL DEFAULT '',
  last_name      text        NOT NULL DEFAULT '',
  language       text        NOT NULL DEFAULT '',
  time_zone      text        NOT NULL DEFAULT '',
  bio            text        NOT NULL DEFAULT '',
  password_hash  text        NOT NULL DEFAULT '',   -- Argon2id; empty: none.
  telegram_id    bigint,
  deleting       boolean     NOT NULL DEFAULT false, -- A job is erasing it.
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  version        bigint      NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX user_accounts_email ON user_accounts (email);
CREATE UNIQUE INDEX user_accounts_telegram ON user_accounts (telegram_id);

-- Codes that were given out, by their hashes: each is good once.
CREATE TABLE user_codes (
  code_hash  text        PRIMARY KEY,
  user_id    bigint      NOT NULL,
  purpose    text        NOT NULL CHECK (purpose IN ('VERIFY_EMAIL', 'RECOVER_PASSWORD', 'LINK_TELEGRAM')),
  email      text        NOT NULL DEFAULT '',  -- The address it was sent to: it proves no other.
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX user_codes_user ON user_codes (user_id, purpose);
CREATE INDEX user_codes_expiry ON user_codes (expires_at);

CREATE TABLE user_second_factors (
  user_id   bigint  PRIMARY KEY REFERENCES user_accounts ON DELETE CASCADE,
  secret    bytea   NOT NULL,
  confirmed boolean NOT NULL DEFAULT false,
  last_step bigint  NOT NULL DEFAULT 0         -- Of the last code that was used.
);
CREATE TABLE user_recovery_codes (
  user_id   bigint NOT NULL REFERENCES user_accounts ON DELETE CASCADE,
  code_hash text   NOT NULL,
  PRIMARY KEY (user_id, code_hash)
);

-- Accounts elsewhere that a person logs in with.
CREATE TABLE user_foreign_accounts (
  provider  text        NOT NULL,
  subject   text        NOT NULL,              -- Claim "sub".
  user_id   bigint      NOT NULL REFERENCES user_accounts ON DELETE CASCADE,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (provider, subject)
);
CREATE INDEX user_foreign_accounts_user ON user_foreign_accounts (user_id);

-- Logins that went off to a provider and have not come back.
CREATE TABLE user_foreign_logins (
  state_hash   text        PRIMARY KEY,
  provider     text        NOT NULL,
  redirect_uri text        NOT NULL,
  nonce        text        NOT NULL,
  verifier     text        NOT NULL,           -- PKCE's.
  expires_at   timestamptz NOT NULL
);

-- Pairs of accounts that wait for the person's choice which one stays.
CREATE TABLE user_link_choices (
  user_id     bigint      PRIMARY KEY,         -- The web account.
  telegram_id bigint      NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL
);

-- Logins that failed lately, by a keyed hash of the address that was tried, whether or not it has an account.
CREATE TABLE user_login_failures (
  name_hash text        PRIMARY KEY,
  failures  bigint      NOT NULL,
  last_at   timestamptz NOT NULL
);
CREATE INDEX user_login_failures_age ON user_login_failures (last_at);
