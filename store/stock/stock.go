// Package stock takes pieces for orders and gives them back, with a ledger that explains each number.
package stock

import (
	"context"
	"fmt"
	"sort"
	"time"

	"dashop/store/db"
	"dashop/store/recent"
)

// The kinds of ledger entries.
const (
	Received  = "received"   // +n: goods came in
	Placed    = "placed"     // −n: an order took them
	GivenBack = "given_back" // +n: the order, or a part of it, was cancelled
)

// Piece is a SKU and how many of it.
type Piece struct {
	SKUID int64 `db:"sku_id"`
	Count int64 `db:"count"`
}

// Named is the stock of a SKU, to those who keep it for a moment.
func Named(skuID int64) recent.Name { return recent.NameOf("stock", skuID) }

// ShortError says that a SKU has fewer pieces left than were asked for.
type ShortError struct{ SKUID int64 }

func (e *ShortError) Error() string { return fmt.Sprintf("stock of SKU %d is short", e.SKUID) }

// Take takes all pieces for an order or, with a *ShortError, none: the caller then gives up its transaction, or the part of it.
// The rows are taken in the order of their ids, so that two orders never wait for each other crosswise, and after all else,
// so that they are held for the shortest time.
func Take(ctx context.Context, tx *db.Tx, orderID int64, pieces []Piece, now time.Time) error {
	pieces = merged(pieces)
	if err := enter(ctx, tx, Placed, -1, pieces, orderID, "", now); err != nil {
		return err
	}
	for _, p := range pieces {
		n, err := tx.Exec(ctx, "UPDATE stocks SET quantity = quantity - ?, sold = sold + ? WHERE sku_id = ? AND quantity >= ?",
			p.Count, p.Count, p.SKUID, p.Count)
		if err != nil {
			return fmt.Errorf("take stock of SKU %d: %w", p.SKUID, err)
		}
		if n == 0 {
			return &ShortError{SKUID: p.SKUID}
		}
		tx.Changed(Named(p.SKUID))
	}
	return nil
}

// Held are the pieces that an order took and has not given back, in the order of their SKUs.
func Held(ctx context.Context, q db.Queryer, orderID int64) (pieces []Piece, err error) {
	err = q.Select(ctx, &pieces, `SELECT sku_id, -SUM(delta) AS count FROM stock_ledger WHERE order_id = ?
		GROUP BY sku_id HAVING SUM(delta) < 0 ORDER BY sku_id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("read what order %d holds: %w", orderID, err)
	}
	return pieces, nil
}

// GiveBack returns pieces that an order took. An order may give back several times, each time under another ref; "" is for
// what is left when the whole order ends. Under the same ref a SKU is given back once: again is db.IsDuplicate. More than the
// order holds is an error. The caller has written the order's row before, so that it gives back one thing at a time.
func GiveBack(ctx context.Context, tx *db.Tx, orderID int64, ref string, pieces []Piece, now time.Time) error {
	pieces = merged(pieces)
	if err := enter(ctx, tx, GivenBack, 1, pieces, orderID, ref, now); err != nil {
		return err
	}
	var over []int64
	err := tx.Select(ctx, &over, "SELECT sku_id FROM stock_ledger WHERE order_id = ? GROUP BY sku_id HAVING SUM(delta) > 0", orderID)
	if err != nil {
		return fmt.Errorf("read what order %d holds: %w", orderID, err)
	}
	if len(over) > 0 {
		return fmt.Errorf("order %d would give back more than it took of SKUs %v", orderID, over)
	}
	for _, p := range pieces {
		if _, err := tx.Exec(ctx, "UPDATE stocks SET quantity = quantity + ?, sold = sold - ? WHERE sku_id = ?", p.Count, p.Count,
			p.SKUID); err != nil {
			return fmt.Errorf("give back stock of SKU %d: %w", p.SKUID, err)
		}
		tx.Changed(Named(p.SKUID))
	}
	return nil
}

// enter writes what an order did to the stock into the ledger; sign is that of the change.
func enter(ctx context.Context, tx *db.Tx, kind string, sign int64, pieces []Piece, orderID int64, ref string, now time.Time) error {
	rows := make([][]any, len(pieces))
	for i, p := range pieces {
		rows[i] = []any{p.SKUID, kind, sign * p.Count, orderID, ref, now}
	}
	if err := tx.InsertMany(ctx, "stock_ledger", []string{"sku_id", "kind", "delta", "order_id", "ref", "created_at"}, rows); err != nil {
		return fmt.Errorf("enter %s of order %d: %w", kind, orderID, err)
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
