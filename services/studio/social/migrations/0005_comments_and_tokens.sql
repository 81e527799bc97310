-- What keeps an account's token good, and when its platform is asked for what others wrote.
ALTER TABLE social_accounts
  ADD COLUMN refresh    bytea,                               -- Sealed; what renews the token (accounts.h). NULL: nothing.
  ADD COLUMN generation bigint      NOT NULL DEFAULT 0,      -- Counts its tokens: what is said of an older one does not count.
  ADD COLUMN token_at   timestamptz NOT NULL DEFAULT now(),  -- When the token came.
  ADD COLUMN expires_at timestamptz,                         -- NULL: not known.
  ADD COLUMN checked_at timestamptz,                         -- When the platform last took the token.
  ADD COLUMN check_at   timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN hear_at    timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN heard_to   text        NOT NULL DEFAULT '';     -- How far the platform's list was read, in its own words.
CREATE INDEX social_accounts_check ON social_accounts (check_at) WHERE NOT refused;
CREATE INDEX social_accounts_hear ON social_accounts (hear_at) WHERE NOT refused;
CREATE INDEX social_accounts_remote ON social_accounts (platform, remote_id);

-- What others wrote to an account, each once.
CREATE TABLE social_comments (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint      NOT NULL,
  account_id     bigint      NOT NULL,
  platform       integer     NOT NULL,
  remote_id      text        NOT NULL,  -- What the platform calls it.
  kind           integer     NOT NULL,  -- CommentKind.
  author         text        NOT NULL,
  text           text        NOT NULL,
  url            text        NOT NULL,
  publication_id bigint      NOT NULL,  -- That it is below; 0: none of ours.
  post_id        bigint      NOT NULL,
  place          text        NOT NULL,  -- Where an answer belongs, in the platform's words.
  root           text        NOT NULL,  -- And where its thread begins.
  audience       text        NOT NULL,  -- Who may see it; an answer is for the same. Empty: everybody.
  written_at     timestamptz NOT NULL,
  received_at    timestamptz NOT NULL,
  UNIQUE (account_id, remote_id)
);
CREATE INDEX social_comments_person ON social_comments (user_id, id);

-- An answer is a publication.
ALTER TABLE social_publications
  ADD COLUMN comment_id bigint NOT NULL DEFAULT 0;  -- 0: it answers none.
CREATE INDEX social_publications_answers ON social_publications (comment_id) WHERE comment_id <> 0;
CREATE INDEX social_publications_remote ON social_publications (account_id, remote_id) WHERE remote_id <> '';
