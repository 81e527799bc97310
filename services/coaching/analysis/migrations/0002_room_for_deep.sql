-- A row begins with its instant part and grows by its deep one, moments later. With room left for that on the
-- row's page, no index has to be told (HOT); the deep parts then fill the page.
ALTER TABLE answer_analyses SET (fillfactor = 20);
