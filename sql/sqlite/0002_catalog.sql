-- +goose Up
-- What is sold: categories, channels, brands, products (SPU), their variants (SKU), and advertisements.
CREATE TABLE IF NOT EXISTS categories (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id BIGINT NOT NULL,
    level     INT NOT NULL,
    name      VARCHAR(60) NOT NULL,
    name_en   VARCHAR(120) NOT NULL DEFAULT '',
    icon      VARCHAR(200) NOT NULL DEFAULT '',
    sequence  INT NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS categories_parent ON categories (parent_id, sequence);
CREATE TABLE IF NOT EXISTS channel_groups (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     VARCHAR(60) NOT NULL,
    name_en  VARCHAR(120) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS channels (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id    BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    sequence    INT NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS brands (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         VARCHAR(60) NOT NULL,
    name_en      VARCHAR(120) NOT NULL DEFAULT '',
    first_letter CHAR(1) NOT NULL DEFAULT '',
    logo         VARCHAR(200) NOT NULL DEFAULT '',
    intro        VARCHAR(200) NOT NULL DEFAULT '',
    intro_en     VARCHAR(300) NOT NULL DEFAULT ''
);
-- min_price_fen, max_price_fen, market_fen, sales and in_stock are figures for cards, kept by a job and never by placing an order.
CREATE TABLE IF NOT EXISTS spus (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           VARCHAR(200) NOT NULL,
    name_en        VARCHAR(300) NOT NULL DEFAULT '',
    brand_id       BIGINT NOT NULL,
    category1_id   BIGINT NOT NULL,
    category2_id   BIGINT NOT NULL,
    category3_id   BIGINT NOT NULL,
    caption        VARCHAR(200) NOT NULL DEFAULT '',
    caption_en     VARCHAR(300) NOT NULL DEFAULT '',
    description    TEXT NOT NULL,
    description_en TEXT NOT NULL,
    image          VARCHAR(200) NOT NULL DEFAULT '',
    is_launched    BOOLEAN NOT NULL DEFAULT 0,
    is_virtual     BOOLEAN NOT NULL DEFAULT 0,
    min_price_fen  BIGINT NOT NULL DEFAULT 0,
    max_price_fen  BIGINT NOT NULL DEFAULT 0,
    market_fen     BIGINT NOT NULL DEFAULT 0,
    sales          BIGINT NOT NULL DEFAULT 0,
    in_stock       BOOLEAN NOT NULL DEFAULT 0,
    created_at     DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS spus_c1_new ON spus (category1_id, is_launched, created_at, id);
CREATE INDEX IF NOT EXISTS spus_c1_price ON spus (category1_id, is_launched, min_price_fen, id);
CREATE INDEX IF NOT EXISTS spus_c1_sales ON spus (category1_id, is_launched, sales, id);
CREATE INDEX IF NOT EXISTS spus_c2_new ON spus (category2_id, is_launched, created_at, id);
CREATE INDEX IF NOT EXISTS spus_c2_price ON spus (category2_id, is_launched, min_price_fen, id);
CREATE INDEX IF NOT EXISTS spus_c2_sales ON spus (category2_id, is_launched, sales, id);
CREATE INDEX IF NOT EXISTS spus_c3_new ON spus (category3_id, is_launched, created_at, id);
CREATE INDEX IF NOT EXISTS spus_c3_price ON spus (category3_id, is_launched, min_price_fen, id);
CREATE INDEX IF NOT EXISTS spus_c3_sales ON spus (category3_id, is_launched, sales, id);
CREATE INDEX IF NOT EXISTS spus_new ON spus (is_launched, created_at, id);
CREATE INDEX IF NOT EXISTS spus_sales ON spus (is_launched, sales, id);
CREATE TABLE IF NOT EXISTS skus (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    spu_id        BIGINT NOT NULL,
    name          VARCHAR(200) NOT NULL,
    name_en       VARCHAR(300) NOT NULL DEFAULT '',
    price_fen     BIGINT NOT NULL,
    cost_fen      BIGINT NOT NULL DEFAULT 0,
    market_fen    BIGINT NOT NULL DEFAULT 0,
    image         VARCHAR(200) NOT NULL DEFAULT '',
    is_launched   BOOLEAN NOT NULL DEFAULT 0,
    validity_days INT NULL,
    created_at    DATETIME NOT NULL,
    CONSTRAINT skus_price CHECK (price_fen >= 0)
);
CREATE INDEX IF NOT EXISTS skus_spu ON skus (spu_id, id);
CREATE TABLE IF NOT EXISTS sku_images (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    sku_id   BIGINT NOT NULL,
    image    VARCHAR(200) NOT NULL,
    sequence INT NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS sku_images_sku ON sku_images (sku_id, sequence);
CREATE TABLE IF NOT EXISTS specs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    spu_id   BIGINT NOT NULL,
    name     VARCHAR(40) NOT NULL,
    name_en  VARCHAR(80) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS specs_spu ON specs (spu_id, sequence);
CREATE TABLE IF NOT EXISTS spec_options (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    spec_id  BIGINT NOT NULL,
    value    VARCHAR(60) NOT NULL,
    value_en VARCHAR(120) NOT NULL DEFAULT '',
    color    VARCHAR(7) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS spec_options_spec ON spec_options (spec_id, sequence);
CREATE TABLE IF NOT EXISTS sku_specs (
    sku_id    BIGINT NOT NULL,
    spec_id   BIGINT NOT NULL,
    option_id BIGINT NOT NULL,
    PRIMARY KEY (sku_id, spec_id)
);
-- The hottest rows of the shop stand in a table of their own, and no foreign key points at them.
CREATE TABLE IF NOT EXISTS stocks (
    sku_id   BIGINT NOT NULL PRIMARY KEY,
    quantity BIGINT NOT NULL,
    sold     BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT stocks_quantity CHECK (quantity >= 0)
);
-- sum(delta) of a SKU is its stocks.quantity, always.
CREATE TABLE IF NOT EXISTS stock_ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    sku_id     BIGINT NOT NULL,
    kind       VARCHAR(16) NOT NULL,
    delta      BIGINT NOT NULL,
    order_id   BIGINT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT stock_ledger_once UNIQUE (order_id, sku_id, kind)
);
CREATE INDEX IF NOT EXISTS stock_ledger_sku ON stock_ledger (sku_id);
CREATE INDEX IF NOT EXISTS stock_ledger_time ON stock_ledger (created_at);
CREATE TABLE IF NOT EXISTS ads (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    place       VARCHAR(40) NOT NULL,
    title       VARCHAR(120) NOT NULL,
    title_en    VARCHAR(200) NOT NULL DEFAULT '',
    text        VARCHAR(200) NOT NULL DEFAULT '',
    text_en     VARCHAR(300) NOT NULL DEFAULT '',
    image       VARCHAR(200) NOT NULL DEFAULT '',
    target_type VARCHAR(16) NOT NULL DEFAULT '',
    target_id   BIGINT NOT NULL DEFAULT 0,
    sequence    INT NOT NULL DEFAULT 0,
    is_shown    BOOLEAN NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS ads_place ON ads (place, sequence);
