-- When an answer was given, so that the coach can say when it was; NULL: before this was kept.
ALTER TABLE coach_answers ADD COLUMN answered_at timestamptz;
