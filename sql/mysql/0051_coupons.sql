-- +goose Up
-- A coupon as the merchant issues it: so much off (percent 0), or what is still paid (percent above 0, at most cap_fen off unless that is
-- 0), from threshold_fen of its goods on. It can be claimed from starts_at until ends_at, in the centre (is_public), by its code, or by
-- nobody: then the merchant gives it. What somebody has claimed is good until ends_at, or for valid_days. total 0 is any number.
-- claimed, used and saved_fen are the sums over user_coupons.
CREATE TABLE coupons (
    id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    version        BIGINT NOT NULL DEFAULT 1,
    name           VARCHAR(60) NOT NULL,
    name_en        VARCHAR(120) NOT NULL DEFAULT '',
    off_fen        BIGINT NOT NULL DEFAULT 0,
    percent        INT NOT NULL DEFAULT 0,
    cap_fen        BIGINT NOT NULL DEFAULT 0,
    threshold_fen  BIGINT NOT NULL DEFAULT 0,
    scope          VARCHAR(12) NOT NULL,
    code           VARCHAR(32) NULL,
    total          INT NOT NULL DEFAULT 0,
    claimed        INT NOT NULL DEFAULT 0,
    per_person     INT NOT NULL DEFAULT 1,
    starts_at      DATETIME(3) NOT NULL,
    ends_at        DATETIME(3) NOT NULL,
    valid_days     INT NOT NULL DEFAULT 0,
    description    VARCHAR(200) NOT NULL DEFAULT '',
    description_en VARCHAR(300) NOT NULL DEFAULT '',
    is_public      BOOLEAN NOT NULL DEFAULT 0,
    is_published   BOOLEAN NOT NULL DEFAULT 0,
    used           INT NOT NULL DEFAULT 0,
    saved_fen      BIGINT NOT NULL DEFAULT 0,
    created_at     DATETIME(3) NOT NULL,
    CONSTRAINT coupons_percent CHECK (percent >= 0 AND percent < 100),
    CONSTRAINT coupons_claimed CHECK (claimed >= 0 AND (total = 0 OR claimed <= total))
);
CREATE UNIQUE INDEX coupons_code ON coupons (code);
CREATE INDEX coupons_centre ON coupons (is_published, is_public, ends_at, id);
-- What a coupon is for, unless it is for all: ids of categories, brands, products or SKUs.
CREATE TABLE coupon_targets (
    coupon_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    PRIMARY KEY (coupon_id, target_id)
);
-- A coupon that a user holds, the nth one of its kind. It is free (order_id 0) or on an order, off which it took saved_fen. It
-- keeps its own time, whatever becomes of the coupon's.
CREATE TABLE user_coupons (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    coupon_id  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    nth        INT NOT NULL,
    how        VARCHAR(12) NOT NULL,
    claimed_at DATETIME(3) NOT NULL,
    starts_at  DATETIME(3) NOT NULL,
    ends_at    DATETIME(3) NOT NULL,
    order_id   BIGINT NOT NULL DEFAULT 0,
    used_at    DATETIME(3) NULL,
    saved_fen  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX user_coupons_nth ON user_coupons (coupon_id, user_id, nth);
CREATE INDEX user_coupons_free ON user_coupons (user_id, order_id, ends_at, id);
CREATE INDEX user_coupons_used ON user_coupons (user_id, used_at, id);
CREATE INDEX user_coupons_order ON user_coupons (order_id);
