-- When persons opened the mini app; 90 days.
CREATE TABLE miniapp_launches (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint      NOT NULL,
  launched_at     timestamptz NOT NULL,
  platform        text        NOT NULL,
  start_parameter text        NOT NULL
);
CREATE INDEX miniapp_launches_user ON miniapp_launches (user_id, id);
CREATE INDEX miniapp_launches_at ON miniapp_launches (launched_at);
