-- Videos have a length, and what is made of them comes in pieces, too.
ALTER TABLE file_files ADD COLUMN duration_ms integer NOT NULL DEFAULT 0;  -- 0: no video, or not looked at.
ALTER TABLE file_objects ADD COLUMN duration_ms integer NOT NULL DEFAULT 0;
