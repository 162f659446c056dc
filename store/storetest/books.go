package storetest

import (
	"context"
	"testing"

	"dashop/store/db"
)

// books are the sums that must be right at any time; each query lists what breaks one.
var books = map[string]string{
	"stock ledger differs from quantity": `SELECT s.sku_id FROM stocks s LEFT JOIN stock_ledger l ON l.sku_id = s.sku_id
		GROUP BY s.sku_id, s.quantity HAVING COALESCE(SUM(l.delta), 0) <> s.quantity OR s.quantity < 0`,
	"sold differs from what orders hold": `SELECT s.sku_id FROM stocks s WHERE s.sold <>
		(SELECT COALESCE(SUM(i.count), 0) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.sku_id = s.sku_id AND o.status <> 6)`,
	"order does not add up": `SELECT o.id FROM orders o WHERE o.payable_fen <> o.goods_fen - o.discount_fen + o.freight_fen
		OR o.goods_fen - o.discount_fen <> (SELECT COALESCE(SUM(i.payable_fen), -1) FROM order_items i WHERE i.order_id = o.id)`,
	"order counts as paid without exactly one payment that is its own": `SELECT o.id FROM orders o WHERE o.status IN (2, 3, 4, 5) AND o.payable_fen > 0
		AND (SELECT COUNT(*) FROM payments p WHERE p.order_id = o.id AND p.status = 2 AND p.amount_fen = o.payable_fen
			AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id)) <> 1`,
	"money of an unpaid or cancelled order is not owed back": `SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.status = 2 AND o.status IN (1, 6) AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.amount_fen = p.amount_fen)`,
	"cancelled order has an attempt that is still open": `SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.status = 1 AND o.status = 6`,
	"status differs from the last move": `SELECT o.id FROM orders o WHERE o.status <>
		(SELECT e.to_status FROM order_events e WHERE e.order_id = o.id ORDER BY e.id DESC LIMIT 1)`,
	"order was paid more than once on its timeline": `SELECT order_id FROM order_events WHERE kind = 'paid' GROUP BY order_id HAVING COUNT(*) > 1`,
	"cancelled order has not given its stock back": `SELECT o.id FROM orders o WHERE o.status = 6 AND
		(SELECT COALESCE(SUM(l.delta), 0) FROM stock_ledger l WHERE l.order_id = o.id) <> 0`,
	"live order has not taken its stock": `SELECT o.id FROM orders o WHERE o.status <> 6 AND
		(SELECT COALESCE(SUM(l.delta), 0) FROM stock_ledger l WHERE l.order_id = o.id) <> -(SELECT SUM(i.count) FROM order_items i WHERE i.order_id = o.id)`,
}

// CheckBooks fails the test where stock, money or states are not conserved.
func CheckBooks(t testing.TB, d *db.DB) {
	t.Helper()
	for what, query := range books {
		var ids []int64
		if err := d.Select(context.Background(), &ids, query); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(ids) > 0 {
			t.Errorf("%s: %v", what, ids)
		}
	}
}
