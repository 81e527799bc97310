-- A person's profile: the layers as JSON in the shape that the product's documents show.
CREATE TABLE personality_profiles (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint      NOT NULL UNIQUE,
  profile_data    jsonb       NOT NULL,
  version         bigint      NOT NULL,
  indexed_version bigint      NOT NULL DEFAULT 0,   -- What the vector store has.
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
);
CREATE INDEX personality_profiles_data ON personality_profiles USING gin (profile_data);
CREATE INDEX personality_profiles_unindexed ON personality_profiles (updated_at)
  WHERE indexed_version < version;

-- Where vectors live when there is no vector store: fine for some thousand people.
CREATE TABLE profile_vectors (
  user_id         bigint PRIMARY KEY,
  embedding       double precision[] NOT NULL,
  profile_summary text               NOT NULL
);

CREATE TABLE profile_requests (
  user_id    bigint      NOT NULL,
  rpc        text        NOT NULL,
  key        text        NOT NULL,
  response   bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, rpc, key)
);
CREATE INDEX profile_requests_age ON profile_requests (created_at);
