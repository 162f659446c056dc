-- +goose Up
-- How many pieces of the SKU one order may hold; 0: as many as of any other.
ALTER TABLE skus ADD COLUMN max_per_order INT NOT NULL DEFAULT 0;
