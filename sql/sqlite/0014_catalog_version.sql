-- +goose Up
-- One row, whose version moves with each change of what everybody sees of the catalogue, so that every node knows when
-- what it keeps of a page is old.
CREATE TABLE IF NOT EXISTS catalog_version (
    id      INT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT OR IGNORE INTO catalog_version (id, version) VALUES (1, 1);
