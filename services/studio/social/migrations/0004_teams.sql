-- An account may be a team's; user_id is then who connected it, whose token it is. A publication of such an account is the
-- team's, too; user_id is then who began the post.
ALTER TABLE social_accounts ADD COLUMN team_id bigint NOT NULL DEFAULT 0;      -- 0: it is no team's.
ALTER TABLE social_publications ADD COLUMN team_id bigint NOT NULL DEFAULT 0;
CREATE INDEX social_accounts_team ON social_accounts (team_id, id) WHERE team_id <> 0;
CREATE INDEX social_publications_team ON social_publications (team_id, id) WHERE team_id <> 0;
