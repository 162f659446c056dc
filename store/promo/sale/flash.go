package sale

import (
	"cmp"
	"context"
	"math"
	"slices"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

// taking are the pieces of a flash sale that an order has of one SKU.
type taking struct {
	SKUID       int64 `db:"sku_id"`
	PromotionID int64 `db:"promotion_id"`
	UserID      int64 `db:"user_id"`
	Count       int64 `db:"count"`
	SPUID       int64 `db:"spu_id"` // of the SKU
}

// TakeFlash takes the pieces that a quote has at the price of a flash sale, within the transaction that places the order. When somebody
// else was faster, or the shopper has had as many as one may have, it is 50106: then the pieces have another price. Who takes the last
// piece closes the sale of that SKU.
func TakeFlash(ctx context.Context, tx *db.Tx, orderID int64, quote promo.Quote, clock db.Clock) (err error) {
	defer fault.Wrap(&err, "take pieces of flash sales for order %d", orderID)
	var lines []promo.Line
	for _, l := range quote.Lines {
		if l.Sale != nil && l.Sale.Kind == promo.KindFlash && l.AtSale > 0 {
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(x, y promo.Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) }) // in one order for all
	var soldOut []int64
	for _, l := range lines {
		t := taking{l.SKU.ID, l.Sale.ID, quote.Ask.UserID, l.AtSale, l.SKU.SPUID}
		left, err := t.take(ctx, tx)
		if err != nil {
			return err
		}
		if left == 0 {
			soldOut = append(soldOut, t.SPUID)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO flash_takings (order_id, sku_id, promotion_id, user_id, count, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			orderID, t.SKUID, t.PromotionID, t.UserID, t.Count, clock()); err != nil {
			return err
		}
	}
	return repriceSorted(ctx, tx, clock, soldOut)
}

// take takes the pieces and says how many the sale has left.
func (t taking) take(ctx context.Context, tx *db.Tx) (left int64, err error) {
	tx.Changed(catalog.SKUsOf(t.SPUID))
	n, err := tx.Exec(ctx, "UPDATE promotion_skus SET quantity = quantity - ?, sold = sold + ? WHERE promotion_id = ? AND sku_id = ? AND quantity >= ?",
		t.Count, t.Count, t.PromotionID, t.SKUID, t.Count)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, promo.PriceChanged()
	}
	var sale struct {
		Left  int64 `db:"quantity"`
		Limit int64 `db:"per_person"` // of this moment: since it was quoted it may have been lowered
	}
	if err := tx.Get(ctx, &sale, `SELECT r.quantity, p.per_person FROM promotion_skus r JOIN promotions p ON p.id = r.promotion_id
		WHERE r.promotion_id = ? AND r.sku_id = ?`, t.PromotionID, t.SKUID); err != nil {
		return 0, err
	}
	if sale.Limit == 0 {
		sale.Limit = math.MaxInt32
	}
	return sale.Left, t.count(ctx, tx, sale.Limit)
}

// count adds the pieces to what the shopper has had, up to the limit.
func (t taking) count(ctx context.Context, tx *db.Tx, limit int64) error {
	n, err := tx.Exec(ctx, "UPDATE promotion_buyers SET count = count + ? WHERE promotion_id = ? AND sku_id = ? AND user_id = ? AND count <= ?",
		t.Count, t.PromotionID, t.SKUID, t.UserID, limit-t.Count)
	if err != nil || n > 0 {
		return err
	}
	if t.Count > limit {
		return promo.PriceChanged()
	}
	_, err = tx.Exec(ctx, "INSERT INTO promotion_buyers (promotion_id, sku_id, user_id, count) VALUES (?, ?, ?, ?)", t.PromotionID, t.SKUID, t.UserID,
		t.Count)
	if db.IsDuplicate(err) { // the row is there, and has no room for these
		return promo.PriceChanged()
	}
	return err
}

// GiveBackFlash gives the pieces that an order took of flash sales back to them, once however often it is called, within the transaction
// that cancels the order. A sale that was sold out opens again if its window lasts.
func GiveBackFlash(ctx context.Context, tx *db.Tx, orderID int64, clock db.Clock) (err error) {
	defer fault.Wrap(&err, "give pieces of order %d back to flash sales", orderID)
	var all []taking
	if err := tx.Select(ctx, &all, `SELECT t.sku_id, t.promotion_id, t.user_id, t.count, k.spu_id FROM flash_takings t JOIN skus k ON k.id = t.sku_id
		WHERE t.order_id = ? AND t.is_back = 0 ORDER BY t.sku_id`, orderID); err != nil {
		return err
	}
	var open []int64
	for _, t := range all {
		n, err := tx.Exec(ctx, "UPDATE flash_takings SET is_back = 1 WHERE order_id = ? AND sku_id = ? AND is_back = 0", orderID, t.SKUID)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		left, err := t.giveBack(ctx, tx)
		if err != nil {
			return err
		}
		if left == t.Count { // there was none
			open = append(open, t.SPUID)
		}
	}
	return repriceSorted(ctx, tx, clock, open)
}

// giveBack gives the pieces back and says how many the sale has now.
func (t taking) giveBack(ctx context.Context, tx *db.Tx) (left int64, err error) {
	tx.Changed(catalog.SKUsOf(t.SPUID))
	_, err = tx.Exec(ctx, "UPDATE promotion_skus SET quantity = quantity + ?, sold = sold - ? WHERE promotion_id = ? AND sku_id = ?",
		t.Count, t.Count, t.PromotionID, t.SKUID)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "UPDATE promotion_buyers SET count = count - ? WHERE promotion_id = ? AND sku_id = ? AND user_id = ?",
		t.Count, t.PromotionID, t.SKUID, t.UserID)
	if err != nil {
		return 0, err
	}
	return t.left(ctx, tx)
}

// left is how many pieces the sale has now.
func (t taking) left(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = tx.Get(ctx, &n, "SELECT quantity FROM promotion_skus WHERE promotion_id = ? AND sku_id = ?", t.PromotionID, t.SKUID)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return n, err
}

// repriceSorted reprices products, each once and in one order for all.
func repriceSorted(ctx context.Context, tx *db.Tx, clock db.Clock, spuIDs []int64) error {
	slices.Sort(spuIDs)
	return Reprice(ctx, tx, clock, slices.Compact(spuIDs)...)
}
