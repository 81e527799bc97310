-- What a person did with one post, and which stories they know: without these, each reaction and each page of
-- the feed reads all that the person ever did.
CREATE INDEX feed_interactions_post ON feed_interactions (user_id, post_id) WHERE NOT undone;
CREATE INDEX feed_interactions_story ON feed_interactions (user_id, story_id) WHERE NOT undone AND type IN (1, 2, 3, 5);
CREATE INDEX feed_shown_story ON feed_shown (user_id, story_id);
