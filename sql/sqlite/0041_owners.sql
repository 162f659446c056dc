-- +goose Up
-- The shop has a few owners among any number of users, and must not lose the last.
CREATE INDEX users_role ON users (role, disabled);
