-- +goose Up
-- How often something was done of late, for limits that hold on all nodes together. The name is hashed: it may hold an address or a number.
CREATE TABLE IF NOT EXISTS limits (
    name    CHAR(64) NOT NULL PRIMARY KEY,
    count   INT NOT NULL,
    ends_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS limits_ends ON limits (ends_at);
-- A picture to be read once. The row goes at the first answer, right or wrong.
CREATE TABLE IF NOT EXISTS captchas (
    id         CHAR(22) NOT NULL PRIMARY KEY,
    browser    CHAR(64) NOT NULL,
    answer     VARCHAR(8) NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS captchas_expires ON captchas (expires_at);
-- Verification codes sent to mobiles. Only the newest of a number and purpose counts.
CREATE TABLE IF NOT EXISTS sms_codes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    mobile     VARCHAR(11) NOT NULL,
    purpose    VARCHAR(16) NOT NULL,
    code       CHAR(6) NOT NULL,
    tries      INT NOT NULL DEFAULT 0,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    used_at    DATETIME NULL
);
CREATE INDEX IF NOT EXISTS sms_codes_mobile ON sms_codes (mobile, purpose, created_at, id);
CREATE INDEX IF NOT EXISTS sms_codes_expires ON sms_codes (expires_at);
-- Who one is at Alipay or QQ. One such person is one user, and a user has one such person a provider.
CREATE TABLE IF NOT EXISTS identities (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT NOT NULL,
    provider   VARCHAR(16) NOT NULL,
    app_id     VARCHAR(40) NOT NULL,
    subject    VARCHAR(128) NOT NULL,
    nickname   VARCHAR(60) NOT NULL DEFAULT '',
    created_at DATETIME NOT NULL,
    CONSTRAINT identities_subject UNIQUE (provider, app_id, subject),
    CONSTRAINT identities_user UNIQUE (user_id, provider)
);
-- A login by a provider that is under way: the row goes when the browser comes back.
CREATE TABLE IF NOT EXISTS oauth_states (
    state_hash CHAR(64) NOT NULL PRIMARY KEY,
    browser    CHAR(64) NOT NULL,
    provider   VARCHAR(16) NOT NULL,
    user_id    BIGINT NOT NULL DEFAULT 0,
    next       VARCHAR(500) NOT NULL DEFAULT '',
    expires_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS oauth_states_expires ON oauth_states (expires_at);
-- Products that a user has looked at.
CREATE TABLE IF NOT EXISTS browse_history (
    user_id BIGINT NOT NULL,
    spu_id  BIGINT NOT NULL,
    seen_at DATETIME NOT NULL,
    PRIMARY KEY (user_id, spu_id)
);
CREATE INDEX IF NOT EXISTS browse_history_seen ON browse_history (user_id, seen_at, spu_id);
