-- +goose Up
-- Why each line of an order costs what it costs, as it was when it was placed: what each promotion, the coupon and the credits took off
-- it, in the order in which they were applied. Orders from before have no such rows.
CREATE TABLE order_shares (
    order_id   BIGINT NOT NULL,
    line       INT NOT NULL,
    seq        INT NOT NULL,
    kind       VARCHAR(12) NOT NULL,
    ref_id     BIGINT NOT NULL DEFAULT 0,
    name       VARCHAR(60) NOT NULL,
    name_en    VARCHAR(120) NOT NULL DEFAULT '',
    amount_fen BIGINT NOT NULL,
    PRIMARY KEY (order_id, line, seq),
    CONSTRAINT order_shares_amount CHECK (amount_fen > 0)
);
-- Of a line in a sale: the price of one piece there, and how many pieces had it. freight_fen is the line's share of the freight.
ALTER TABLE order_items ADD COLUMN sale_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE order_items ADD COLUMN sale_count INT NOT NULL DEFAULT 0;
ALTER TABLE order_items ADD COLUMN freight_fen BIGINT NOT NULL DEFAULT 0;
-- The claimed coupon that the order was placed with (0: none), and the credits that it was paid with.
ALTER TABLE orders ADD COLUMN user_coupon_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN credits BIGINT NOT NULL DEFAULT 0;
