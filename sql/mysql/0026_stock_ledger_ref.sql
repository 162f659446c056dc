-- +goose Up
-- An order can give a SKU back in several parts, each under a ref of its own, such as its after-sales. A ref is used once.
ALTER TABLE stock_ledger ADD COLUMN ref VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '';
CREATE UNIQUE INDEX stock_ledger_entry ON stock_ledger (order_id, sku_id, kind, ref);
ALTER TABLE stock_ledger DROP INDEX stock_ledger_once;
