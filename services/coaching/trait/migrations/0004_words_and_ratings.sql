-- Words (styles, patterns) are history, too: an entry for each change. Their values stay 0.
ALTER TABLE trait_history
  ADD COLUMN old_word text,
  ADD COLUMN new_word text,
  DROP CONSTRAINT trait_history_trait_category_check,
  ADD CONSTRAINT trait_history_trait_category_check CHECK (trait_category IN
    ('BIG_FIVE', 'CORE_DYNAMICS', 'DOMAIN_AFFINITY', 'ADAPTIVE_TRAITS', 'UNIQUE_SIGNATURE'));

-- The word that each trait has now.
CREATE TABLE trait_words (
  user_id        bigint NOT NULL,
  trait_category text   NOT NULL,
  trait_name     text   NOT NULL,
  word           text   NOT NULL,
  PRIMARY KEY (user_id, trait_category, trait_name)
);

-- How well the questionnaire's statements describe a person, as they say.
CREATE TABLE statement_ratings (
  user_id      bigint      NOT NULL,
  statement_id text        NOT NULL,
  rating       bigint      NOT NULL CHECK (rating BETWEEN 1 AND 5),
  rated_at     timestamptz NOT NULL,
  PRIMARY KEY (user_id, statement_id)
);
