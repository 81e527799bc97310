-- Persons, as the feed knows them.
CREATE TABLE feed_people (
  user_id         bigint      PRIMARY KEY,
  username        text        NOT NULL DEFAULT '',
  first_name      text        NOT NULL DEFAULT '',
  last_name       text        NOT NULL DEFAULT '',
  status          text        NOT NULL DEFAULT 'NEW'
                  CHECK (status IN ('NEW', 'ONBOARDING', 'TRAINING', 'TRAINED', 'ACTIVE', 'CHURNED')),
  is_trained      boolean     NOT NULL DEFAULT false,
  created_at      timestamptz NOT NULL,
  last_seen_at    timestamptz,
  language        text        NOT NULL DEFAULT '',
  time_zone       text        NOT NULL DEFAULT '',
  nudges_off      boolean     NOT NULL DEFAULT false,
  digest_hour     integer     NOT NULL DEFAULT 0,
  digest_made_on  date,
  muted_words     text[]      NOT NULL DEFAULT '{}',
  muted_stems     text[]      NOT NULL DEFAULT '{}',
  exploration     integer,
  -- SHA-256 of the secret in the address of their RSS feed.
  link_hash       bytea       UNIQUE
);
CREATE INDEX feed_people_seen ON feed_people (last_seen_at) WHERE status IN ('ACTIVE', 'CHURNED');
CREATE INDEX feed_people_digest ON feed_people (digest_hour) WHERE digest_hour > 0;

CREATE TABLE feed_channels (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  telegram_id  bigint      UNIQUE,
  reader_id    bigint      UNIQUE,           -- channel_reader's number of it.
  username     text        NOT NULL,
  username_key text        UNIQUE,           -- NULL: it has no name.
  title        text        NOT NULL DEFAULT '',
  is_default   boolean     NOT NULL DEFAULT false,
  may_show     boolean     NOT NULL DEFAULT true,
  may_keep     boolean     NOT NULL DEFAULT true,
  may_learn    boolean     NOT NULL DEFAULT false
);
CREATE INDEX feed_channels_default ON feed_channels (id) WHERE is_default;

CREATE TABLE feed_user_channels (
  user_id         bigint      NOT NULL,
  channel_id      bigint      NOT NULL REFERENCES feed_channels ON DELETE CASCADE,
  is_for_training boolean     NOT NULL,
  is_bonus        boolean     NOT NULL,
  is_muted        boolean     NOT NULL,
  followed_at     timestamptz NOT NULL,
  PRIMARY KEY (user_id, channel_id)
);
CREATE INDEX feed_user_channels_channel ON feed_user_channels (channel_id);

CREATE TABLE feed_posts (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel_id  bigint      NOT NULL REFERENCES feed_channels ON DELETE CASCADE,
  number      bigint      NOT NULL,           -- In the channel.
  text        text        NOT NULL,
  media       integer     NOT NULL,
  media_urls  text[]      NOT NULL,
  url         text        NOT NULL,
  posted_at   timestamptz NOT NULL,
  views       bigint      NOT NULL,
  features    bytea       NOT NULL,           -- model/features.h
  stems       text[]      NOT NULL,           -- Of its words, for muted ones.
  fingerprint bigint,                         -- model/near_duplicates.h
  bands       bigint[]    NOT NULL,           -- Of the fingerprint.
  story_id    bigint      NOT NULL,           -- The first post that says the same; its own id if it is that.
  revision    bigint      NOT NULL DEFAULT 1, -- One more with each change of features or story.
  deleted_at  timestamptz,
  UNIQUE (channel_id, number)
);
CREATE INDEX feed_posts_channel ON feed_posts (channel_id, posted_at DESC) WHERE deleted_at IS NULL;
CREATE INDEX feed_posts_bands ON feed_posts USING gin (bands) WHERE deleted_at IS NULL;
CREATE INDEX feed_posts_story ON feed_posts (story_id);

-- What all persons together did with a post: sums over feed_interactions, so that erasing a person is taking
-- theirs away again. A post with zeros only has no row.
CREATE TABLE feed_counts (
  post_id  bigint PRIMARY KEY,
  likes    bigint NOT NULL,
  dislikes bigint NOT NULL,
  skips    bigint NOT NULL,
  views    bigint NOT NULL,
  saves    bigint NOT NULL
);

-- What persons did with posts. A model is built anew from here alone, hence the features as they were then.
CREATE TABLE feed_interactions (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     bigint      NOT NULL,
  post_id     bigint      NOT NULL,
  story_id    bigint      NOT NULL,
  channel_id  bigint      NOT NULL,
  type        integer     NOT NULL,
  features    bytea       NOT NULL,
  happened_at timestamptz NOT NULL,
  undone      boolean     NOT NULL DEFAULT false
);
CREATE INDEX feed_interactions_user ON feed_interactions (user_id, id);
-- One valid judgement, one save and one view of a post by a person.
CREATE UNIQUE INDEX feed_interactions_judgement ON feed_interactions (user_id, post_id)
  WHERE NOT undone AND type IN (1, 2, 3);
CREATE UNIQUE INDEX feed_interactions_view ON feed_interactions (user_id, post_id) WHERE NOT undone AND type = 4;
CREATE UNIQUE INDEX feed_interactions_save ON feed_interactions (user_id, post_id) WHERE NOT undone AND type = 5;
CREATE INDEX feed_interactions_channel ON feed_interactions (channel_id);

-- model/taste.h, after all valid interactions of the person.
CREATE TABLE feed_models (
  user_id     bigint PRIMARY KEY,
  state       bytea  NOT NULL,
  rated_count bigint NOT NULL
);
-- Packed numbers do not compress.
ALTER TABLE feed_models ALTER COLUMN state SET STORAGE EXTERNAL;

-- What was shown, where, and with which probability.
CREATE TABLE feed_shown (
  user_id    bigint           NOT NULL,
  post_id    bigint           NOT NULL,
  story_id   bigint           NOT NULL,
  session    text             NOT NULL,
  place      integer          NOT NULL,
  propensity double precision NOT NULL,
  score      double precision NOT NULL,
  shown_at   timestamptz      NOT NULL
);
CREATE INDEX feed_shown_user ON feed_shown (user_id, shown_at);
CREATE INDEX feed_shown_at ON feed_shown (shown_at);

CREATE TABLE feed_nudges (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id  bigint      NOT NULL,
  post_id  bigint      NOT NULL,
  made_at  timestamptz NOT NULL
);
CREATE INDEX feed_nudges_user ON feed_nudges (user_id, made_at);

-- Channels that the feed proposed.
CREATE TABLE feed_proposals (
  user_id     bigint      NOT NULL,
  channel_id  bigint      NOT NULL REFERENCES feed_channels ON DELETE CASCADE,
  proposed_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, channel_id)
);

-- What persons did, for themselves to read; 90 days.
CREATE TABLE feed_user_log (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint      NOT NULL,
  action     text        NOT NULL,
  details    text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX feed_user_log_user ON feed_user_log (user_id, id);
CREATE INDEX feed_user_log_at ON feed_user_log (created_at);
