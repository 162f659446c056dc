-- +goose Up
-- A deleted account keeps its row, stripped of the person, since orders point at it.
ALTER TABLE users ADD COLUMN deleted_at DATETIME NULL;
