-- +goose Up
-- One row of payments is one attempt to pay an order. open_key is '<order id>:<method>' while the attempt may be
-- paid and NULL afterwards, so that an order has one payable link at most.
CREATE TABLE IF NOT EXISTS payments (
    id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id      BIGINT NOT NULL,
    order_no      CHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id       BIGINT NOT NULL,
    method        VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    out_trade_no  VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    open_key      VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    amount_fen    BIGINT NOT NULL,
    status        SMALLINT NOT NULL,
    trade_no      VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    paid_source   VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    created_at    DATETIME(3) NOT NULL,
    expires_at    DATETIME(3) NOT NULL,
    next_query_at DATETIME(3) NULL,
    queried_at    DATETIME(3) NULL,
    queries       INT NOT NULL DEFAULT 0,
    paid_at       DATETIME(3) NULL,
    closed_at     DATETIME(3) NULL,
    CONSTRAINT payments_out_trade_no UNIQUE (out_trade_no),
    CONSTRAINT payments_open UNIQUE (open_key),
    CONSTRAINT payments_trade_no UNIQUE (method, trade_no),
    INDEX payments_order (order_id, id),
    INDEX payments_query_due (next_query_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- What a gateway told us, kept as evidence. The digest makes each distinct message one row.
CREATE TABLE IF NOT EXISTS notices (
    id           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    method       VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    source       VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    digest       CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    verified     TINYINT(1) NOT NULL,
    out_trade_no VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    outcome      VARCHAR(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    body         MEDIUMTEXT NOT NULL,
    created_at   DATETIME(3) NOT NULL,
    CONSTRAINT notices_digest UNIQUE (digest),
    INDEX notices_out_trade_no (out_trade_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- Money that the shop has but may not keep: late, double or wrong payments.
CREATE TABLE IF NOT EXISTS refunds (
    id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    payment_id     BIGINT NOT NULL,
    order_id       BIGINT NOT NULL,
    order_no       CHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    out_request_no VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    amount_fen     BIGINT NOT NULL,
    reason         VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    status         SMALLINT NOT NULL,
    created_at     DATETIME(3) NOT NULL,
    CONSTRAINT refunds_request UNIQUE (out_request_no),
    INDEX refunds_status (status, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
