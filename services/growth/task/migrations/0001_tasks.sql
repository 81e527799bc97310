-- Lists and projects.
CREATE TABLE task_lists (
  list_id    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint      NOT NULL,
  name       text        NOT NULL,
  kind       text        NOT NULL,
  columns    text[]      NOT NULL,
  archived   boolean     NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  UNIQUE (user_id, name)
);

-- Tasks. `data` is a selfology.task.v1.Task without what is computed; the other columns are what is searched by.
CREATE TABLE tasks (
  task_id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint      NOT NULL,
  status         text        NOT NULL,
  list_id        bigint      NOT NULL,
  parent_task_id bigint      NOT NULL,
  series_id      bigint      NOT NULL,
  occurrence     integer     NOT NULL,
  run_id         bigint      NOT NULL,
  due_at         timestamptz,
  closed_at      timestamptz,
  -- Where it stands in an order in which each task comes behind those that it waits for. Unique within an owner;
  -- 0 until it is first asked for, then its task_id, then what the graph makes of it.
  rank           bigint      NOT NULL DEFAULT 0,
  -- How often it was completed, and by whom the last time; 0: nobody.
  completions    integer     NOT NULL DEFAULT 0,
  completed_by   bigint      NOT NULL DEFAULT 0,
  version        bigint      NOT NULL,
  data           bytea       NOT NULL
);
CREATE INDEX tasks_user ON tasks (user_id, status, task_id);
CREATE INDEX tasks_parent ON tasks (parent_task_id) WHERE parent_task_id <> 0;
CREATE INDEX tasks_series ON tasks (series_id, occurrence) WHERE series_id <> 0;
CREATE INDEX tasks_list ON tasks (list_id) WHERE list_id <> 0;
CREATE INDEX tasks_run ON tasks (run_id) WHERE run_id <> 0;

-- Who shall do it besides the owner.
CREATE TABLE task_assignees (
  task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
  user_id bigint NOT NULL,
  PRIMARY KEY (task_id, user_id)
);
CREATE INDEX task_assignees_user ON task_assignees (user_id);

-- Tasks as they were.
CREATE TABLE task_versions (
  task_id       bigint      NOT NULL REFERENCES tasks ON DELETE CASCADE,
  version       bigint      NOT NULL,
  actor_user_id bigint      NOT NULL,
  change        text        NOT NULL,
  at            timestamptz NOT NULL,
  data          bytea       NOT NULL,
  PRIMARY KEY (task_id, version)
);

CREATE TABLE task_comments (
  comment_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id    bigint      NOT NULL REFERENCES tasks ON DELETE CASCADE,
  user_id    bigint      NOT NULL,
  text       text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX task_comments_task ON task_comments (task_id, comment_id);
CREATE INDEX task_comments_user ON task_comments (user_id, comment_id);

-- Reminders of open tasks that are still to come.
CREATE TABLE task_reminders (
  task_id bigint      NOT NULL REFERENCES tasks ON DELETE CASCADE,
  at      timestamptz NOT NULL,
  PRIMARY KEY (task_id, at)
);
CREATE INDEX task_reminders_at ON task_reminders (at);

-- What must be done before what.
CREATE TABLE task_edges (
  user_id        bigint NOT NULL,
  before_task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
  after_task_id  bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
  PRIMARY KEY (after_task_id, before_task_id)
);
CREATE INDEX task_edges_before ON task_edges (before_task_id, after_task_id);
CREATE INDEX task_edges_user ON task_edges (user_id, before_task_id, after_task_id);

-- Graphs of tasks that are made as a whole. `data` is a selfology.task.v1.TaskTemplate.
CREATE TABLE task_templates (
  template_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     bigint      NOT NULL,
  created_at  timestamptz NOT NULL,
  next_run_at timestamptz,
  last_run_id bigint      NOT NULL DEFAULT 0,
  -- The next run's day is known when the last run's tasks are closed.
  waits       boolean     NOT NULL DEFAULT false,
  data        bytea       NOT NULL
);
CREATE INDEX task_templates_user ON task_templates (user_id, template_id);
CREATE INDEX task_templates_next ON task_templates (next_run_at) WHERE next_run_at IS NOT NULL;
CREATE INDEX task_templates_waits ON task_templates (template_id) WHERE waits;

CREATE TABLE task_runs (
  run_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  template_id bigint      NOT NULL REFERENCES task_templates ON DELETE CASCADE,
  user_id     bigint      NOT NULL,
  day         timestamptz NOT NULL,
  -- The tasks of the template's nodes, in their order.
  task_ids    bigint[]    NOT NULL
);
CREATE INDEX task_runs_template ON task_runs (template_id);
CREATE INDEX task_runs_user ON task_runs (user_id);
