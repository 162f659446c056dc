package storetest

import (
	"context"
	"slices"
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
	"line of an order does not add up": `SELECT i.order_id FROM order_items i WHERE i.payable_fen <> i.unit_fen * i.count
		- (SELECT COALESCE(SUM(s.amount_fen), 0) FROM order_shares s WHERE s.order_id = i.order_id AND s.line = i.line)`,
	"discount of an order differs from its shares": `SELECT o.id FROM orders o WHERE o.discount_fen <>
		(SELECT COALESCE(SUM(s.amount_fen), 0) FROM order_shares s WHERE s.order_id = o.id)`,
	"freight of an order differs from its lines": `SELECT order_id FROM (SELECT o.id AS order_id, o.freight_fen AS whole, SUM(i.freight_fen) AS shared
		FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY o.id, o.freight_fen) AS sums
		WHERE shared <> whole AND shared <> 0`, // 0: it is from before freight was shared
	"credits of an order differ from its shares": `SELECT o.id FROM orders o WHERE o.credits <>
		(SELECT COALESCE(SUM(s.amount_fen), 0) FROM order_shares s WHERE s.order_id = o.id AND s.kind = 'credits')`,
	"coupon of an order differs from its shares": `SELECT o.id FROM orders o WHERE o.user_coupon_id <>
		(SELECT COALESCE(MAX(s.ref_id), 0) FROM order_shares s WHERE s.order_id = o.id AND s.kind = 'coupon')`,
	"order counts as paid without exactly one payment that is its own": `SELECT o.id FROM orders o WHERE o.status IN (2, 3, 4, 5) AND o.payable_fen > 0
		AND (SELECT COUNT(*) FROM payments p WHERE p.order_id = o.id AND p.status = 2 AND p.amount_fen = o.payable_fen
			AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id)) <> 1`,
	"money of an unpaid or cancelled order is not owed back": `SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.status = 2 AND o.status IN (1, 6) AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.amount_fen = p.amount_fen)`,
	"cancelled order has an attempt that is still open": `SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.status = 1 AND o.status = 6`,
	"status differs from the last move": `SELECT o.id FROM orders o WHERE o.status <>
		(SELECT e.to_status FROM order_events e WHERE e.order_id = o.id ORDER BY e.id DESC LIMIT 1)`,
	"order was paid more than once on its timeline": `SELECT order_id FROM order_events WHERE kind = 'paid' GROUP BY order_id HAVING COUNT(*) > 1`,
	"rating of a product differs from its reviews": `SELECT p.id FROM spus p LEFT JOIN (SELECT spu_id, ` + ratingSums +
		` FROM reviews WHERE is_hidden = 0 GROUP BY spu_id) r
		ON r.spu_id = p.id WHERE ` + ratingDiffers,
	"rating of a SKU differs from its reviews": `SELECT p.id FROM skus p LEFT JOIN (SELECT sku_id, ` + ratingSums +
		` FROM reviews WHERE is_hidden = 0 GROUP BY sku_id) r
		ON r.sku_id = p.id WHERE ` + ratingDiffers,
	"order counts other reviews than it has": `SELECT o.id FROM orders o WHERE o.reviewed_count <> (SELECT COUNT(*) FROM reviews r WHERE r.order_id = o.id)
		OR o.reviewed_count <> (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id AND i.reviewed_at IS NOT NULL)`,
	"order waits for reviews that it has": `SELECT o.id FROM orders o WHERE o.status = 4 AND o.reviewed_count >= (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id)`,
	"favourites of a user are miscounted": `SELECT u.id FROM users u WHERE u.favourites <> (SELECT COUNT(*) FROM favourites f WHERE f.user_id = u.id)`,
	"coupon counts other claimed ones than there are, or more than it has": `SELECT c.id FROM coupons c WHERE c.claimed <>
		(SELECT COUNT(*) FROM user_coupons u WHERE u.coupon_id = c.id) OR (c.total > 0 AND c.claimed > c.total)`,
	"someone has more of a coupon than a person may": `SELECT u.coupon_id FROM user_coupons u JOIN coupons c ON c.id = u.coupon_id
		GROUP BY u.coupon_id, u.user_id, c.per_person HAVING COUNT(*) > c.per_person OR MAX(u.nth) <> COUNT(*)`,
	"coupon counts other used ones than there are": `SELECT c.id FROM coupons c WHERE c.used <>
		(SELECT COUNT(*) FROM user_coupons u WHERE u.coupon_id = c.id AND u.order_id <> 0) OR c.saved_fen <>
		(SELECT COALESCE(SUM(u.saved_fen), 0) FROM user_coupons u WHERE u.coupon_id = c.id)`,
	"coupon is used and on no order, or the other way round": `SELECT id FROM user_coupons WHERE (order_id = 0) <> (used_at IS NULL)`,
	"two coupons are on one order":                           `SELECT order_id FROM user_coupons WHERE order_id <> 0 GROUP BY order_id HAVING COUNT(*) > 1`,
	"order has a coupon that is not on it": `SELECT o.id FROM orders o WHERE o.user_coupon_id <> 0 AND o.status <> 6 AND NOT EXISTS
		(SELECT 1 FROM user_coupons u WHERE u.id = o.user_coupon_id AND u.order_id = o.id AND u.user_id = o.user_id)`,
	"coupon is on an order that has another or none": `SELECT u.id FROM user_coupons u JOIN orders o ON o.id = u.order_id WHERE o.user_coupon_id <> u.id`,
	"cancelled order has not given its coupon back":  `SELECT u.id FROM user_coupons u JOIN orders o ON o.id = u.order_id WHERE o.status = 6`,
	"line of a paid order gave not exactly what it should": `SELECT i.order_id FROM order_items i JOIN orders o ON o.id = i.order_id
		WHERE (SELECT COUNT(*) FROM entitlements e WHERE e.order_id = i.order_id AND e.line = i.line AND e.user_id = o.user_id AND e.spu_id = i.spu_id
			AND e.days = i.validity_days) <> CASE WHEN i.is_virtual = 1 AND o.paid_at IS NOT NULL THEN 1 ELSE 0 END`,
	"order with nothing to ship waits for it": `SELECT o.id FROM orders o WHERE o.status IN (2, 3, 4)
		AND NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.id AND i.is_virtual = 0)`,
	"learner differs from the entitlements": `SELECT l.id FROM learners l LEFT JOIN (SELECT user_id, spu_id, COUNT(*) AS valid,
			SUM(CASE WHEN expires_at IS NULL THEN 1 ELSE 0 END) AS forever, MAX(expires_at) AS until FROM entitlements WHERE ended_at IS NULL
			GROUP BY user_id, spu_id) e ON e.user_id = l.user_id AND e.spu_id = l.spu_id
		WHERE l.valid <> COALESCE(e.valid, 0) OR e.forever > 0 AND l.expires_at IS NOT NULL
			OR e.forever = 0 AND (l.expires_at IS NULL OR l.expires_at <> e.until)`,
	"entitlement of nobody": `SELECT e.id FROM entitlements e WHERE NOT EXISTS (SELECT 1 FROM learners l WHERE l.user_id = e.user_id AND l.spu_id = e.spu_id)`,
	"students differ from those who joined": `SELECT p.id FROM spus p LEFT JOIN course_counts c ON c.spu_id = p.id
		WHERE COALESCE(c.students - c.earlier, 0) <> (SELECT COUNT(*) FROM learners l WHERE l.spu_id = p.id AND l.valid > 0)`,
	"cancelled order has not given its stock back": `SELECT o.id FROM orders o WHERE o.status = 6 AND
		(SELECT COALESCE(SUM(l.delta), 0) FROM stock_ledger l WHERE l.order_id = o.id) <> 0`,
	"sold pieces of a flash sale differ from what orders have of it": `SELECT r.sku_id FROM promotion_skus r WHERE r.quantity < 0 OR r.sold <>
		(SELECT COALESCE(SUM(t.count), 0) FROM flash_takings t WHERE t.promotion_id = r.promotion_id AND t.sku_id = r.sku_id AND t.is_back = 0)`,
	"orders have pieces of a flash sale that is not there": `SELECT t.order_id FROM flash_takings t WHERE t.is_back = 0 AND NOT EXISTS
		(SELECT 1 FROM promotion_skus r WHERE r.promotion_id = t.promotion_id AND r.sku_id = t.sku_id)`,
	"a shopper's pieces of a flash sale are miscounted": `SELECT b.user_id FROM promotion_buyers b WHERE b.count <>
		(SELECT COALESCE(SUM(t.count), 0) FROM flash_takings t WHERE t.promotion_id = b.promotion_id AND t.sku_id = b.sku_id
			AND t.user_id = b.user_id AND t.is_back = 0)`,
	"a shopper has more of a flash sale than one may have": `SELECT b.user_id FROM promotion_buyers b JOIN promotions p ON p.id = b.promotion_id
		WHERE p.per_person > 0 AND b.count > p.per_person`,
	"cancelled order has not given its pieces of a flash sale back": `SELECT o.id FROM orders o JOIN flash_takings t ON t.order_id = o.id
		WHERE o.status = 6 AND t.is_back = 0`,
	"order that stands has given its pieces of a flash sale back": `SELECT o.id FROM orders o JOIN flash_takings t ON t.order_id = o.id
		WHERE o.status <> 6 AND t.is_back = 1`,
	"card of a product in a sale shows another price than its SKUs": `SELECT p.id FROM spus p JOIN skus k ON k.spu_id = p.id WHERE p.is_launched = 1 AND k.is_launched = 1
		GROUP BY p.id, p.min_price_fen, p.max_price_fen
		HAVING MAX(k.sale_id) > 0 AND (MIN(CASE WHEN k.sale_id = 0 THEN k.price_fen ELSE k.sale_fen END) <> p.min_price_fen
			OR MAX(CASE WHEN k.sale_id = 0 THEN k.price_fen ELSE k.sale_fen END) <> p.max_price_fen)`,
	"live order has not taken its stock": `SELECT o.id FROM orders o WHERE o.status <> 6 AND
		(SELECT COALESCE(SUM(l.delta), 0) FROM stock_ledger l WHERE l.order_id = o.id) <> -(SELECT SUM(i.count) FROM order_items i WHERE i.order_id = o.id)`,
	"credits differ from their entries": `SELECT c.user_id FROM credits c WHERE c.balance < 0
		OR c.balance <> (SELECT COALESCE(SUM(e.amount), 0) FROM credit_entries e WHERE e.user_id = c.user_id)
		OR c.entries <> (SELECT COUNT(*) FROM credit_entries e WHERE e.user_id = c.user_id)`,
	"entry of credits does not follow from the one before": `SELECT e.user_id FROM credit_entries e
		LEFT JOIN credit_entries b ON b.user_id = e.user_id AND b.number = e.number - 1 LEFT JOIN credits c ON c.user_id = e.user_id
		WHERE e.balance < 0 OR e.balance <> COALESCE(b.balance, 0) + e.amount OR b.number IS NULL AND e.number <> 1 OR c.user_id IS NULL`,
	"order gave back more credits than it spent, or took back more than it earned": `SELECT order_id FROM credit_entries WHERE order_id <> 0
		GROUP BY order_id, user_id HAVING SUM(CASE WHEN kind IN ('spent', 'given_back') THEN amount ELSE 0 END) > 0
		OR SUM(CASE WHEN kind IN ('earned', 'taken_back') THEN amount ELSE 0 END) < 0`,
	"order has spent other credits than it says": `SELECT o.id FROM orders o WHERE o.credits <>
		(SELECT COALESCE(-SUM(e.amount), 0) FROM credit_entries e WHERE e.order_id = o.id AND e.user_id = o.user_id AND e.kind = 'spent')`,
	"cancelled order has not given its credits back": `SELECT o.id FROM orders o JOIN credit_entries e ON e.order_id = o.id AND e.user_id = o.user_id
		AND e.kind IN ('spent', 'given_back') WHERE o.status = 6 GROUP BY o.id HAVING SUM(e.amount) <> 0`,
	"credits were earned by other than a received order, or in another number": `SELECT e.order_id FROM credit_entries e
		LEFT JOIN orders o ON o.id = e.order_id WHERE e.kind = 'earned' AND (o.id IS NULL OR o.user_id <> e.user_id OR o.status NOT IN (4, 5)
			OR e.amount * 100 > o.payable_fen - o.freight_fen OR e.amount * 100 <= o.payable_fen - o.freight_fen - 100)`,
	"received order has not earned its credits once": `SELECT o.id FROM orders o WHERE o.status IN (4, 5) AND o.payable_fen - o.freight_fen >= 100
		AND (SELECT COUNT(*) FROM credit_entries e WHERE e.order_id = o.id AND e.user_id = o.user_id AND e.kind = 'earned') <> 1`,
}

