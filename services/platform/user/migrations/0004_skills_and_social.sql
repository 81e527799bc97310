CREATE TABLE user_skill_trees (
  tree_id    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint      NOT NULL,
  title      text        NOT NULL,
  points     bigint      NOT NULL DEFAULT 0 CHECK (points >= 0),
  created_at timestamptz NOT NULL
);
CREATE INDEX user_skill_trees_user ON user_skill_trees (user_id, tree_id);

CREATE TABLE user_skill_nodes (
  tree_id       bigint NOT NULL REFERENCES user_skill_trees ON DELETE CASCADE,
  node_id       text   NOT NULL,
  title         text   NOT NULL,
  cost          int    NOT NULL CHECK (cost >= 0),
  prerequisites text[] NOT NULL,
  unlocked_at   timestamptz,
  PRIMARY KEY (tree_id, node_id)
);

-- Who follows whom. Both directions are read newest first, and the suggestions read both.
CREATE TABLE user_follows (
  user_id     bigint      NOT NULL,            -- Who follows.
  followed_id bigint      NOT NULL CHECK (followed_id <> user_id),
  since       timestamptz NOT NULL,
  PRIMARY KEY (user_id, followed_id)
);
CREATE INDEX user_follows_newest ON user_follows (user_id, since DESC, followed_id DESC);
CREATE INDEX user_follows_followers ON user_follows (followed_id, since DESC, user_id DESC);

CREATE TABLE user_blocks (
  user_id    bigint      NOT NULL,             -- Who blocks.
  blocked_id bigint      NOT NULL CHECK (blocked_id <> user_id),
  since      timestamptz NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX user_blocks_newest ON user_blocks (user_id, since DESC, blocked_id DESC);
CREATE INDEX user_blocks_blocked ON user_blocks (blocked_id, user_id);
