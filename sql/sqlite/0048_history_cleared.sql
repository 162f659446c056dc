-- +goose Up
-- When the user last cleared the browsing history: another node may still hold views from before, which are not written any more.
ALTER TABLE users ADD COLUMN history_cleared_at DATETIME NULL;
