-- +goose Up
-- Who is there: users, their sessions, addresses, and the areas of China.
CREATE TABLE IF NOT EXISTS users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    username      VARCHAR(20) NOT NULL,
    mobile        VARCHAR(11) NULL,
    nickname      VARCHAR(40) NOT NULL,
    avatar        VARCHAR(200) NOT NULL DEFAULT '',
    password_hash VARCHAR(200) NOT NULL,
    role          VARCHAR(16) NOT NULL DEFAULT 'shopper',
    disabled      BOOLEAN NOT NULL DEFAULT 0,
    created_at    DATETIME NOT NULL,
    CONSTRAINT users_username UNIQUE (username),
    CONSTRAINT users_mobile UNIQUE (mobile)
);
-- A session is one browser. The cookie carries a signed random id; only its SHA-256 is kept here.
CREATE TABLE IF NOT EXISTS sessions (
    id_hash      CHAR(64) NOT NULL PRIMARY KEY,
    user_id      BIGINT NULL,
    data         BLOB NOT NULL,
    user_agent   VARCHAR(200) NOT NULL DEFAULT '',
    ip           VARCHAR(45) NOT NULL DEFAULT '',
    created_at   DATETIME NOT NULL,
    last_seen_at DATETIME NOT NULL,
    expires_at   DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user_id);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires_at);
CREATE TABLE IF NOT EXISTS areas (
    id        BIGINT NOT NULL PRIMARY KEY,
    parent_id BIGINT NOT NULL,
    name      VARCHAR(60) NOT NULL
);
CREATE INDEX IF NOT EXISTS areas_parent ON areas (parent_id, id);
CREATE TABLE IF NOT EXISTS addresses (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     BIGINT NOT NULL,
    receiver    VARCHAR(40) NOT NULL,
    mobile      VARCHAR(11) NOT NULL,
    province_id BIGINT NOT NULL,
    city_id     BIGINT NOT NULL,
    district_id BIGINT NOT NULL,
    place       VARCHAR(120) NOT NULL,
    title       VARCHAR(20) NOT NULL DEFAULT '',
    postal_code VARCHAR(6) NOT NULL DEFAULT '',
    is_default  BOOLEAN NOT NULL DEFAULT 0,
    created_at  DATETIME NOT NULL,
    deleted_at  DATETIME NULL
);
CREATE INDEX IF NOT EXISTS addresses_user ON addresses (user_id, deleted_at);
-- Small facts about the shop itself, such as which demo data were loaded.
CREATE TABLE IF NOT EXISTS settings (
    name  VARCHAR(60) NOT NULL PRIMARY KEY,
    value VARCHAR(500) NOT NULL
);
