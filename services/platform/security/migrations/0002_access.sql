CREATE TABLE security_roles (
  user_id    bigint      NOT NULL,
  role       text        NOT NULL,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, role)
);

-- Of a person or of a team.
CREATE TABLE security_grants (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id  bigint      NOT NULL DEFAULT 0,
  team_id    bigint      NOT NULL DEFAULT 0,
  pattern    text        NOT NULL,
  resource   text        NOT NULL DEFAULT '',
  granted_at timestamptz NOT NULL,
  expires_at timestamptz,
  CHECK ((person_id = 0) <> (team_id = 0)),
  UNIQUE (person_id, team_id, pattern, resource)
);
CREATE INDEX security_grants_team ON security_grants (team_id) WHERE team_id <> 0;
CREATE INDEX security_grants_resource ON security_grants (resource, id) WHERE resource <> '';

-- Who is in a team, as the service that owns teams says.
CREATE TABLE security_team_members (
  team_id   bigint NOT NULL,
  person_id bigint NOT NULL,
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX security_team_members_person ON security_team_members (person_id);
