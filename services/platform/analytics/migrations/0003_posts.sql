-- Numbers of posts as they were read at their platforms, each reading once.
CREATE TABLE analytics_post_readings (
  publication_id bigint      NOT NULL,
  reading        bigint      NOT NULL,  -- 1 to 8.
  user_id        bigint      NOT NULL,
  post_id        bigint      NOT NULL,  -- 0: of no post of the content service.
  platform       bigint      NOT NULL,  -- selfology.social.v1.Platform.
  likes          bigint      NOT NULL,
  reposts        bigint      NOT NULL,
  replies        bigint      NOT NULL,
  views          bigint      NOT NULL,
  measured_at    timestamptz NOT NULL,
  PRIMARY KEY (publication_id, reading)
);
CREATE INDEX analytics_post_readings_user
  ON analytics_post_readings (user_id, post_id, reading);

-- Publications that were found viral, so that each is told of once.
CREATE TABLE analytics_viral (
  publication_id bigint NOT NULL PRIMARY KEY,
  user_id        bigint NOT NULL
);
CREATE INDEX analytics_viral_user ON analytics_viral (user_id);
