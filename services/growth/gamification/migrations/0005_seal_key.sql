-- The key that seals the one that signs credentials, where no file holds it; one row.
CREATE TABLE gamification_seal_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea   NOT NULL
);
