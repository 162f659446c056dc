// Package stock takes pieces for orders and gives them back, with a ledger that explains each number.
package stock

import (
	"context"
	"fmt"
	"sort"
	"time"

	"dashop/store/db"
)

// The kinds of ledger entries.
const (
	Received  = "received"   // +n: goods came in
	Placed    = "placed"     // −n: an order took them
	GivenBack = "given_back" // +n: the order was cancelled
)

// Piece is a SKU and how many of it.
type Piece struct {
	SKUID int64 `db:"sku_id"`
	Count int64 `db:"count"`
}

// ShortError says that a SKU has fewer pieces left than were asked for.
type ShortError struct{ SKUID int64 }

func (e *ShortError) Error() string { return fmt.Sprintf("stock of SKU %d is short", e.SKUID) }

// Take takes all pieces for an order or, with a *ShortError, none: the caller then gives up its transaction.
// The rows are taken in the order of their ids, so that two orders never wait for each other crosswise.
func Take(ctx context.Context, tx *db.Tx, orderID int64, pieces []Piece, now time.Time) error {
	for _, p := range merged(pieces) {
		n, err := tx.Exec(ctx, "UPDATE stocks SET quantity = quantity - ?, sold = sold + ? WHERE sku_id = ? AND quantity >= ?", p.Count, p.Count, p.SKUID, p.Count)
		if err != nil {
			return fmt.Errorf("take stock of SKU %d: %w", p.SKUID, err)
		}
		if n == 0 {
			return &ShortError{SKUID: p.SKUID}
		}
		if err := enter(ctx, tx, Placed, p.SKUID, -p.Count, orderID, now); err != nil {
			return err
		}
	}
	return nil
}

// GiveBack returns what an order took. The ledger's unique key lets it happen once for each order and SKU.
func GiveBack(ctx context.Context, tx *db.Tx, orderID int64, now time.Time) error {
	var taken []Piece
	if err := tx.Select(ctx, &taken, "SELECT sku_id, -delta AS count FROM stock_ledger WHERE order_id = ? AND kind = ? ORDER BY sku_id", orderID, Placed); err != nil {
		return fmt.Errorf("read what order %d took: %w", orderID, err)
	}
	for _, p := range taken {
		if err := enter(ctx, tx, GivenBack, p.SKUID, p.Count, orderID, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE stocks SET quantity = quantity + ?, sold = sold - ? WHERE sku_id = ?", p.Count, p.Count, p.SKUID); err != nil {
			return fmt.Errorf("give back stock of SKU %d: %w", p.SKUID, err)
		}
	}
	return nil
}

// Unbalanced lists the SKUs whose ledger does not add up to their quantity. It must be empty at any time.
func Unbalanced(ctx context.Context, q db.Queryer) (skus []int64, err error) {
	err = q.Select(ctx, &skus, `SELECT s.sku_id FROM stocks s LEFT JOIN stock_ledger l ON l.sku_id = s.sku_id
		GROUP BY s.sku_id, s.quantity HAVING COALESCE(SUM(l.delta), 0) <> s.quantity OR s.quantity < 0`)
	return skus, err
}

func enter(ctx context.Context, tx *db.Tx, kind string, sku, delta, orderID int64, now time.Time) error {
	_, err := tx.Exec(ctx, "INSERT INTO stock_ledger (sku_id, kind, delta, order_id, created_at) VALUES (?, ?, ?, ?, ?)", sku, kind, delta, orderID, now)
	if err != nil {
		return fmt.Errorf("enter %s of SKU %d: %w", kind, sku, err)
	}
	return nil
}

// merged adds up lines of one SKU, so that they are checked together, and sorts by SKU.
func merged(pieces []Piece) []Piece {
	sum := map[int64]int64{}
	for _, p := range pieces {
		sum[p.SKUID] += p.Count
	}
	list := make([]Piece, 0, len(sum))
	for sku, n := range sum {
		list = append(list, Piece{sku, n})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].SKUID < list[j].SKUID })
	return list
}
