-- +goose Up
-- What finds products. A row of search_terms says that a product holds a term (by the hash of the term's text): place is
-- where (1 name, 2 caption, brand or category, 3 description) times 256, plus a bucket of its sales, the best first. So the
-- products of a term, in the order in which they are shown, are one range of the primary key.
CREATE TABLE IF NOT EXISTS search_terms (
    term   BIGINT NOT NULL,
    place  SMALLINT NOT NULL,
    spu_id BIGINT NOT NULL,
    PRIMARY KEY (term, place, spu_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- In how many products each term is: the rarest leads a search.
CREATE TABLE IF NOT EXISTS search_counts (
    term     BIGINT NOT NULL PRIMARY KEY,
    products BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- The words that the terms of a product were made from, a field a line, and its bucket of sales.
CREATE TABLE IF NOT EXISTS search_docs (
    spu_id BIGINT NOT NULL PRIMARY KEY,
    bucket SMALLINT NOT NULL,
    words  MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- What was searched for in vain, and nobody knows by whom.
CREATE TABLE IF NOT EXISTS search_misses (
    words   VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    times   BIGINT NOT NULL,
    last_at DATETIME(3) NOT NULL,
    INDEX search_misses_last (last_at),
    INDEX search_misses_times (times, last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- What the goods of a category can be narrowed by, with counts; category 0 is the whole shop. Kept by a job.
CREATE TABLE IF NOT EXISTS category_facets (
    category_id BIGINT NOT NULL PRIMARY KEY,
    facets      MEDIUMTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE INDEX spus_price ON spus (is_launched, min_price_fen, id);
