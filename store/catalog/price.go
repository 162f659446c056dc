package catalog

import (
	"context"
	"fmt"

	"dashop/store/db"
)

// SKUPrices are the SKUs with these ids with what a price depends on, and their names, but nothing else: one cheap read for
// looking again within a transaction. Unknown ids are not in the answer.
func (s *Service) SKUPrices(ctx context.Context, q db.Queryer, ids []int64) (map[int64]SKU, error) {
	return few(ctx, q, `SELECT k.id, k.spu_id, k.name, k.price_fen, k.sale_id, k.sale_fen, k.sale_kind, k.max_per_order,
		COALESCE(k.validity_days, 0) AS validity_days, p.category1_id, p.category2_id, p.category3_id, p.brand_id,
		(k.is_launched = 1 AND p.is_launched = 1) AS is_launched, p.is_virtual AS is_virtual
		FROM skus k JOIN spus p ON p.id = k.spu_id WHERE k.id IN (?)`, ids)
}

// SKUStock are the SKUs with these ids with their products and names, what a piece costs, whether they are on sale or virtual, and how many an
// order can get, but nothing else. Unknown ids are not in the answer.
func (s *Service) SKUStock(ctx context.Context, q db.Queryer, ids []int64) (map[int64]SKU, error) {
	return few(ctx, q, `SELECT k.id, k.spu_id, k.name, k.price_fen, k.sale_id, k.sale_fen, k.max_per_order,
		(k.is_launched = 1 AND p.is_launched = 1) AS is_launched, p.is_virtual AS is_virtual, COALESCE(s.quantity, 0) AS quantity
		FROM skus k JOIN spus p ON p.id = k.spu_id LEFT JOIN stocks s ON s.sku_id = k.id WHERE k.id IN (?)`, ids)
}

// few reads something of SKUs.
func few(ctx context.Context, q db.Queryer, query string, ids []int64) (map[int64]SKU, error) {
	found := make(map[int64]SKU, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var skus []SKU
	query, args := db.In(query, ids)
	if err := q.Select(ctx, &skus, query, args...); err != nil {
		return nil, fmt.Errorf("read SKUs %v: %w", ids, err)
	}
	for _, k := range skus {
		found[k.ID] = k
	}
	return found, nil
}
