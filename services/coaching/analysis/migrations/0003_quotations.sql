-- Where a pattern shows: a clause of the answer, as the person wrote it. Empty: in none that may be quoted.
ALTER TABLE answer_patterns ADD COLUMN quotation text NOT NULL DEFAULT '';
