-- +goose Up
-- Whether the shopper asked to stay logged in; otherwise a session ends with the browser.
ALTER TABLE sessions ADD COLUMN remember TINYINT(1) NOT NULL DEFAULT 0;
