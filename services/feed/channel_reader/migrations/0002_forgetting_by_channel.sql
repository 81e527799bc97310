-- What a channel forgets next. Without the channel in it, the index leads through all that may be kept for ever.
DROP INDEX channel_reader_posts_remembered;
CREATE INDEX channel_reader_posts_remembered ON channel_reader_posts (channel_id, seen_at) WHERE NOT forgotten;
