-- Editors approve what others write; viewers only look.
ALTER TABLE user_team_members DROP CONSTRAINT user_team_members_role_check;
ALTER TABLE user_team_members ADD CONSTRAINT user_team_members_role_check
  CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER', 'EDITOR', 'VIEWER'));
ALTER TABLE user_team_invitations DROP CONSTRAINT user_team_invitations_role_check;
ALTER TABLE user_team_invitations ADD CONSTRAINT user_team_invitations_role_check
  CHECK (role IN ('ADMIN', 'MEMBER', 'EDITOR', 'VIEWER'));
