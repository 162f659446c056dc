-- +goose Up
-- Money owed back is looked for by its order, on each page of an order and each time that one asks whether it is paid.
CREATE INDEX refunds_order ON refunds (order_id);
-- An order comes into these once it has a trade number, is shipped or is received; until then it costs nothing there.
DROP INDEX orders_trade;
CREATE INDEX orders_trade ON orders (trade_no) WHERE trade_no IS NOT NULL;
DROP INDEX orders_receipt_due;
CREATE INDEX orders_receipt_due ON orders (status, receipt_due) WHERE receipt_due IS NOT NULL;
DROP INDEX orders_review_due;
CREATE INDEX orders_review_due ON orders (status, review_due) WHERE review_due IS NOT NULL;
