-- +goose Up
-- From the cart to the received parcel.
-- owner is u:<user id> or v:<random token of a visitor's session>.
CREATE TABLE IF NOT EXISTS cart_lines (
    owner      VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    sku_id     BIGINT NOT NULL,
    count      INT NOT NULL,
    selected   TINYINT(1) NOT NULL DEFAULT 1,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (owner, sku_id),
    CONSTRAINT cart_lines_count CHECK (count > 0),
    INDEX cart_lines_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS orders (
    id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_no       CHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id        BIGINT NOT NULL,
    status         SMALLINT NOT NULL,
    cancel_reason  VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    checkout_token VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    digest         CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    goods_fen      BIGINT NOT NULL,
    freight_fen    BIGINT NOT NULL,
    discount_fen   BIGINT NOT NULL DEFAULT 0,
    payable_fen    BIGINT NOT NULL,
    item_count     INT NOT NULL,
    pay_method     VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    receiver       VARCHAR(40) NOT NULL,
    mobile         VARCHAR(11) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    area           VARCHAR(200) NOT NULL,
    place          VARCHAR(120) NOT NULL,
    address_title  VARCHAR(20) NOT NULL DEFAULT '',
    postal_code    VARCHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    note           VARCHAR(200) NOT NULL DEFAULT '',
    created_at     DATETIME(3) NOT NULL,
    pay_deadline   DATETIME(3) NOT NULL,
    paid_at        DATETIME(3) NULL,
    shipped_at     DATETIME(3) NULL,
    receipt_due    DATETIME(3) NULL,
    received_at    DATETIME(3) NULL,
    review_due     DATETIME(3) NULL,
    ended_at       DATETIME(3) NULL,
    reminded_at    DATETIME(3) NULL,
    CONSTRAINT orders_no UNIQUE (order_no),
    CONSTRAINT orders_token UNIQUE (user_id, checkout_token),
    INDEX orders_user (user_id, created_at, id),
    INDEX orders_user_status (user_id, status, created_at, id),
    INDEX orders_status (status, created_at, id),
    INDEX orders_pay_due (status, pay_deadline),
    INDEX orders_receipt_due (status, receipt_due),
    INDEX orders_review_due (status, review_due)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS order_items (
    order_id    BIGINT NOT NULL,
    line        INT NOT NULL,
    sku_id      BIGINT NOT NULL,
    spu_id      BIGINT NOT NULL,
    name        VARCHAR(200) NOT NULL,
    name_en     VARCHAR(300) NOT NULL DEFAULT '',
    spec        VARCHAR(200) NOT NULL DEFAULT '',
    spec_en     VARCHAR(300) NOT NULL DEFAULT '',
    image       VARCHAR(200) NOT NULL DEFAULT '',
    unit_fen    BIGINT NOT NULL,
    count       INT NOT NULL,
    payable_fen BIGINT NOT NULL,
    PRIMARY KEY (order_id, line),
    CONSTRAINT order_items_count CHECK (count > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- The timeline of an order: append only.
CREATE TABLE IF NOT EXISTS order_events (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id    BIGINT NOT NULL,
    kind        VARCHAR(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    from_status SMALLINT NOT NULL,
    to_status   SMALLINT NOT NULL,
    actor       VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    actor_id    BIGINT NOT NULL DEFAULT 0,
    detail      VARCHAR(300) NOT NULL DEFAULT '',
    created_at  DATETIME(3) NOT NULL,
    INDEX order_events_order (order_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS shipments (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id    BIGINT NOT NULL,
    carrier     VARCHAR(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    tracking_no VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    created_at  DATETIME(3) NOT NULL,
    CONSTRAINT shipments_once UNIQUE (order_id, carrier, tracking_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
