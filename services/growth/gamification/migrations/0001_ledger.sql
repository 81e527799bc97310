-- Accounts of the ledger. user_id 0: the product's own.
CREATE TABLE gamification_accounts (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint      NOT NULL,
  currency        text        NOT NULL,
  code            text        NOT NULL,
  debits          bigint      NOT NULL DEFAULT 0,
  credits         bigint      NOT NULL DEFAULT 0,
  debits_pending  bigint      NOT NULL DEFAULT 0,
  credits_pending bigint      NOT NULL DEFAULT 0,
  floor           bigint,
  ceiling         bigint,
  last_at         timestamptz NOT NULL DEFAULT '-infinity',
  UNIQUE (user_id, currency, code)
) WITH (fillfactor = 60);

-- Transfers, which never change. They name accounts, never persons. No foreign keys: what writes has locked the accounts.
CREATE TABLE gamification_transfers (
  id           uuid        PRIMARY KEY,
  debit_id     bigint      NOT NULL,
  credit_id    bigint      NOT NULL,
  amount       bigint      NOT NULL,
  at           timestamptz NOT NULL,
  debit_after  bigint      NOT NULL,
  credit_after bigint      NOT NULL,
  kind         integer     NOT NULL,
  target       uuid,
  trace        uuid,
  code         text        NOT NULL
);
CREATE INDEX gamification_transfers_debit ON gamification_transfers (debit_id, at);
CREATE INDEX gamification_transfers_credit ON gamification_transfers (credit_id, at);
-- A transfer is reversed once (kind 5).
CREATE UNIQUE INDEX gamification_transfers_reversed ON gamification_transfers (target) WHERE kind = 5;

-- What pending transfers hold. state: 0 open, 1 posted, 2 voided, 3 expired. Those of a group are resolved together.
CREATE TABLE gamification_pending (
  id         uuid        PRIMARY KEY,
  group_id   uuid        NOT NULL,
  debit_id   bigint      NOT NULL,
  credit_id  bigint      NOT NULL,
  amount     bigint      NOT NULL,
  expires_at timestamptz NOT NULL,
  state      integer     NOT NULL
);
CREATE INDEX gamification_pending_group ON gamification_pending (group_id);
CREATE INDEX gamification_pending_due ON gamification_pending (expires_at) WHERE state = 0;

-- Why a transfer was made, for the person whose event caused it; erased with them.
CREATE TABLE gamification_causes (
  transfer_id  uuid    PRIMARY KEY,
  user_id      bigint  NOT NULL,
  event_id     uuid,
  event_type   text    NOT NULL,
  rule_id      text    NOT NULL,
  rule_version integer NOT NULL
);
CREATE INDEX gamification_causes_event ON gamification_causes (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX gamification_causes_user ON gamification_causes (user_id);
