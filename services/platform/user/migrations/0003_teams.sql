CREATE TABLE user_teams (
  team_id    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE user_team_members (
  team_id   bigint      NOT NULL REFERENCES user_teams ON DELETE CASCADE,
  user_id   bigint      NOT NULL,
  role      text        NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
  joined_at timestamptz NOT NULL,
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX user_team_members_user ON user_team_members (user_id, team_id);
-- The last line of defence: never two.
CREATE UNIQUE INDEX user_team_members_owner ON user_team_members (team_id) WHERE role = 'OWNER';

CREATE TABLE user_team_invitations (
  invitation_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team_id       bigint      NOT NULL REFERENCES user_teams ON DELETE CASCADE,
  user_id       bigint      NOT NULL,          -- Who is invited.
  invited_by    bigint      NOT NULL,
  role          text        NOT NULL CHECK (role IN ('ADMIN', 'MEMBER')),
  expires_at    timestamptz NOT NULL,
  UNIQUE (team_id, user_id)
);
CREATE INDEX user_team_invitations_user ON user_team_invitations (user_id, invitation_id);

-- As the payment events told it; what holds at a time is computed (subscription_rules.h).
CREATE TABLE user_subscriptions (
  owner_kind  text        NOT NULL CHECK (owner_kind IN ('PERSON', 'TEAM')),
  owner_id    bigint      NOT NULL,
  user_id     bigint      NOT NULL,            -- Who pays.
  plan        text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('TRIAL', 'ACTIVE', 'PAST_DUE', 'CANCELLED')),
  paid_until  timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL,
  PRIMARY KEY (owner_kind, owner_id)
);
CREATE INDEX user_subscriptions_payer ON user_subscriptions (user_id);
