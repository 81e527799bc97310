CREATE TABLE content_posts (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint      NOT NULL,
  title          text        NOT NULL,
  text           text        NOT NULL,
  versions       bytea       NOT NULL,  -- A selfology.content.v1.Post that has nothing else.
  account_ids    bigint[]    NOT NULL,
  platforms      integer[]   NOT NULL,  -- Of the accounts, in their order.
  tags           text[]      NOT NULL,
  needs_approval boolean     NOT NULL,
  state          text        NOT NULL,
  review_note    text        NOT NULL DEFAULT '',
  revision       integer     NOT NULL DEFAULT 1,
  publish_at     timestamptz,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL
);
CREATE INDEX content_posts_person ON content_posts (user_id, id);
CREATE INDEX content_posts_calendar ON content_posts (user_id, publish_at)
  WHERE publish_at IS NOT NULL;
CREATE INDEX content_posts_due ON content_posts (publish_at) WHERE state = 'scheduled';

-- What became of a post at each account that it was due at.
CREATE TABLE content_results (
  post_id        bigint  NOT NULL REFERENCES content_posts ON DELETE CASCADE,
  account_id     bigint  NOT NULL,
  platform       integer NOT NULL,
  publication_id bigint  NOT NULL DEFAULT 0,
  state          text    NOT NULL,  -- waiting, published, refused
  url            text    NOT NULL DEFAULT '',
  reason         text    NOT NULL DEFAULT '',
  likes          bigint  NOT NULL DEFAULT 0,
  reposts        bigint  NOT NULL DEFAULT 0,
  replies        bigint  NOT NULL DEFAULT 0,
  views          bigint  NOT NULL DEFAULT 0,
  measured_at    timestamptz,
  PRIMARY KEY (post_id, account_id)
);

CREATE TABLE content_revisions (
  post_id  bigint      NOT NULL REFERENCES content_posts ON DELETE CASCADE,
  revision integer     NOT NULL,
  title    text        NOT NULL,
  text     text        NOT NULL,
  versions bytea       NOT NULL,
  saved_at timestamptz NOT NULL,
  PRIMARY KEY (post_id, revision)
);

-- The times of the week at which a person's queued posts are published.
CREATE TABLE content_slots (
  user_id   bigint    PRIMARY KEY,
  time_zone text      NOT NULL,
  weekdays  integer[] NOT NULL,
  minutes   integer[] NOT NULL
);

CREATE TABLE content_templates (
  user_id bigint NOT NULL,
  name    text   NOT NULL,
  text    text   NOT NULL,
  PRIMARY KEY (user_id, name)
);

CREATE TABLE content_hashtag_sets (
  user_id  bigint NOT NULL,
  name     text   NOT NULL,
  hashtags text[] NOT NULL,
  PRIMARY KEY (user_id, name)
);
