-- Who likes a post is read from feed_interactions, and known in memory by this: all numbers of its valid likes and saves,
-- hashed and joined by exclusive or, so that taking one away leaves what the others alone give.
CREATE FUNCTION feed_like_hash(interaction_id bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ('x' || left(md5(interaction_id::text), 16))::bit(64)::bigint;

ALTER TABLE feed_counts ADD COLUMN likers bigint NOT NULL DEFAULT 0;
UPDATE feed_counts c SET likers = i.likers
  FROM (SELECT post_id, bit_xor(feed_like_hash(id)) AS likers FROM feed_interactions
        WHERE NOT undone AND type IN (1, 5) GROUP BY post_id) i
  WHERE i.post_id = c.post_id;

-- The last who liked a post, and what a person liked last.
CREATE INDEX feed_interactions_likers ON feed_interactions (post_id, id DESC) WHERE NOT undone AND type IN (1, 5);
CREATE INDEX feed_interactions_likes ON feed_interactions (user_id, id DESC) WHERE NOT undone AND type IN (1, 5);
