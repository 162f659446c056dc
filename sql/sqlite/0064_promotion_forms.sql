-- +goose Up
-- Of two merchants who change a promotion at once the second is told: version counts its changes.
ALTER TABLE promotions ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
-- The goods of a brand in each order of a list.
CREATE INDEX spus_brand_new ON spus (brand_id, is_launched, created_at, id);
CREATE INDEX spus_brand_price ON spus (brand_id, is_launched, min_price_fen, id);
