-- Whoever wanted to rate posts of channels that were not read yet is told when there are enough.
ALTER TABLE feed_people ADD COLUMN awaits_training boolean NOT NULL DEFAULT false;
CREATE INDEX feed_people_awaiting ON feed_people (user_id) WHERE awaits_training;

-- Channels from whose words nothing may be learned any more: persons up to this number have forgotten them.
CREATE TABLE feed_forgetting (
  channel_id    bigint PRIMARY KEY REFERENCES feed_channels ON DELETE CASCADE,
  after_user_id bigint NOT NULL DEFAULT 0
);
DROP INDEX feed_interactions_channel;
CREATE INDEX feed_interactions_channel ON feed_interactions (channel_id, user_id);
DROP INDEX feed_user_channels_channel;
CREATE INDEX feed_user_channels_channel ON feed_user_channels (channel_id, user_id);
