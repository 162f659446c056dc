-- +goose Up
-- What finds products. A row of search_terms says that a product holds a term (by the hash of the term's text): place is
-- where (1 name, 2 caption, brand or category, 3 description) times 256, plus a bucket of its sales, the best first. So the
-- products of a term, in the order in which they are shown, are one range of the primary key.
CREATE TABLE IF NOT EXISTS search_terms (
    term   BIGINT NOT NULL,
    place  SMALLINT NOT NULL,
    spu_id BIGINT NOT NULL,
    PRIMARY KEY (term, place, spu_id)
) WITHOUT ROWID;
-- In how many products each term is: the rarest leads a search.
CREATE TABLE IF NOT EXISTS search_counts (
    term     BIGINT NOT NULL PRIMARY KEY,
    products BIGINT NOT NULL
) WITHOUT ROWID;
-- The words that the terms of a product were made from, a field a line, and its bucket of sales.
CREATE TABLE IF NOT EXISTS search_docs (
    spu_id BIGINT NOT NULL PRIMARY KEY,
    bucket SMALLINT NOT NULL,
    words  TEXT NOT NULL
);
-- What was searched for in vain, and nobody knows by whom.
CREATE TABLE IF NOT EXISTS search_misses (
    words   VARCHAR(64) NOT NULL PRIMARY KEY,
    times   BIGINT NOT NULL,
    last_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS search_misses_last ON search_misses (last_at);
CREATE INDEX IF NOT EXISTS search_misses_times ON search_misses (times, last_at);
-- What the goods of a category can be narrowed by, with counts; category 0 is the whole shop. Kept by a job.
CREATE TABLE IF NOT EXISTS category_facets (
    category_id BIGINT NOT NULL PRIMARY KEY,
    facets      TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS spus_price ON spus (is_launched, min_price_fen, id);
