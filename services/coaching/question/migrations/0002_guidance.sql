-- A selfology.question.v1.Question of which only `guidance` is set.
ALTER TABLE questions_metadata ADD COLUMN guidance bytea NOT NULL DEFAULT '';
