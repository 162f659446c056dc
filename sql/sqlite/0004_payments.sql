-- +goose Up
-- One row of payments is one attempt to pay an order. open_key is '<order id>:<method>' while the attempt may be
-- paid and NULL afterwards, so that an order has one payable link at most.
CREATE TABLE IF NOT EXISTS payments (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id      BIGINT NOT NULL,
    order_no      CHAR(20) NOT NULL,
    user_id       BIGINT NOT NULL,
    method        VARCHAR(16) NOT NULL,
    out_trade_no  VARCHAR(32) NOT NULL,
    open_key      VARCHAR(60) NULL,
    amount_fen    BIGINT NOT NULL,
    status        SMALLINT NOT NULL,
    trade_no      VARCHAR(64) NULL,
    paid_source   VARCHAR(16) NOT NULL DEFAULT '',
    created_at    DATETIME NOT NULL,
    expires_at    DATETIME NOT NULL,
    next_query_at DATETIME NULL,
    queried_at    DATETIME NULL,
    queries       INT NOT NULL DEFAULT 0,
    paid_at       DATETIME NULL,
    closed_at     DATETIME NULL,
    CONSTRAINT payments_out_trade_no UNIQUE (out_trade_no),
    CONSTRAINT payments_open UNIQUE (open_key),
    CONSTRAINT payments_trade_no UNIQUE (method, trade_no)
);
CREATE INDEX IF NOT EXISTS payments_order ON payments (order_id, id);
CREATE INDEX IF NOT EXISTS payments_query_due ON payments (next_query_at);
-- What a gateway told us, kept as evidence. The digest makes each distinct message one row.
CREATE TABLE IF NOT EXISTS notices (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    method       VARCHAR(16) NOT NULL,
    source       VARCHAR(16) NOT NULL,
    digest       CHAR(64) NOT NULL,
    verified     BOOLEAN NOT NULL,
    out_trade_no VARCHAR(64) NOT NULL DEFAULT '',
    outcome      VARCHAR(24) NOT NULL,
    body         TEXT NOT NULL,
    created_at   DATETIME NOT NULL,
    CONSTRAINT notices_digest UNIQUE (digest)
);
CREATE INDEX IF NOT EXISTS notices_out_trade_no ON notices (out_trade_no);
-- Money that the shop has but may not keep: late, double or wrong payments.
CREATE TABLE IF NOT EXISTS refunds (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    payment_id     BIGINT NOT NULL,
    order_id       BIGINT NOT NULL,
    order_no       CHAR(20) NOT NULL,
    out_request_no VARCHAR(64) NOT NULL,
    amount_fen     BIGINT NOT NULL,
    reason         VARCHAR(16) NOT NULL,
    status         SMALLINT NOT NULL,
    created_at     DATETIME NOT NULL,
    CONSTRAINT refunds_request UNIQUE (out_request_no)
);
CREATE INDEX IF NOT EXISTS refunds_status ON refunds (status, created_at);
