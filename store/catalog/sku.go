package catalog

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"dashop/store/db"
	"dashop/store/fault"
)

// skuColumns are a SKU as pages show it: one without a picture of its own shows its product's.
const skuColumns = `k.id, k.spu_id, k.name, k.name_en, k.price_fen, k.sale_id, k.sale_fen, k.sale_kind, k.market_fen, COALESCE(NULLIF(k.image, ''), p.image) AS image,
	(k.is_launched = 1 AND p.is_launched = 1) AS is_launched, k.is_launched AS is_offered, p.is_virtual AS is_virtual,
	COALESCE(k.validity_days, 0) AS validity_days, COALESCE(s.quantity, 0) AS quantity, k.max_per_order,
	p.category1_id, p.category2_id, p.category3_id, p.brand_id, p.name AS product_name, p.name_en AS product_name_en
	FROM skus k JOIN spus p ON p.id = k.spu_id LEFT JOIN stocks s ON s.sku_id = k.id`

// SKUs are the SKUs with these ids as they are now, in stock or not, launched or not, with their options in words but
// without a gallery. Unknown ids are not in the answer. q may be a transaction.
func (s *Service) SKUs(ctx context.Context, q db.Queryer, ids []int64) (_ map[int64]SKU, err error) {
	defer fault.Wrap(&err, "read SKUs %v", ids)
	found := make(map[int64]SKU, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var skus []SKU
	query, args := db.In("SELECT "+skuColumns+" WHERE k.id IN (?)", ids)
	if err := q.Select(ctx, &skus, query, args...); err != nil {
		return nil, err
	}
	if err := wordSpecs(ctx, q, skus); err != nil {
		return nil, err
	}
	for _, k := range skus {
		found[k.ID] = k
	}
	return found, nil
}

// ProductSKUs are all SKUs of a product, launched or not, in the order in which they were made, with their options in words
// but without a gallery. q may be a transaction.
func ProductSKUs(ctx context.Context, q db.Queryer, spuID int64) (skus []SKU, err error) {
	defer fault.Wrap(&err, "read SKUs of product %d", spuID)
	if err := q.Select(ctx, &skus, "SELECT "+skuColumns+" WHERE k.spu_id = ? ORDER BY k.id", spuID); err != nil {
		return nil, err
	}
	return skus, wordSpecs(ctx, q, skus)
}

// wordSpecs fills in the chosen options of each SKU, as words and as ids.
func wordSpecs(ctx context.Context, q db.Queryer, skus []SKU) error {
	if len(skus) == 0 {
		return nil
	}
	at := make(map[int64]*SKU, len(skus))
	ids := make([]int64, len(skus))
	for i := range skus {
		ids[i], at[skus[i].ID] = skus[i].ID, &skus[i]
	}
	var chosen []struct {
		SKUID int64 `db:"sku_id"`
		Option
	}
	query, args := db.In(`SELECT c.sku_id, o.id, o.value, o.value_en FROM sku_specs c
		JOIN specs d ON d.id = c.spec_id JOIN spec_options o ON o.id = c.option_id
		WHERE c.sku_id IN (?) ORDER BY d.sequence, d.id`, ids)
	if err := q.Select(ctx, &chosen, query, args...); err != nil {
		return fmt.Errorf("read options of SKUs: %w", err)
	}
	options := map[int64][]Option{}
	for _, c := range chosen {
		options[c.SKUID] = append(options[c.SKUID], c.Option)
	}
	for id, list := range options {
		k := at[id]
		k.Spec, k.SpecEN = SpecWords(list)
		for _, o := range list {
			k.OptionIDs = append(k.OptionIDs, o.ID)
		}
	}
	return nil
}

// SpecWords are the options of a SKU in words, in Chinese and in English; an option without English words keeps its own.
func SpecWords(options []Option) (words, wordsEN string) {
	var zh, en []string
	for _, o := range options {
		zh, en = append(zh, o.Value), append(en, cmp.Or(o.ValueEN, o.Value))
	}
	return strings.Join(zh, " / "), strings.Join(en, " / ")
}
