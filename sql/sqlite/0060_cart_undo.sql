-- +goose Up
-- What a piece cost when the line was added; 0: a line from before this was kept.
ALTER TABLE cart_lines ADD COLUMN added_fen BIGINT NOT NULL DEFAULT 0;
-- What was done to a cart last and can still be undone: a merge at login, and any other change. changes is JSON: of each line how it
-- was before and after.
CREATE TABLE cart_undos (
    owner      VARCHAR(40) NOT NULL,
    kind       VARCHAR(8) NOT NULL,
    token      VARCHAR(32) NOT NULL,
    changes    TEXT NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (owner, kind)
);
CREATE INDEX cart_undos_expires ON cart_undos (expires_at);
