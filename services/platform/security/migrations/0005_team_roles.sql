-- What somebody is in a team: "owner", "admin", "editor", "member", "viewer". Of those who are in one already it is not known: they
-- are members until the team's owner sets their role or hands the team over.
ALTER TABLE security_team_members ADD COLUMN role text NOT NULL DEFAULT 'member';
