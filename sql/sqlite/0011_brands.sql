-- +goose Up
-- The products of a brand, the best-selling first.
CREATE INDEX spus_brand ON spus (brand_id, is_launched, sales, id);
