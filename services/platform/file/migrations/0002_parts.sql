-- Uploads that are to become one with others (tus, concatenation): complete they wait, unchecked, for that.
ALTER TABLE file_files ADD COLUMN part boolean NOT NULL DEFAULT false;
