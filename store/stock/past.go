package stock

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
)

// Moved are the SKUs whose stock has changed since a time, by id. q may be a transaction.
func Moved(ctx context.Context, q db.Queryer, since time.Time) (skuIDs []int64, err error) {
	err = q.Select(ctx, &skuIDs, "SELECT DISTINCT sku_id FROM stock_ledger WHERE created_at >= ? ORDER BY sku_id", since)
	if err != nil {
		return nil, fmt.Errorf("find SKUs whose stock moved: %w", err)
	}
	return skuIDs, nil
}

// HasPast says whether a SKU ever had stock: by the ledger, which knows all that came in, or by figures of sales that came
// with the shop. q may be a transaction.
func HasPast(ctx context.Context, q db.Queryer, skuID int64) (bool, error) {
	var past int
	err := q.Get(ctx, &past, `SELECT EXISTS (SELECT 1 FROM stock_ledger WHERE sku_id = ?) +
		EXISTS (SELECT 1 FROM stocks WHERE sku_id = ? AND (sold > 0 OR quantity > 0))`, skuID, skuID)
	if err != nil {
		return false, fmt.Errorf("read past stock of SKU %d: %w", skuID, err)
	}
	return past > 0, nil
}
