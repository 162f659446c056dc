-- +goose Up
-- How often something was done of late, for limits that hold on all nodes together. The name is hashed: it may hold an address or a number.
CREATE TABLE IF NOT EXISTS limits (
    name    CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    count   INT NOT NULL,
    ends_at DATETIME(3) NOT NULL,
    INDEX limits_ends (ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- A picture to be read once. The row goes at the first answer, right or wrong.
CREATE TABLE IF NOT EXISTS captchas (
    id         CHAR(22) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    browser    CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    answer     VARCHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    INDEX captchas_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- Verification codes sent to mobiles. Only the newest of a number and purpose counts.
CREATE TABLE IF NOT EXISTS sms_codes (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    mobile     VARCHAR(11) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    purpose    VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    code       CHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    tries      INT NOT NULL DEFAULT 0,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    used_at    DATETIME(3) NULL,
    INDEX sms_codes_mobile (mobile, purpose, created_at, id),
    INDEX sms_codes_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- Who one is at Alipay or QQ. One such person is one user, and a user has one such person a provider.
CREATE TABLE IF NOT EXISTS identities (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    provider   VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    app_id     VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    subject    VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nickname   VARCHAR(60) NOT NULL DEFAULT '',
    created_at DATETIME(3) NOT NULL,
    CONSTRAINT identities_subject UNIQUE (provider, app_id, subject),
    CONSTRAINT identities_user UNIQUE (user_id, provider)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- A login by a provider that is under way: the row goes when the browser comes back.
CREATE TABLE IF NOT EXISTS oauth_states (
    state_hash CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    browser    CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    provider   VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id    BIGINT NOT NULL DEFAULT 0,
    next       VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    expires_at DATETIME(3) NOT NULL,
    INDEX oauth_states_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- Products that a user has looked at.
CREATE TABLE IF NOT EXISTS browse_history (
    user_id BIGINT NOT NULL,
    spu_id  BIGINT NOT NULL,
    seen_at DATETIME(3) NOT NULL,
    PRIMARY KEY (user_id, spu_id),
    INDEX browse_history_seen (user_id, seen_at, spu_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
