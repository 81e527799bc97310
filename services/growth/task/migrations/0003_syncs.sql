-- Lists that are kept equal with issues elsewhere.
CREATE TABLE task_syncs (
  sync_id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       bigint      NOT NULL,
  list_id       bigint      NOT NULL UNIQUE,
  connection_id text        NOT NULL,
  repository    text        NOT NULL,
  created_at    timestamptz NOT NULL,
  -- What changed there before has been read.
  read_until    timestamptz,
  synced_at     timestamptz,
  next_run_at   timestamptz NOT NULL,
  failure       text        NOT NULL DEFAULT '',
  failures      integer     NOT NULL DEFAULT 0,
  -- Runs are counted: one that was given up may not write any more.
  run           bigint      NOT NULL DEFAULT 0,
  running_until timestamptz
);
CREATE INDEX task_syncs_user ON task_syncs (user_id, sync_id);
CREATE INDEX task_syncs_next ON task_syncs (next_run_at);

-- A task and an issue. `title`, `notes`, `labels` and `status` are what both sides had when they last were equal.
CREATE TABLE task_sync_links (
  link_id bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sync_id bigint  NOT NULL REFERENCES task_syncs ON DELETE CASCADE,
  -- May be gone: its issue is closed then.
  task_id bigint  NOT NULL,
  -- NULL: it is being made, with `mark` in its body, by which it is known again.
  issue   bigint,
  mark    text    NOT NULL,
  -- When making it was tried and the outcome is not known.
  tried_at timestamptz,
  -- No longer kept equal.
  parted  boolean NOT NULL DEFAULT false,
  title   text    NOT NULL,
  notes   text    NOT NULL,
  labels  text[]  NOT NULL,
  status  text    NOT NULL,
  -- Of the task: which both sides agreed on, and which the other side did not take.
  version bigint  NOT NULL,
  refused_version bigint NOT NULL DEFAULT 0,
  UNIQUE (sync_id, task_id),
  UNIQUE (sync_id, issue)
);
