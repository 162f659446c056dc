-- +goose Up
-- When something is to be done about a promotion: its window begins or ends, or somebody has changed it. A new one is due at once.
ALTER TABLE promotions ADD COLUMN due_at DATETIME(3) NOT NULL DEFAULT '1970-01-01 00:00:00';
-- Counts the changes, so that one that comes while the one before is being applied is not passed over.
ALTER TABLE promotions ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;
CREATE INDEX promotions_due ON promotions (due_at, id);
CREATE INDEX promotions_kind ON promotions (kind, is_published, ends_at);
-- The kind of the sale that a SKU is in, and that the price on a product's card is of; empty: none.
ALTER TABLE skus ADD COLUMN sale_kind VARCHAR(12) NOT NULL DEFAULT '';
ALTER TABLE spus ADD COLUMN sale_kind VARCHAR(12) NOT NULL DEFAULT '';
CREATE INDEX skus_sale ON skus (sale_id, spu_id);
-- The pieces of flash sales that orders have taken: what promotion_skus.sold and promotion_buyers.count are the sums of.
CREATE TABLE flash_takings (
    order_id     BIGINT NOT NULL,
    sku_id       BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    count        INT NOT NULL,
    is_back      BOOLEAN NOT NULL DEFAULT 0,
    created_at   DATETIME(3) NOT NULL,
    PRIMARY KEY (order_id, sku_id)
);