// What a rating must be: sums over the reviews that are shown, and where it is not.
const (
	ratingSums = `SUM(CASE WHEN score = 1 THEN 1 ELSE 0 END) AS s1, SUM(CASE WHEN score = 2 THEN 1 ELSE 0 END) AS s2, SUM(CASE WHEN score = 3 THEN 1 ELSE 0 END) AS s3,
		SUM(CASE WHEN score = 4 THEN 1 ELSE 0 END) AS s4, SUM(CASE WHEN score = 5 THEN 1 ELSE 0 END) AS s5, SUM(CASE WHEN is_pictured = 1 THEN 1 ELSE 0 END) AS sp`
	ratingDiffers = `p.score_1 <> COALESCE(r.s1, 0) OR p.score_2 <> COALESCE(r.s2, 0) OR p.score_3 <> COALESCE(r.s3, 0) OR p.score_4 <> COALESCE(r.s4, 0)
		OR p.score_5 <> COALESCE(r.s5, 0) OR p.pictured <> COALESCE(r.sp, 0)`
)

// CheckBooks fails the test where stock, money or states are not conserved. A test may except books for which its data are not made.
func CheckBooks(t testing.TB, d *db.DB, except ...string) {
	t.Helper()
	for _, what := range except {
		if books[what] == "" {
			t.Fatalf("there is no book %q", what)
		}
	}
	for what, query := range books {
		if slices.Contains(except, what) {
			continue
		}
		var ids []int64
		if err := d.Select(context.Background(), &ids, query); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(ids) > 0 {
			t.Errorf("%s: %v", what, ids)
		}
	}
}
