-- +goose Up
-- An order can give a SKU back in several parts, each under a ref of its own, such as its after-sales. A ref is used once.
-- SQLite cannot drop the constraint that was: the table is made anew.
CREATE TABLE stock_ledger_anew (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    sku_id     BIGINT NOT NULL,
    kind       VARCHAR(16) NOT NULL,
    delta      BIGINT NOT NULL,
    order_id   BIGINT NULL,
    created_at DATETIME NOT NULL,
    ref        VARCHAR(32) NOT NULL DEFAULT ''
);
INSERT INTO stock_ledger_anew (id, sku_id, kind, delta, order_id, created_at)
    SELECT id, sku_id, kind, delta, order_id, created_at FROM stock_ledger;
DROP TABLE stock_ledger;
ALTER TABLE stock_ledger_anew RENAME TO stock_ledger;
CREATE UNIQUE INDEX stock_ledger_entry ON stock_ledger (order_id, sku_id, kind, ref);
CREATE INDEX stock_ledger_sku ON stock_ledger (sku_id);
CREATE INDEX stock_ledger_time ON stock_ledger (created_at);
