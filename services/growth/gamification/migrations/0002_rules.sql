-- What is known of a person besides their accounts.
CREATE TABLE gamification_people (
  user_id   bigint  PRIMARY KEY,
  time_zone text    NOT NULL DEFAULT '',
  hidden    boolean NOT NULL DEFAULT false
);

-- Events as rules see them. day and hour are of the person's own clock when the event was handled. active: it keeps the
-- streak.
CREATE TABLE gamification_facts (
  user_id     bigint      NOT NULL,
  event_id    uuid        NOT NULL,
  type        text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  day         date        NOT NULL,
  hour        integer     NOT NULL,
  fields      jsonb       NOT NULL,
  active      boolean     NOT NULL,
  revoked_at  timestamptz,
  PRIMARY KEY (user_id, event_id)
);
CREATE INDEX gamification_facts_type ON gamification_facts (user_id, type, occurred_at);
CREATE INDEX gamification_facts_active ON gamification_facts (user_id, day) WHERE active;
CREATE INDEX gamification_facts_event ON gamification_facts (event_id);
CREATE INDEX gamification_facts_newest ON gamification_facts (type, occurred_at);

-- Versions of rules. state: 1 draft, 2 live, 3 retired. backfilled_to: the last person for whom a badge was given for events
-- of the past; NULL: nothing to do.
CREATE TABLE gamification_rules (
  rule_id       text        NOT NULL,
  version       integer     NOT NULL,
  state         integer     NOT NULL,
  definition    jsonb       NOT NULL,
  created_at    timestamptz NOT NULL,
  published_at  timestamptz,
  backfilled_to bigint,
  PRIMARY KEY (rule_id, version)
);
CREATE UNIQUE INDEX gamification_rules_live ON gamification_rules (rule_id) WHERE state = 2;

-- Badges that persons got. key: which of those that the rule gives.
CREATE TABLE gamification_awards (
  award_id     uuid        PRIMARY KEY,
  user_id      bigint      NOT NULL,
  badge_id     text        NOT NULL,
  rule_id      text        NOT NULL,
  rule_version integer     NOT NULL,
  key          text        NOT NULL,
  ordinal      integer     NOT NULL,
  event_id     uuid        NOT NULL,
  awarded_at   timestamptz NOT NULL,
  revoked_at   timestamptz
);
CREATE UNIQUE INDEX gamification_awards_standing ON gamification_awards (user_id, rule_id, key)
  WHERE revoked_at IS NULL;
CREATE INDEX gamification_awards_user ON gamification_awards (user_id, awarded_at);
CREATE INDEX gamification_awards_badge ON gamification_awards (badge_id) WHERE revoked_at IS NULL;
CREATE INDEX gamification_awards_revoked ON gamification_awards (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX gamification_awards_event ON gamification_awards (event_id);
