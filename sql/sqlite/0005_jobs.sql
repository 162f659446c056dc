-- +goose Up
-- Work to be done behind the pages, and who changed what.
CREATE TABLE IF NOT EXISTS jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        VARCHAR(32) NOT NULL,
    job_key     VARCHAR(80) NOT NULL,
    payload     TEXT NOT NULL,
    status      SMALLINT NOT NULL,
    run_at      DATETIME NOT NULL,
    attempts    INT NOT NULL DEFAULT 0,
    lease_token VARCHAR(32) NOT NULL DEFAULT '',
    last_error  VARCHAR(500) NOT NULL DEFAULT '',
    created_at  DATETIME NOT NULL,
    CONSTRAINT jobs_key UNIQUE (kind, job_key)
);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (status, run_at);
CREATE TABLE IF NOT EXISTS audit_log (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    actor_id   BIGINT NOT NULL,
    action     VARCHAR(40) NOT NULL,
    subject    VARCHAR(80) NOT NULL,
    detail     VARCHAR(500) NOT NULL DEFAULT '',
    created_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_log_time ON audit_log (created_at, id);
