-- +goose Up
-- Work to be done behind the pages, and who changed what.
CREATE TABLE IF NOT EXISTS jobs (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind        VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    job_key     VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    payload     MEDIUMTEXT NOT NULL,
    status      SMALLINT NOT NULL,
    run_at      DATETIME(3) NOT NULL,
    attempts    INT NOT NULL DEFAULT 0,
    lease_token VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    last_error  VARCHAR(500) NOT NULL DEFAULT '',
    created_at  DATETIME(3) NOT NULL,
    CONSTRAINT jobs_key UNIQUE (kind, job_key),
    INDEX jobs_due (status, run_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS audit_log (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    actor_id   BIGINT NOT NULL,
    action     VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    subject    VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    detail     VARCHAR(500) NOT NULL DEFAULT '',
    created_at DATETIME(3) NOT NULL,
    INDEX audit_log_time (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
