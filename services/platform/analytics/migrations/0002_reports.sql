-- Reports that people defined.
CREATE TABLE analytics_reports (
  report_id   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     bigint      NOT NULL,
  settings    bytea       NOT NULL,  -- An encoded selfology.analytics.v1.Report.
  next_run_at timestamptz            -- NULL: never by itself.
);
CREATE INDEX analytics_reports_user ON analytics_reports (user_id, report_id);
CREATE INDEX analytics_reports_due ON analytics_reports (next_run_at)
  WHERE next_run_at IS NOT NULL;

-- Runs of them. Numbers are written down before the first call to the file service, so that another
-- try stores the same bytes.
CREATE TABLE analytics_report_runs (
  run_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report_id   bigint      NOT NULL REFERENCES analytics_reports ON DELETE CASCADE,
  user_id     bigint      NOT NULL,
  key         text        NOT NULL,  -- Why it was begun: each reason makes one run.
  due_at      timestamptz NOT NULL,
  state       bigint      NOT NULL,  -- selfology.analytics.v1.ReportRunState.
  attempts    bigint      NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL,
  content     bytea,                 -- An encoded ReportContent, until it is in the files.
  files       bytea,                 -- An encoded ReportRun that has the files alone.
  reason      text        NOT NULL DEFAULT '',
  finished_at timestamptz,
  UNIQUE (report_id, key)
);
CREATE INDEX analytics_report_runs_waiting ON analytics_report_runs (next_try_at) WHERE state = 1;
CREATE INDEX analytics_report_runs_user ON analytics_report_runs (user_id);
