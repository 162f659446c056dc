-- +goose Up
-- Related products are the best-selling of a category that are in stock: the first entries of a range, also where most are sold out.
CREATE INDEX spus_c2_best ON spus (category2_id, is_launched, in_stock, sales, id);
CREATE INDEX spus_c3_best ON spus (category3_id, is_launched, in_stock, sales, id);
