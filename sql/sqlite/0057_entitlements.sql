-- +goose Up
-- What people may use of courses and downloads: one row for each line of an order that was paid, and for each gift. It is the record of
-- the purchase: by which order and which payment, when, and until when. expires_at NULL: for ever; ended_at NULL: not taken back.
-- The first entitlement that a person gets to a product begins at once, and each further one where the one before it ends.
CREATE TABLE entitlements (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT NOT NULL,
    spu_id     BIGINT NOT NULL,
    sku_id     BIGINT NOT NULL,
    order_id   BIGINT NULL,
    line       INT NULL,
    order_no   VARCHAR(20) NOT NULL DEFAULT '',
    trade_no   VARCHAR(64) NULL,
    how        SMALLINT NOT NULL,
    reason     VARCHAR(200) NOT NULL DEFAULT '',
    days       INT NOT NULL,
    bought_at  DATETIME NOT NULL,
    starts_at  DATETIME NOT NULL,
    expires_at DATETIME NULL,
    ended_at   DATETIME NULL,
    held       BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT entitlements_once UNIQUE (order_id, line)
);
CREATE INDEX entitlements_user ON entitlements (user_id, spu_id);
-- What all entitlements of one person to one product come to: how many of them were not taken back, and until when they last. Whoever
-- changes one of them writes this row first, so that two who do so at once come one after the other.
CREATE TABLE learners (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT NOT NULL,
    spu_id     BIGINT NOT NULL,
    valid      INT NOT NULL,
    expires_at DATETIME NULL,
    joined_at  DATETIME NOT NULL,
    bought_at  DATETIME NOT NULL,
    held       BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT learners_once UNIQUE (user_id, spu_id),
    CONSTRAINT learners_valid CHECK (valid >= 0)
);
CREATE INDEX learners_user ON learners (user_id, bought_at, id);
CREATE INDEX learners_spu ON learners (spu_id, joined_at, id);
-- How many people have joined a course: those with a valid entitlement, expired or not, on top of those from before the shop counted
-- (earlier). A table of its own, since these rows are as hot as stocks.
CREATE TABLE course_counts (
    spu_id   BIGINT NOT NULL PRIMARY KEY,
    students BIGINT NOT NULL,
    earlier  BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT course_counts_students CHECK (students >= 0)
);
-- A line of an order is a copy of what was bought, also of how long it is valid (0: for ever).
ALTER TABLE order_items ADD COLUMN is_virtual BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE order_items ADD COLUMN validity_days INT NOT NULL DEFAULT 0;
