-- +goose Up
-- What shoppers say of goods they received: one review an item of an order. Those of the demo shop have no order and no user, but an author.
-- grade groups the scores for the filters: 3 good (4 and 5), 2 medium (3), 1 poor (1 and 2).
CREATE TABLE IF NOT EXISTS reviews (
    id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id      BIGINT NULL,
    line          INT NULL,
    spu_id        BIGINT NOT NULL,
    sku_id        BIGINT NOT NULL,
    user_id       BIGINT NOT NULL,
    author        VARCHAR(60) NOT NULL DEFAULT '',
    avatar        VARCHAR(200) NOT NULL DEFAULT '',
    spec          VARCHAR(200) NOT NULL DEFAULT '',
    spec_en       VARCHAR(300) NOT NULL DEFAULT '',
    score         SMALLINT NOT NULL,
    grade         SMALLINT NOT NULL,
    comment       VARCHAR(500) NOT NULL DEFAULT '',
    is_anonymous  TINYINT(1) NOT NULL DEFAULT 0,
    is_pictured   TINYINT(1) NOT NULL DEFAULT 0,
    reply         VARCHAR(500) NOT NULL DEFAULT '',
    replied_at    DATETIME(3) NULL,
    is_hidden     TINYINT(1) NOT NULL DEFAULT 0,
    hidden_reason VARCHAR(200) NOT NULL DEFAULT '',
    created_at    DATETIME(3) NOT NULL,
    CONSTRAINT reviews_once UNIQUE (order_id, line),
    CONSTRAINT reviews_score CHECK (score BETWEEN 1 AND 5),
    INDEX reviews_spu (spu_id, is_hidden, created_at, id),
    INDEX reviews_spu_grade (spu_id, is_hidden, grade, created_at, id),
    INDEX reviews_spu_pictured (spu_id, is_hidden, is_pictured, created_at, id),
    INDEX reviews_user (user_id, created_at, id),
    INDEX reviews_new (created_at, id),
    INDEX reviews_score_new (score, created_at, id),
    INDEX reviews_unanswered (replied_at, is_hidden, created_at, id),
    INDEX reviews_hidden (is_hidden, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS review_pictures (
    review_id BIGINT NOT NULL,
    sequence  INT NOT NULL,
    image     VARCHAR(200) NOT NULL,
    PRIMARY KEY (review_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- Products that somebody wants to find again. users.favourites counts them, so that nobody has more than is allowed.
CREATE TABLE IF NOT EXISTS favourites (
    user_id    BIGINT NOT NULL,
    spu_id     BIGINT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (user_id, spu_id),
    INDEX favourites_new (user_id, created_at, spu_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
ALTER TABLE users ADD COLUMN favourites INT NOT NULL DEFAULT 0;
-- How many items of the order are reviewed, and since when each is.
ALTER TABLE orders ADD COLUMN reviewed_count INT NOT NULL DEFAULT 0;
ALTER TABLE order_items ADD COLUMN reviewed_at DATETIME(3) NULL;
-- How many shown reviews gave each score, and how many of them have pictures. Count and average are made of these.
ALTER TABLE spus ADD COLUMN score_1 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE spus ADD COLUMN score_2 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE spus ADD COLUMN score_3 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE spus ADD COLUMN score_4 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE spus ADD COLUMN score_5 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE spus ADD COLUMN pictured BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN score_1 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN score_2 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN score_3 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN score_4 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN score_5 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE skus ADD COLUMN pictured BIGINT NOT NULL DEFAULT 0;
