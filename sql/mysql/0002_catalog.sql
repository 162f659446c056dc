-- +goose Up
-- What is sold: categories, channels, brands, products (SPU), their variants (SKU), and advertisements.
CREATE TABLE IF NOT EXISTS categories (
    id        BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    parent_id BIGINT NOT NULL,
    level     INT NOT NULL,
    name      VARCHAR(60) NOT NULL,
    name_en   VARCHAR(120) NOT NULL DEFAULT '',
    icon      VARCHAR(200) NOT NULL DEFAULT '',
    sequence  INT NOT NULL DEFAULT 0,
    INDEX categories_parent (parent_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS channel_groups (
    id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name     VARCHAR(60) NOT NULL,
    name_en  VARCHAR(120) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS channels (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    group_id    BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    sequence    INT NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS brands (
    id           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name         VARCHAR(60) NOT NULL,
    name_en      VARCHAR(120) NOT NULL DEFAULT '',
    first_letter CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    logo         VARCHAR(200) NOT NULL DEFAULT '',
    intro        VARCHAR(200) NOT NULL DEFAULT '',
    intro_en     VARCHAR(300) NOT NULL DEFAULT ''
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- min_price_fen, max_price_fen, market_fen, sales and in_stock are figures for cards, kept by a job and never by placing an order.
CREATE TABLE IF NOT EXISTS spus (
    id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name           VARCHAR(200) NOT NULL,
    name_en        VARCHAR(300) NOT NULL DEFAULT '',
    brand_id       BIGINT NOT NULL,
    category1_id   BIGINT NOT NULL,
    category2_id   BIGINT NOT NULL,
    category3_id   BIGINT NOT NULL,
    caption        VARCHAR(200) NOT NULL DEFAULT '',
    caption_en     VARCHAR(300) NOT NULL DEFAULT '',
    description    MEDIUMTEXT NOT NULL,
    description_en MEDIUMTEXT NOT NULL,
    image          VARCHAR(200) NOT NULL DEFAULT '',
    is_launched    TINYINT(1) NOT NULL DEFAULT 0,
    is_virtual     TINYINT(1) NOT NULL DEFAULT 0,
    min_price_fen  BIGINT NOT NULL DEFAULT 0,
    max_price_fen  BIGINT NOT NULL DEFAULT 0,
    market_fen     BIGINT NOT NULL DEFAULT 0,
    sales          BIGINT NOT NULL DEFAULT 0,
    in_stock       TINYINT(1) NOT NULL DEFAULT 0,
    created_at     DATETIME(3) NOT NULL,
    INDEX spus_c1_new (category1_id, is_launched, created_at, id),
    INDEX spus_c1_price (category1_id, is_launched, min_price_fen, id),
    INDEX spus_c1_sales (category1_id, is_launched, sales, id),
    INDEX spus_c2_new (category2_id, is_launched, created_at, id),
    INDEX spus_c2_price (category2_id, is_launched, min_price_fen, id),
    INDEX spus_c2_sales (category2_id, is_launched, sales, id),
    INDEX spus_c3_new (category3_id, is_launched, created_at, id),
    INDEX spus_c3_price (category3_id, is_launched, min_price_fen, id),
    INDEX spus_c3_sales (category3_id, is_launched, sales, id),
    INDEX spus_new (is_launched, created_at, id),
    INDEX spus_sales (is_launched, sales, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS skus (
    id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    spu_id        BIGINT NOT NULL,
    name          VARCHAR(200) NOT NULL,
    name_en       VARCHAR(300) NOT NULL DEFAULT '',
    price_fen     BIGINT NOT NULL,
    cost_fen      BIGINT NOT NULL DEFAULT 0,
    market_fen    BIGINT NOT NULL DEFAULT 0,
    image         VARCHAR(200) NOT NULL DEFAULT '',
    is_launched   TINYINT(1) NOT NULL DEFAULT 0,
    validity_days INT NULL,
    created_at    DATETIME(3) NOT NULL,
    CONSTRAINT skus_price CHECK (price_fen >= 0),
    INDEX skus_spu (spu_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS sku_images (
    id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    sku_id   BIGINT NOT NULL,
    image    VARCHAR(200) NOT NULL,
    sequence INT NOT NULL DEFAULT 0,
    INDEX sku_images_sku (sku_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS specs (
    id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    spu_id   BIGINT NOT NULL,
    name     VARCHAR(40) NOT NULL,
    name_en  VARCHAR(80) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0,
    INDEX specs_spu (spu_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS spec_options (
    id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    spec_id  BIGINT NOT NULL,
    value    VARCHAR(60) NOT NULL,
    value_en VARCHAR(120) NOT NULL DEFAULT '',
    color    VARCHAR(7) NOT NULL DEFAULT '',
    sequence INT NOT NULL DEFAULT 0,
    INDEX spec_options_spec (spec_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS sku_specs (
    sku_id    BIGINT NOT NULL,
    spec_id   BIGINT NOT NULL,
    option_id BIGINT NOT NULL,
    PRIMARY KEY (sku_id, spec_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- The hottest rows of the shop stand in a table of their own, and no foreign key points at them.
CREATE TABLE IF NOT EXISTS stocks (
    sku_id   BIGINT NOT NULL PRIMARY KEY,
    quantity BIGINT NOT NULL,
    sold     BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT stocks_quantity CHECK (quantity >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- sum(delta) of a SKU is its stocks.quantity, always.
CREATE TABLE IF NOT EXISTS stock_ledger (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    sku_id     BIGINT NOT NULL,
    kind       VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    delta      BIGINT NOT NULL,
    order_id   BIGINT NULL,
    created_at DATETIME(3) NOT NULL,
    CONSTRAINT stock_ledger_once UNIQUE (order_id, sku_id, kind),
    INDEX stock_ledger_sku (sku_id),
    INDEX stock_ledger_time (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS ads (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    place       VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    title       VARCHAR(120) NOT NULL,
    title_en    VARCHAR(200) NOT NULL DEFAULT '',
    text        VARCHAR(200) NOT NULL DEFAULT '',
    text_en     VARCHAR(300) NOT NULL DEFAULT '',
    image       VARCHAR(200) NOT NULL DEFAULT '',
    target_type VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    target_id   BIGINT NOT NULL DEFAULT 0,
    sequence    INT NOT NULL DEFAULT 0,
    is_shown    TINYINT(1) NOT NULL DEFAULT 1,
    INDEX ads_place (place, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
