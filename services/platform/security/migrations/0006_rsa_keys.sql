-- Keys that id_tokens are signed with for apps that ask for RS256; otherwise as security_signing_keys. There are none before an app
-- has asked.
CREATE TABLE security_rsa_keys (
  kid         text        PRIMARY KEY,
  private_jwk bytea,      -- Sealed.
  public_jwk  text        NOT NULL,
  signs_from  timestamptz NOT NULL UNIQUE
);
-- The "alg" of its id_tokens.
ALTER TABLE security_oauth_clients ADD COLUMN id_token_alg text NOT NULL DEFAULT 'ES256';
