-- A row begins with its instant part and becomes four times as large with its deep one, moments later: with room
-- for that on its page, neither index has to be told (HOT).
ALTER TABLE answer_analyses SET (fillfactor = 20);
