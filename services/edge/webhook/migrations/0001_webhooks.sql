CREATE TABLE webhook_seal_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea   NOT NULL
);

-- Where events go. state: EndpointState.
CREATE TABLE webhook_endpoints (
  endpoint_id      text        PRIMARY KEY,
  place            bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  user_id          bigint      NOT NULL, -- 0: the installation's own.
  url              text        NOT NULL,
  description      text        NOT NULL,
  event_types      text[]      NOT NULL, -- Empty: all.
  retry_seconds    integer[]   NOT NULL, -- Empty: the default.
  timeout_seconds  integer     NOT NULL,
  state            integer     NOT NULL,
  state_since      timestamptz NOT NULL,
  failing_since    timestamptz,
  failures         bigint      NOT NULL DEFAULT 0, -- In a row.
  secret           bytea       NOT NULL, -- Sealed, as the next one.
  old_secret       bytea,
  old_secret_until timestamptz,
  created_at       timestamptz NOT NULL,
  -- When somebody has to look for messages that are due; NULL: nothing waits.
  due_at           timestamptz,
  -- Who sends holds the endpoint until then. The lease is counted, so that who was late cannot write.
  lease            bigint      NOT NULL DEFAULT 0,
  leased_until     timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX webhook_endpoints_user ON webhook_endpoints (user_id, place);
CREATE INDEX webhook_endpoints_due ON webhook_endpoints (due_at) WHERE due_at IS NOT NULL;

-- What is sent: one body for all endpoints that get it, and for all attempts.
CREATE TABLE webhook_messages (
  message_id  text        PRIMARY KEY,
  user_id     bigint      NOT NULL, -- Whom it is about; 0: nobody.
  event_type  text        NOT NULL,
  body        text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE INDEX webhook_messages_user ON webhook_messages (user_id);
CREATE INDEX webhook_messages_created ON webhook_messages (created_at);

-- One message to one endpoint; those of one endpoint are sent in the order of their ids. state, failure: DeliveryState,
-- DeliveryFailure.
CREATE TABLE webhook_deliveries (
  delivery_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id text        NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
  message_id  text        NOT NULL REFERENCES webhook_messages ON DELETE CASCADE,
  user_id     bigint      NOT NULL, -- The endpoint's owner.
  state       integer     NOT NULL,
  failure     integer     NOT NULL DEFAULT 0,
  counted     integer     NOT NULL DEFAULT 0, -- Attempts that count, since it was last begun.
  tried       integer     NOT NULL DEFAULT 0, -- All attempts.
  due_at      timestamptz,
  created_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  UNIQUE (endpoint_id, message_id)
);
CREATE INDEX webhook_deliveries_message ON webhook_deliveries (message_id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, delivery_id) WHERE state = 1;
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, delivery_id);
CREATE INDEX webhook_deliveries_user ON webhook_deliveries (user_id, delivery_id);

-- Written before the call is made; ended_at is NULL until its outcome is known.
CREATE TABLE webhook_attempts (
  delivery_id bigint      NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
  number      integer     NOT NULL,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  http_status integer     NOT NULL DEFAULT 0,
  failure     integer     NOT NULL DEFAULT 0,
  answer      text        NOT NULL DEFAULT '',
  PRIMARY KEY (delivery_id, number)
);

-- Who may send us webhooks. provider: Provider. hmac, rules: encoded HmacScheme and RuleList.
CREATE TABLE webhook_sources (
  endpoint_id      text        PRIMARY KEY,
  place            bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  user_id          bigint      NOT NULL, -- 0: the installation's own.
  provider         integer     NOT NULL,
  description      text        NOT NULL,
  secrets          bytea       NOT NULL, -- Sealed.
  hmac             bytea       NOT NULL,
  window_seconds   integer     NOT NULL,
  rules            bytea       NOT NULL,
  enabled          boolean     NOT NULL,
  created_at       timestamptz NOT NULL,
  last_received_at timestamptz
);
CREATE INDEX webhook_sources_user ON webhook_sources (user_id, place);

-- What came in. state: ReceivedState. Of what was refused there is neither id nor body.
CREATE TABLE webhook_received (
  received_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id text        NOT NULL REFERENCES webhook_sources ON DELETE CASCADE,
  user_id     bigint      NOT NULL, -- The source's owner.
  person_id   bigint      NOT NULL DEFAULT 0, -- Whom what the installation's own received is about; 0: nobody known.
  event_id    text,
  event_kind  text        NOT NULL,
  kind        text        NOT NULL,
  state       integer     NOT NULL,
  refusal     text        NOT NULL,
  matched     text[]      NOT NULL,
  times       integer     NOT NULL DEFAULT 1,
  headers     jsonb,
  query       jsonb,
  body        bytea,
  body_bytes  integer     NOT NULL,
  received_at timestamptz NOT NULL,
  UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_received_endpoint ON webhook_received (endpoint_id, received_id);
CREATE INDEX webhook_received_user ON webhook_received (user_id, received_id);
CREATE INDEX webhook_received_person ON webhook_received (person_id) WHERE person_id <> 0;
CREATE INDEX webhook_received_at ON webhook_received (received_at);
