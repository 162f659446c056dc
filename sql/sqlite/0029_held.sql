-- +goose Up
-- What rests on a row that it does not write otherwise counts this up, so that others who change the row wait or begin again (db.Tx.Hold).
ALTER TABLE users ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE categories ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE brands ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE spus ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
