-- What each answer showed of each trait. Rows are never changed.
CREATE TABLE trait_history (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint           NOT NULL,
  trait_category text             NOT NULL CHECK (trait_category IN ('BIG_FIVE', 'CORE_DYNAMICS', 'DOMAIN_AFFINITY')),
  trait_name     text             NOT NULL,
  old_value      double precision CHECK (old_value BETWEEN 0 AND 1),
  new_value      double precision NOT NULL CHECK (new_value BETWEEN 0 AND 1),
  confidence     double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  trigger        text             NOT NULL,
  answer_id      bigint           NOT NULL,
  timestamp      timestamptz      NOT NULL
);
CREATE INDEX trait_history_user ON trait_history (user_id, timestamp);
CREATE INDEX trait_history_trait ON trait_history (trait_name);

-- The shape last published of each trait, so that only a new one is.
CREATE TABLE trait_patterns (
  user_id        bigint NOT NULL,
  trait_category text   NOT NULL,
  trait_name     text   NOT NULL,
  pattern_type   text   NOT NULL,
  PRIMARY KEY (user_id, trait_category, trait_name)
);
