-- People's files. What is changed about a person's files is changed under a lock of their row here.
CREATE TABLE file_usage (
  user_id bigint PRIMARY KEY,
  bytes   bigint NOT NULL  -- That count against the quota.
);

-- Bytes that one or more files of one person consist of.
CREATE TABLE file_contents (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL,
  size    bigint NOT NULL,
  sha256  bytea,  -- NULL until all are there and checked.
  UNIQUE (user_id, sha256)
);

CREATE TABLE file_files (
  id           uuid        PRIMARY KEY,
  seq          bigint      GENERATED ALWAYS AS IDENTITY,
  user_id      bigint      NOT NULL,
  content_id   bigint      REFERENCES file_contents,  -- NULL: rejected.
  key          text        NOT NULL,                  -- Of whoever made it; the same again is the same file.
  name         text        NOT NULL,
  purpose      text        NOT NULL,
  state        text        NOT NULL,  -- uploading, checking, ready, rejected
  length       bigint      NOT NULL,
  received     bigint      NOT NULL,
  media_type   text        NOT NULL DEFAULT '',
  reason       text        NOT NULL DEFAULT '',
  verdict      text        NOT NULL DEFAULT '',  -- '', not_scanned, clean, infected
  width        integer     NOT NULL DEFAULT 0,
  height       integer     NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL,  -- When it began; from then on complete: when its last byte came.
  expires_at   timestamptz,           -- While uploading.
  check_at     timestamptz,           -- While checking: when somebody may (again).
  checks       integer     NOT NULL DEFAULT 0,
  UNIQUE (user_id, key)
);
CREATE INDEX file_files_person ON file_files (user_id, seq);
CREATE INDEX file_files_content ON file_files (content_id);
CREATE INDEX file_files_uploading ON file_files (expires_at) WHERE state = 'uploading';
CREATE INDEX file_files_checking ON file_files (check_at) WHERE state = 'checking';

-- What lies in the store, or is about to.
CREATE TABLE file_objects (
  key        text        PRIMARY KEY,
  user_id    bigint      NOT NULL,
  content_id bigint      NOT NULL REFERENCES file_contents,
  variant    text        NOT NULL,  -- '': a piece of the content itself.
  begins     bigint      NOT NULL,  -- Where in it.
  size       bigint      NOT NULL,
  sha256     bytea       NOT NULL,
  stored     boolean     NOT NULL,  -- False: nobody knows yet whether it is there.
  media_type text        NOT NULL DEFAULT '',  -- Of variants.
  width      integer     NOT NULL DEFAULT 0,
  height     integer     NOT NULL DEFAULT 0,
  made_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX file_objects_stored ON file_objects (content_id, variant, begins) WHERE stored;
CREATE INDEX file_objects_content ON file_objects (content_id);
CREATE INDEX file_objects_person ON file_objects (user_id);
CREATE INDEX file_objects_pending ON file_objects (made_at) WHERE NOT stored;

-- What has to go from the store. Names nobody.
CREATE TABLE file_doomed (
  key       text        PRIMARY KEY,
  delete_at timestamptz NOT NULL,
  -- Whether somebody may still have been writing it, so that it has to be deleted once more, later.
  again     boolean     NOT NULL
);
CREATE INDEX file_doomed_due ON file_doomed (delete_at);

-- Proofs of erasures. `person` is a keyed hash.
CREATE TABLE file_erasures (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person    text        NOT NULL,
  erased_at timestamptz NOT NULL
);
CREATE TABLE file_erased_objects (
  erasure_id bigint NOT NULL REFERENCES file_erasures ON DELETE CASCADE,
  key        text   NOT NULL,
  sha256     bytea  NOT NULL,
  PRIMARY KEY (erasure_id, key)
);

-- Secrets of this service, made at the first start.
CREATE TABLE file_secrets (
  name   text  PRIMARY KEY,
  secret bytea NOT NULL
);
