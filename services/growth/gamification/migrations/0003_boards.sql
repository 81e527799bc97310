-- Scores of boards. period: "ever", "d:2026-11-30", "w:2026-11-30" (a Monday), "m:2026-11", "s:" and a season's id.
CREATE TABLE gamification_scores (
  board      text        NOT NULL,
  period     text        NOT NULL,
  user_id    bigint      NOT NULL,
  score      bigint      NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (board, period, user_id)
) WITH (fillfactor = 70);
CREATE INDEX gamification_scores_order ON gamification_scores (board, period, score DESC, user_id);
CREATE INDEX gamification_scores_user ON gamification_scores (user_id);
CREATE INDEX gamification_scores_changed ON gamification_scores (changed_at);

CREATE TABLE gamification_seasons (
  season_id text        PRIMARY KEY,
  starts_at timestamptz NOT NULL,
  ends_at   timestamptz NOT NULL
);

-- Ratings of players: persons (thing empty), and things (user_id 0). system: 1 Elo, 2 Glicko-2, 3 OpenSkill.
CREATE TABLE gamification_ratings (
  pool       text             NOT NULL,
  user_id    bigint           NOT NULL,
  thing      text             NOT NULL,
  system     integer          NOT NULL,
  value      double precision NOT NULL,
  deviation  double precision NOT NULL,
  volatility double precision NOT NULL,
  matches    integer          NOT NULL,
  PRIMARY KEY (pool, user_id, thing, system)
);
CREATE INDEX gamification_ratings_user ON gamification_ratings (user_id) WHERE user_id > 0;

-- Matches that counted. digest: of the request, so that the same id is not another match.
CREATE TABLE gamification_matches (
  match_id   text        PRIMARY KEY,
  pool       text        NOT NULL,
  digest     bytea       NOT NULL,
  played_at  timestamptz NOT NULL
);

CREATE TABLE gamification_rating_changes (
  id           bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint           NOT NULL,
  pool         text             NOT NULL,
  match_id     text             NOT NULL,
  system       integer          NOT NULL,
  value_before double precision NOT NULL,
  value_after  double precision NOT NULL,
  deviation    double precision NOT NULL,
  changed_at   timestamptz      NOT NULL,
  trace        uuid
);
CREATE INDEX gamification_rating_changes_user ON gamification_rating_changes (user_id, pool, id);

-- The key that signs credentials where none is given; one row.
CREATE TABLE gamification_issuer_key (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  seed bytea   NOT NULL
);
