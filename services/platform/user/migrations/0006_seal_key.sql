-- The key that seals second factors' secrets where no file holds it; one row.
CREATE TABLE user_seal_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea   NOT NULL
);
