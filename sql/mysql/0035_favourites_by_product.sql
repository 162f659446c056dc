-- +goose Up
-- Deleting a product asks whether it is anybody's favourite.
CREATE INDEX favourites_spu ON favourites (spu_id);
