-- Answers of people in danger: kept for the person, neither counted nor analysed. Their questions wait for an
-- answer still, so there may be several to one question. Ids are those of user_answers_new_id_seq.
CREATE TABLE withheld_answers (
  id          bigint      PRIMARY KEY,
  user_id     bigint      NOT NULL,
  session_id  bigint      NOT NULL,
  question_id text        NOT NULL,
  answer_text text        NOT NULL,
  language    text        NOT NULL,
  -- What the person was in from then on, as services/coaching/lib/safety names it ("plan"); "none": it is over.
  open_danger text        NOT NULL,
  created_at  timestamptz NOT NULL,
  FOREIGN KEY (session_id, question_id) REFERENCES session_questions ON DELETE CASCADE
);
CREATE INDEX withheld_answers_listed ON withheld_answers (user_id, id);
CREATE INDEX withheld_answers_question ON withheld_answers (session_id, question_id);
