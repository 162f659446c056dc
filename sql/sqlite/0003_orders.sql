-- +goose Up
-- From the cart to the received parcel.
-- owner is u:<user id> or v:<random token of a visitor's session>.
CREATE TABLE IF NOT EXISTS cart_lines (
    owner      VARCHAR(40) NOT NULL,
    sku_id     BIGINT NOT NULL,
    count      INT NOT NULL,
    selected   BOOLEAN NOT NULL DEFAULT 1,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (owner, sku_id),
    CONSTRAINT cart_lines_count CHECK (count > 0)
);
CREATE INDEX IF NOT EXISTS cart_lines_created ON cart_lines (created_at);
CREATE TABLE IF NOT EXISTS orders (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    order_no       CHAR(20) NOT NULL,
    user_id        BIGINT NOT NULL,
    status         SMALLINT NOT NULL,
    cancel_reason  VARCHAR(16) NOT NULL DEFAULT '',
    checkout_token VARCHAR(64) NOT NULL,
    digest         CHAR(64) NOT NULL,
    goods_fen      BIGINT NOT NULL,
    freight_fen    BIGINT NOT NULL,
    discount_fen   BIGINT NOT NULL DEFAULT 0,
    payable_fen    BIGINT NOT NULL,
    item_count     INT NOT NULL,
    pay_method     VARCHAR(16) NOT NULL,
    receiver       VARCHAR(40) NOT NULL,
    mobile         VARCHAR(11) NOT NULL,
    area           VARCHAR(200) NOT NULL,
    place          VARCHAR(120) NOT NULL,
    address_title  VARCHAR(20) NOT NULL DEFAULT '',
    postal_code    VARCHAR(6) NOT NULL DEFAULT '',
    note           VARCHAR(200) NOT NULL DEFAULT '',
    created_at     DATETIME NOT NULL,
    pay_deadline   DATETIME NOT NULL,
    paid_at        DATETIME NULL,
    shipped_at     DATETIME NULL,
    receipt_due    DATETIME NULL,
    received_at    DATETIME NULL,
    review_due     DATETIME NULL,
    ended_at       DATETIME NULL,
    reminded_at    DATETIME NULL,
    CONSTRAINT orders_no UNIQUE (order_no),
    CONSTRAINT orders_token UNIQUE (user_id, checkout_token)
);
CREATE INDEX IF NOT EXISTS orders_user ON orders (user_id, created_at, id);
CREATE INDEX IF NOT EXISTS orders_user_status ON orders (user_id, status, created_at, id);
CREATE INDEX IF NOT EXISTS orders_status ON orders (status, created_at, id);
CREATE INDEX IF NOT EXISTS orders_pay_due ON orders (status, pay_deadline);
CREATE INDEX IF NOT EXISTS orders_receipt_due ON orders (status, receipt_due);
CREATE INDEX IF NOT EXISTS orders_review_due ON orders (status, review_due);
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
);
-- The timeline of an order: append only.
CREATE TABLE IF NOT EXISTS order_events (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id    BIGINT NOT NULL,
    kind        VARCHAR(24) NOT NULL,
    from_status SMALLINT NOT NULL,
    to_status   SMALLINT NOT NULL,
    actor       VARCHAR(16) NOT NULL,
    actor_id    BIGINT NOT NULL DEFAULT 0,
    detail      VARCHAR(300) NOT NULL DEFAULT '',
    created_at  DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS order_events_order ON order_events (order_id, id);
CREATE TABLE IF NOT EXISTS shipments (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id    BIGINT NOT NULL,
    carrier     VARCHAR(24) NOT NULL,
    tracking_no VARCHAR(40) NOT NULL,
    created_at  DATETIME NOT NULL,
    CONSTRAINT shipments_once UNIQUE (order_id, carrier, tracking_no)
);
