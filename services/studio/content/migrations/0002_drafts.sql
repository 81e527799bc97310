-- Texts that were written for a person, kept for a day so that the same request costs nothing again.
CREATE TABLE content_drafts (
  user_id bigint      NOT NULL,
  key     bytea       NOT NULL,  -- Of what was asked for; see assistant_service.cc.
  answer  bytea       NOT NULL,  -- The response, serialized.
  made_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);
CREATE INDEX content_drafts_age ON content_drafts (made_at);
