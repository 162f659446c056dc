-- +goose Up
-- Credits of shoppers: balance is the sum of the amounts of their entries, entries is how many there are. Orders that were received
-- before there were credits have earned none, and earn none later.
CREATE TABLE credits (
    user_id BIGINT NOT NULL PRIMARY KEY,
    balance BIGINT NOT NULL DEFAULT 0,
    entries BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT credits_balance CHECK (balance >= 0)
);
-- What made a balance: append only, numbered from 1 for each user, so that each page of them is found by index. balance is what there
-- was after it. Each thing happens once: to an order under a ref of its own, by the merchant's hand under the token of the form.
CREATE TABLE credit_entries (
    user_id    BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    kind       VARCHAR(12) NOT NULL,
    amount     BIGINT NOT NULL,
    balance    BIGINT NOT NULL,
    order_id   BIGINT NOT NULL DEFAULT 0,
    ref        VARCHAR(32) NOT NULL DEFAULT '',
    reason     VARCHAR(100) NOT NULL DEFAULT '',
    actor_id   BIGINT NOT NULL DEFAULT 0,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (user_id, number),
    CONSTRAINT credit_entries_once UNIQUE (user_id, kind, order_id, ref),
    CONSTRAINT credit_entries_balance CHECK (balance >= 0)
);
