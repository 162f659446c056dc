-- +goose Up
-- The forms with which goods were booked in: each once, however often it is sent.
CREATE TABLE IF NOT EXISTS stock_deliveries (
    token      VARCHAR(32) NOT NULL PRIMARY KEY,
    created_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS stock_deliveries_time ON stock_deliveries (created_at);
