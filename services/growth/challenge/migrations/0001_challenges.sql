-- Tasks that are gone, and insights that the coach told. kind as EvidenceKind.
CREATE TABLE challenge_materials (
  user_id bigint      NOT NULL,
  kind    integer     NOT NULL,
  id      bigint      NOT NULL,
  text    text        NOT NULL,
  at      timestamptz NOT NULL,
  gone    boolean     NOT NULL,
  PRIMARY KEY (user_id, kind, id)
);

-- user_id: for whom it was generated, or who made it. kind, mode, state as in the contract. prize_state: 0 none, 1 to be held,
-- 2 held, 3 to be paid, 4 paid, 5 to be returned, 6 returned. hold_id, post_id, pay_id: of the ledger's transfers, chosen before
-- the first attempt.
CREATE TABLE challenges (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint      NOT NULL,
  key          text        NOT NULL,
  ordinal      integer     NOT NULL,
  kind         integer     NOT NULL,
  mode         integer     NOT NULL,
  state        integer     NOT NULL,
  generated    boolean     NOT NULL,
  title        text        NOT NULL,
  text         text        NOT NULL,
  options      text[]      NOT NULL,
  right_option integer     NOT NULL,
  proof_tasks  bigint[]    NOT NULL,
  goal         integer     NOT NULL,
  item         text        NOT NULL,
  language     text        NOT NULL,
  model        text        NOT NULL,
  fingerprint  bigint      NOT NULL,
  created_at   timestamptz NOT NULL,
  ends_at      timestamptz NOT NULL,
  prize        bigint      NOT NULL,
  prize_state  integer     NOT NULL,
  hold_id      uuid        NOT NULL,
  post_id      uuid        NOT NULL,
  pay_id       uuid        NOT NULL,
  winner_id    bigint      NOT NULL DEFAULT 0,
  UNIQUE (user_id, key, ordinal)
);
CREATE INDEX challenges_due ON challenges (ends_at) WHERE state = 2;
CREATE INDEX challenges_prizes ON challenges (id) WHERE prize_state IN (1, 3, 5);

CREATE TABLE challenge_evidence (
  challenge_id bigint  NOT NULL REFERENCES challenges ON DELETE CASCADE,
  user_id      bigint  NOT NULL,
  kind         integer NOT NULL,
  id           bigint  NOT NULL,
  PRIMARY KEY (challenge_id, kind, id)
);
CREATE INDEX challenge_evidence_of ON challenge_evidence (user_id, kind, id);

CREATE TABLE challenge_parts (
  challenge_id  bigint      NOT NULL REFERENCES challenges ON DELETE CASCADE,
  user_id       bigint      NOT NULL,
  state         integer     NOT NULL,
  joined_at     timestamptz NOT NULL,
  decided_at    timestamptz,
  chosen_option integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (challenge_id, user_id)
);
CREATE INDEX challenge_parts_user ON challenge_parts (user_id, challenge_id);

-- Events that proved a deed; a task counts once.
CREATE TABLE challenge_proofs (
  challenge_id bigint NOT NULL REFERENCES challenges ON DELETE CASCADE,
  user_id      bigint NOT NULL,
  task_id      bigint NOT NULL,
  event_id     uuid   NOT NULL,
  PRIMARY KEY (challenge_id, user_id, task_id)
);
CREATE INDEX challenge_proofs_user ON challenge_proofs (user_id);

-- Ratings: of persons, and of what challenges are learned under.
CREATE TABLE challenge_person_ratings (
  user_id    bigint           PRIMARY KEY,
  value      double precision NOT NULL,
  deviation  double precision NOT NULL,
  volatility double precision NOT NULL
);
CREATE TABLE challenge_item_ratings (
  item       text             PRIMARY KEY,
  value      double precision NOT NULL,
  deviation  double precision NOT NULL,
  volatility double precision NOT NULL
);

-- How often quizzes had the right option longest, or first; one row.
CREATE TABLE challenge_tally (
  one       boolean          PRIMARY KEY DEFAULT true CHECK (one),
  quizzes   bigint           NOT NULL,
  by_chance double precision NOT NULL,
  longest   bigint           NOT NULL,
  first     bigint           NOT NULL
);
INSERT INTO challenge_tally (quizzes, by_chance, longest, first) VALUES (0, 0, 0, 0);

-- The audit. person_id: whom it is about; 0 after they were erased.
CREATE TABLE challenge_decisions (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  challenge_id bigint      NOT NULL,
  person_id    bigint      NOT NULL,
  actor_id     bigint      NOT NULL,
  action       text        NOT NULL,
  reason       text        NOT NULL,
  decided_at   timestamptz NOT NULL
);
CREATE INDEX challenge_decisions_of ON challenge_decisions (challenge_id, id);
CREATE UNIQUE INDEX challenge_decisions_once ON challenge_decisions (challenge_id, actor_id, action)
  WHERE action IN ('reported', 'appealed');
