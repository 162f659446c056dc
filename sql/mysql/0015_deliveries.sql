-- +goose Up
-- The forms with which goods were booked in: each once, however often it is sent.
CREATE TABLE IF NOT EXISTS stock_deliveries (
    token      VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    created_at DATETIME(3) NOT NULL,
    KEY stock_deliveries_time (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
