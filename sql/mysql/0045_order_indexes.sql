-- +goose Up
-- Money owed back is looked for by its order, on each page of an order and each time that one asks whether it is paid.
CREATE INDEX refunds_order ON refunds (order_id);
