-- +goose Up
-- Who is there: users, their sessions, addresses, and the areas of China.
CREATE TABLE IF NOT EXISTS users (
    id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username      VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    mobile        VARCHAR(11) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    nickname      VARCHAR(40) NOT NULL,
    avatar        VARCHAR(200) NOT NULL DEFAULT '',
    password_hash VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    role          VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'shopper',
    disabled      TINYINT(1) NOT NULL DEFAULT 0,
    created_at    DATETIME(3) NOT NULL,
    CONSTRAINT users_username UNIQUE (username),
    CONSTRAINT users_mobile UNIQUE (mobile)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- A session is one browser. The cookie carries a signed random id; only its SHA-256 is kept here.
CREATE TABLE IF NOT EXISTS sessions (
    id_hash      CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    user_id      BIGINT NULL,
    data         BLOB NOT NULL,
    user_agent   VARCHAR(200) NOT NULL DEFAULT '',
    ip           VARCHAR(45) NOT NULL DEFAULT '',
    created_at   DATETIME(3) NOT NULL,
    last_seen_at DATETIME(3) NOT NULL,
    expires_at   DATETIME(3) NOT NULL,
    INDEX sessions_user (user_id),
    INDEX sessions_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS areas (
    id        BIGINT NOT NULL PRIMARY KEY,
    parent_id BIGINT NOT NULL,
    name      VARCHAR(60) NOT NULL,
    INDEX areas_parent (parent_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS addresses (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id     BIGINT NOT NULL,
    receiver    VARCHAR(40) NOT NULL,
    mobile      VARCHAR(11) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    province_id BIGINT NOT NULL,
    city_id     BIGINT NOT NULL,
    district_id BIGINT NOT NULL,
    place       VARCHAR(120) NOT NULL,
    title       VARCHAR(20) NOT NULL DEFAULT '',
    postal_code VARCHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    is_default  TINYINT(1) NOT NULL DEFAULT 0,
    created_at  DATETIME(3) NOT NULL,
    deleted_at  DATETIME(3) NULL,
    INDEX addresses_user (user_id, deleted_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- Small facts about the shop itself, such as which demo data were loaded.
CREATE TABLE IF NOT EXISTS settings (
    name  VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    value VARCHAR(500) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
