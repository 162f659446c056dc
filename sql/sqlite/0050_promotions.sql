-- +goose Up
-- What the merchant takes off prices. A promotion of kind price or flash gives SKUs another price while it is open: then the rows of
-- skus name it (sale_id) and bear the price (sale_fen), so that whoever reads a SKU reads the one price of the moment. One of kind
-- reduction (满减) or percent takes something off a basket while its window lasts.
CREATE TABLE promotions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         VARCHAR(12) NOT NULL,
    name         VARCHAR(60) NOT NULL,
    name_en      VARCHAR(120) NOT NULL DEFAULT '',
    scope        VARCHAR(12) NOT NULL,
    percent      INT NOT NULL DEFAULT 100,
    per_person   INT NOT NULL DEFAULT 0,
    priority     INT NOT NULL DEFAULT 0,
    starts_at    DATETIME NOT NULL,
    ends_at      DATETIME NOT NULL,
    is_published BOOLEAN NOT NULL DEFAULT 0,
    is_open      BOOLEAN NOT NULL DEFAULT 0,
    created_at   DATETIME NOT NULL,
    CONSTRAINT promotions_percent CHECK (percent >= 0 AND percent <= 100)
);
CREATE INDEX promotions_window ON promotions (is_published, ends_at, id);
-- What a promotion is about, unless it is about all: ids of categories, brands, products or SKUs.
CREATE TABLE promotion_targets (
    promotion_id BIGINT NOT NULL,
    target_id    BIGINT NOT NULL,
    PRIMARY KEY (promotion_id, target_id)
);
CREATE INDEX promotion_targets_target ON promotion_targets (target_id, promotion_id);
-- 满 from_fen 减 off_fen.
CREATE TABLE promotion_steps (
    promotion_id BIGINT NOT NULL,
    from_fen     BIGINT NOT NULL,
    off_fen      BIGINT NOT NULL,
    PRIMARY KEY (promotion_id, from_fen)
);
-- A SKU's own price in a promotion of kind price or flash. Of a flash sale quantity pieces are left, sold are gone; they are a part of
-- the stock, not beside it.
CREATE TABLE promotion_skus (
    promotion_id BIGINT NOT NULL,
    sku_id       BIGINT NOT NULL,
    price_fen    BIGINT NOT NULL,
    quantity     INT NOT NULL DEFAULT 0,
    sold         INT NOT NULL DEFAULT 0,
    PRIMARY KEY (promotion_id, sku_id),
    CONSTRAINT promotion_skus_quantity CHECK (quantity >= 0 AND sold >= 0)
);
CREATE INDEX promotion_skus_sku ON promotion_skus (sku_id, promotion_id);
-- How many pieces a person has taken of a flash sale's SKU.
CREATE TABLE promotion_buyers (
    promotion_id BIGINT NOT NULL,
    sku_id       BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    count        INT NOT NULL,
    PRIMARY KEY (promotion_id, sku_id, user_id),
    CONSTRAINT promotion_buyers_count CHECK (count >= 0)
);
-- One row: its number grows with each change of a promotion, so that what is kept of them in memory is known to hold.
CREATE TABLE promotion_version (
    id      INT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO promotion_version (id, version) VALUES (1, 1);
ALTER TABLE skus ADD COLUMN sale_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN sale_fen BIGINT NOT NULL DEFAULT 0;
