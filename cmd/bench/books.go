package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// books compares what a shop has acknowledged with what its database holds.
type books struct {
	db       *sql.DB
	shoppers []int64         // the users who were added, in the order of their names
	stock    map[int64]int64 // what each SKU had before the first order
	before   int             // orders that were there

	mu    sync.Mutex
	acked map[string]bool // order numbers
	twice []string
}

const (
	// fullStock is what a SKU that is ordered has at the beginning; the shop allows no more than a million.
	fullStock = 900_000
	atOnce    = 500
)

func openBooks(ctx context.Context, d *data) (*books, error) {
	db, err := d.open()
	if err != nil {
		return nil, err
	}
	return &books{db: db, acked: map[string]bool{}}, db.PingContext(ctx)
}

// addShoppers adds users with the password and the address of the demo's shopper.
func (b *books) addShoppers(ctx context.Context, n int) error {
	var like, address int64
	err := b.db.QueryRowContext(ctx, `SELECT u.id, MIN(a.id) FROM users u JOIN addresses a ON a.user_id = u.id
		WHERE u.username = ? AND a.deleted_at IS NULL GROUP BY u.id`, demoShopper).Scan(&like, &address)
	if err != nil {
		return fmt.Errorf("find %s and an address: %w", demoShopper, err)
	}
	return b.tx(ctx, func(tx *sql.Tx) error {
		for i := range n {
			added, err := tx.ExecContext(ctx, `INSERT INTO users (username, nickname, avatar, password_hash, role, disabled, created_at)
				SELECT ?, nickname, avatar, password_hash, role, disabled, created_at FROM users WHERE id = ?`, shopperName(i), like)
			if err != nil {
				return err
			}
			id, err := added.LastInsertId()
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO addresses (user_id, receiver, mobile, province_id, city_id, district_id, place,
				title, postal_code, is_default, created_at) SELECT ?, receiver, mobile, province_id, city_id, district_id, place, title,
				postal_code, 1, created_at FROM addresses WHERE id = ?`, id, address); err != nil {
				return err
			}
			b.shoppers = append(b.shoppers, id)
		}
		return nil
	})
}

// fillStock books in so many pieces of each SKU that no run sells out.
func (b *books) fillStock(ctx context.Context, skus []int64) error {
	return b.tx(ctx, func(tx *sql.Tx) error {
		for some := range slices.Chunk(skus, atOnce) {
			in := strings.Trim(fmt.Sprint(some), "[]")
			in = " IN (" + strings.ReplaceAll(in, " ", ", ") + ")"
			if _, err := tx.ExecContext(ctx, `INSERT INTO stock_ledger (sku_id, kind, delta, created_at)
				SELECT s.sku_id, 'received', ? - s.quantity, p.created_at FROM stocks s JOIN skus p ON p.id = s.sku_id WHERE s.sku_id`+in,
				fullStock); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "UPDATE stocks SET quantity = ? WHERE sku_id"+in, fullStock); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *books) tx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// begin notes how things stand before the first order.
func (b *books) begin(ctx context.Context) (err error) {
	if err := b.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&b.before); err != nil {
		return err
	}
	b.stock, err = b.pieces(ctx, "SELECT sku_id, quantity FROM stocks")
	return err
}

// pieces reads pieces by SKU.
func (b *books) pieces(ctx context.Context, query string) (map[int64]int64, error) {
	rows, err := b.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]int64{}
	for rows.Next() {
		var sku, n int64
		if err := rows.Scan(&sku, &n); err != nil {
			return nil, err
		}
		all[sku] = n
	}
	return all, rows.Err()
}

// acknowledge notes an order that a shopper was told of.
func (b *books) acknowledge(no string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.acked[no] {
		b.twice = append(b.twice, no)
	}
	b.acked[no] = true
}

// check says what in the database is not as it has to be: each order that was acknowledged is there, once and whole, and no other;
// what they hold is what has gone from the stock.
func (b *books) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	numbers, err := texts(ctx, b.db, "SELECT order_no FROM orders")
	if err != nil {
		return err
	}
	var wrong []string
	found := 0
	for _, no := range numbers {
		if b.acked[no] {
			found++
		}
	}
	if found != len(b.acked) || len(numbers) != b.before+len(b.acked) || len(b.twice) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d orders were acknowledged and %d are there, %d of them acknowledged; %d numbers were given twice",
			len(b.acked), len(numbers)-b.before, found, len(b.twice)))
	}
	sold, err := b.pieces(ctx, "SELECT sku_id, SUM(count) FROM order_items GROUP BY sku_id")
	if err != nil {
		return err
	}
	left, err := b.pieces(ctx, "SELECT sku_id, quantity FROM stocks")
	if err != nil {
		return err
	}
	for sku, n := range b.stock {
		if left[sku] != n-sold[sku] || left[sku] < 0 {
			wrong = append(wrong, fmt.Sprintf("SKU %d had %d pieces, %d are ordered and %d are left", sku, n, sold[sku], left[sku]))
		}
	}
	for what, query := range map[string]string{
		"orders without exactly one event": `SELECT COUNT(*) FROM orders o
			WHERE (SELECT COUNT(*) FROM order_events e WHERE e.order_id = o.id) <> 1`,
		"orders whose items are not what they say": `SELECT COUNT(*) FROM orders o
			WHERE item_count <> (SELECT SUM(i.count) FROM order_items i WHERE i.order_id = o.id)`,
		"orders whose sum is not that of their items": `SELECT COUNT(*) FROM orders o
			WHERE payable_fen - freight_fen <> (SELECT SUM(i.payable_fen) FROM order_items i WHERE i.order_id = o.id)`,
		"SKUs whose ledger does not add up to the stock": `SELECT COUNT(*) FROM stocks s
			WHERE s.sku_id IN (SELECT sku_id FROM order_items)
			AND s.quantity <> (SELECT SUM(l.delta) FROM stock_ledger l WHERE l.sku_id = s.sku_id)`,
	} {
		var n int
		if err := b.db.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			wrong = append(wrong, fmt.Sprintf("%d %s", n, what))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", errBooks, firstOf(wrong, 5))
	}
	return nil
}

func firstOf(list []string, n int) string {
	text := ""
	for i, s := range list[:min(n, len(list))] {
		if i > 0 {
			text += "; "
		}
		text += s
	}
	if len(list) > n {
		text += fmt.Sprintf("; and %d more", len(list)-n)
	}
	return text
}
