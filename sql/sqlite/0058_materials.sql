-- +goose Up
-- What a course or a download consists of: chapters to read, and files to download.
CREATE TABLE materials (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    spu_id     BIGINT NOT NULL,
    sequence   INT NOT NULL DEFAULT 0,
    kind       VARCHAR(12) NOT NULL,
    title      VARCHAR(120) NOT NULL,
    title_en   VARCHAR(200) NOT NULL DEFAULT '',
    body       TEXT NOT NULL,
    body_en    TEXT NOT NULL,
    file       VARCHAR(200) NOT NULL DEFAULT '',
    file_name  VARCHAR(120) NOT NULL DEFAULT '',
    file_size  BIGINT NOT NULL DEFAULT 0,
    is_trial   BOOLEAN NOT NULL DEFAULT 0,
    created_at DATETIME NOT NULL
);
CREATE INDEX materials_spu ON materials (spu_id, sequence, id);
