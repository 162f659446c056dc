-- +goose Up
-- What lists of orders are found by: time alone, the trade number, the receiver's mobile, and a product, whose index wants
-- the order's time beside it. Publishers see the orders of their own products.
ALTER TABLE orders ADD COLUMN trade_no VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE order_items ADD COLUMN created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3);
ALTER TABLE spus ADD COLUMN publisher_id BIGINT NOT NULL DEFAULT 0;
UPDATE orders o SET trade_no = (SELECT p.trade_no FROM payments p WHERE p.order_id = o.id AND p.trade_no IS NOT NULL ORDER BY p.id LIMIT 1)
    WHERE trade_no IS NULL AND paid_at IS NOT NULL;
UPDATE order_items i JOIN orders o ON o.id = i.order_id SET i.created_at = o.created_at;
CREATE INDEX orders_created ON orders (created_at, id);
CREATE INDEX orders_trade ON orders (trade_no);
CREATE INDEX orders_mobile ON orders (mobile, created_at, id);
CREATE INDEX order_items_spu ON order_items (spu_id, created_at, order_id);
