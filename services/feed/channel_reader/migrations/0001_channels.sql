-- What the operator set for a kind of source; kinds without a row have their defaults.
CREATE TABLE channel_reader_sources (
  source          integer PRIMARY KEY,
  enabled         boolean NOT NULL DEFAULT true,
  may_show        boolean NOT NULL,
  may_keep        boolean NOT NULL,
  may_learn       boolean NOT NULL,
  drifting        boolean NOT NULL DEFAULT false
);

CREATE TABLE channel_reader_channels (
  channel_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source          integer     NOT NULL,
  key             text        NOT NULL UNIQUE,
  handle          text        NOT NULL,
  telegram_id     bigint      NOT NULL DEFAULT 0,
  title           text        NOT NULL DEFAULT '',
  about           text        NOT NULL DEFAULT '',
  picture_url     text        NOT NULL DEFAULT '',
  link            text        NOT NULL DEFAULT '',
  subscribers     bigint      NOT NULL DEFAULT 0,
  has_owner_scope boolean     NOT NULL DEFAULT false,
  owner_show      boolean     NOT NULL DEFAULT false,
  owner_keep      boolean     NOT NULL DEFAULT false,
  owner_learn     boolean     NOT NULL DEFAULT false,
  owner_user_id   bigint      NOT NULL DEFAULT 0,
  state           integer     NOT NULL,
  reason          integer     NOT NULL DEFAULT 0,
  failures        integer     NOT NULL DEFAULT 0,
  added_at        timestamptz NOT NULL,
  read_at         timestamptz,
  -- NULL: it is not polled, since it pushes or nobody follows it.
  next_read_at    timestamptz,
  period_seconds  bigint      NOT NULL DEFAULT 0,
  newest_number   bigint      NOT NULL DEFAULT 0,
  -- Everything that the source numbers up to there was read.
  read_up_to      bigint      NOT NULL DEFAULT 0,
  feed_url        text        NOT NULL DEFAULT '',
  etag            text        NOT NULL DEFAULT '',
  last_modified   text        NOT NULL DEFAULT '',
  -- The number of the last update of the bot's membership that took effect.
  update_number   bigint      NOT NULL DEFAULT 0,
  -- Which replica's turn to read it lasts until then.
  leased_until    timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX channel_reader_channels_due ON channel_reader_channels (next_read_at);
CREATE INDEX channel_reader_channels_telegram ON channel_reader_channels (telegram_id)
  WHERE telegram_id <> 0;
CREATE INDEX channel_reader_channels_owner ON channel_reader_channels (owner_user_id)
  WHERE owner_user_id <> 0;

CREATE TABLE channel_reader_followers (
  user_id    bigint      NOT NULL,
  channel_id bigint      NOT NULL REFERENCES channel_reader_channels,
  added_at   timestamptz NOT NULL,
  PRIMARY KEY (user_id, channel_id)
);
CREATE INDEX channel_reader_followers_channel ON channel_reader_followers (channel_id);

CREATE TABLE channel_reader_posts (
  channel_id    bigint      NOT NULL REFERENCES channel_reader_channels,
  post_number   bigint      NOT NULL,
  source_key    text        NOT NULL,
  posted_at     timestamptz NOT NULL,
  seen_at       timestamptz NOT NULL,
  fingerprint   bytea       NOT NULL,
  -- How many readings in a row should have shown it and did not; it is gone after the second.
  missed        integer     NOT NULL DEFAULT 0,
  deleted       boolean     NOT NULL DEFAULT false,
  -- Its text and media were forgotten.
  forgotten     boolean     NOT NULL DEFAULT false,
  -- Of a pushed post: the number of the last update about it.
  update_number bigint      NOT NULL DEFAULT 0,
  -- selfology.channel_reader.v1.Post
  post          bytea       NOT NULL,
  PRIMARY KEY (channel_id, post_number),
  UNIQUE (channel_id, source_key)
);
CREATE INDEX channel_reader_posts_remembered ON channel_reader_posts (seen_at) WHERE NOT forgotten;

-- What the latest posts of each kind of source lacked, for the alarm; see drift.h.
CREATE TABLE channel_reader_judgements (
  judgement_id bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source       integer NOT NULL,
  missing      text[]  NOT NULL
);
CREATE INDEX channel_reader_judgements_source ON channel_reader_judgements (source, judgement_id);

-- Who allowed what and when; rows are never changed, but for the name of a person who was erased.
CREATE TABLE channel_reader_consents (
  consent_id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel_id       bigint      NOT NULL,  -- 0: all channels of the kind.
  source           integer     NOT NULL,
  basis            integer     NOT NULL,
  may_show         boolean     NOT NULL,
  may_keep         boolean     NOT NULL,
  may_learn        boolean     NOT NULL,
  given_by_user_id bigint      NOT NULL,  -- 0: the operator, or a person who was erased.
  given_at         timestamptz NOT NULL
);
CREATE INDEX channel_reader_consents_channel ON channel_reader_consents (channel_id, consent_id);
CREATE INDEX channel_reader_consents_person ON channel_reader_consents (given_by_user_id)
  WHERE given_by_user_id <> 0;

-- When each host may be asked next, over all replicas.
CREATE TABLE channel_reader_hosts (
  host          text        PRIMARY KEY,
  next_at       timestamptz NOT NULL,
  -- It refused us, and is left alone until then.
  refused_until timestamptz NOT NULL DEFAULT '-infinity',
  refusals      integer     NOT NULL DEFAULT 0
);
