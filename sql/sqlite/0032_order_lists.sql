-- +goose Up
-- What lists of orders are found by: time alone, the trade number, the receiver's mobile, and a product, whose index wants
-- the order's time beside it. Publishers see the orders of their own products.
ALTER TABLE orders ADD COLUMN trade_no VARCHAR(64) NULL;
ALTER TABLE order_items ADD COLUMN created_at DATETIME NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';
ALTER TABLE spus ADD COLUMN publisher_id BIGINT NOT NULL DEFAULT 0;
UPDATE orders SET trade_no = (SELECT p.trade_no FROM payments p WHERE p.order_id = orders.id AND p.trade_no IS NOT NULL ORDER BY p.id LIMIT 1)
    WHERE trade_no IS NULL AND paid_at IS NOT NULL;
UPDATE order_items SET created_at = (SELECT o.created_at FROM orders o WHERE o.id = order_items.order_id);
CREATE INDEX orders_created ON orders (created_at, id);
CREATE INDEX orders_trade ON orders (trade_no);
CREATE INDEX orders_mobile ON orders (mobile, created_at, id);
CREATE INDEX order_items_spu ON order_items (spu_id, created_at, order_id);
