-- A thread is a publication for each part; a part waits until the one before it is published. A first comment is the last
-- part.
ALTER TABLE social_publications
  ADD COLUMN thread_id  bigint  NOT NULL DEFAULT 0,   -- The first part; 0: it is the first, or there is no thread.
  ADD COLUMN after_id   bigint  NOT NULL DEFAULT 0,   -- The part before it; 0: it is the first.
  ADD COLUMN part       integer NOT NULL DEFAULT 0,
  ADD COLUMN media      bytea   NOT NULL DEFAULT '',  -- A selfology.social.v1.Publication that has nothing else.
  ADD COLUMN renditions text[]  NOT NULL DEFAULT '{}',
  ADD COLUMN edited_at  timestamptz;
CREATE INDEX social_publications_after ON social_publications (after_id) WHERE after_id <> 0;
