-- +goose Up
-- A form names the version that it was filled in from, so that of two people who edit the same thing nobody undoes the other's work unseen.
ALTER TABLE spus ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE categories ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel_groups ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE brands ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ads ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
-- A spec that new SKUs do not have any more still words those that were sold with it.
ALTER TABLE specs ADD COLUMN is_removed TINYINT(1) NOT NULL DEFAULT 0;
