-- The key that seals tokens where no file holds it; one row, as other services keep theirs. It was in social_secrets, which
-- replicas of the version before still read while they are replaced.
CREATE TABLE social_seal_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea   NOT NULL
);
INSERT INTO social_seal_key (key) SELECT secret FROM social_secrets WHERE name = 'seal';
