-- A connection may be a team's; user_id is then who made it.
ALTER TABLE integration_attempts ADD COLUMN team_id bigint NOT NULL DEFAULT 0;     -- 0: it is no team's.
ALTER TABLE integration_connections ADD COLUMN team_id bigint NOT NULL DEFAULT 0;
CREATE INDEX integration_connections_team ON integration_connections (team_id, place) WHERE team_id <> 0;
