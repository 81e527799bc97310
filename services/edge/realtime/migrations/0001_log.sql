-- The last position of each person's log. Its row is locked by whoever appends, so positions appear in their order.
CREATE TABLE realtime_heads (
  user_id       bigint PRIMARY KEY,
  last_position bigint NOT NULL
);

-- What the devices of a person are to see.
CREATE TABLE realtime_log (
  user_id     bigint      NOT NULL,
  position    bigint      NOT NULL,
  type        text        NOT NULL,
  payload     jsonb       NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, position)
);
-- For retention; rows come in this order.
CREATE INDEX realtime_log_recorded ON realtime_log USING brin (recorded_at);
