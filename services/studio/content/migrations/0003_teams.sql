-- A post may be a team's; user_id is then who began it.
ALTER TABLE content_posts
  ADD COLUMN team_id     bigint NOT NULL DEFAULT 0,  -- 0: it is no team's.
  ADD COLUMN edited_by   bigint NOT NULL DEFAULT 0,  -- Who wrote its newest revision; 0: not known.
  ADD COLUMN reviewed_by bigint NOT NULL DEFAULT 0;  -- 0: nobody, or not known.
CREATE INDEX content_posts_team ON content_posts (team_id, id) WHERE team_id <> 0;
CREATE INDEX content_posts_team_calendar ON content_posts (team_id, publish_at)
  WHERE team_id <> 0 AND publish_at IS NOT NULL;

CREATE TABLE content_review_rules (
  team_id     bigint  PRIMARY KEY,
  others_only boolean NOT NULL
);
