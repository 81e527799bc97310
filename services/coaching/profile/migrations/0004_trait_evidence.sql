-- What each trait of the five-factor model rests on: signs in answers, rated statements, corrections.
CREATE TABLE trait_evidence (
  id           bigint GENERATED ALWAYS AS IDENTITY,
  user_id      bigint           NOT NULL,
  trait_name   text             NOT NULL,
  kind         text             NOT NULL CHECK (kind IN ('TEXT', 'STATEMENT', 'CORRECTION')),
  direction    double precision NOT NULL CHECK (direction BETWEEN -1 AND 1),
  weight       double precision NOT NULL CHECK (weight >= 0),
  quote        text             NOT NULL,
  answer_id    bigint           NOT NULL,   -- 0: of no answer.
  statement_id text             NOT NULL,   -- Empty: of no statement.
  recorded_at  timestamptz      NOT NULL,
  PRIMARY KEY (user_id, id)
);
