-- Issues that would have been a task too many; they are taken when there is room.
CREATE TABLE task_sync_refusals (
  sync_id bigint NOT NULL REFERENCES task_syncs ON DELETE CASCADE,
  issue   bigint NOT NULL,
  PRIMARY KEY (sync_id, issue)
);
