package sale

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

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
}

// TakeFlash takes the pieces that a quote has at the price of a flash sale, within the transaction that places the order. When somebody
// else was faster, or the shopper has had as many as one may have, it is 50106: then the pieces have another price. Who takes the last
// piece closes the sale of that SKU.
func TakeFlash(ctx context.Context, tx *db.Tx, orderID int64, quote promo.Quote, now time.Time) (err error) {
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
		t := taking{l.SKU.ID, l.Sale.ID, quote.Ask.UserID, l.AtSale}
		left, err := t.take(ctx, tx, l.Sale.PerPerson)
		if err != nil {
			return err
		}
		if left == 0 {
			soldOut = append(soldOut, l.SKU.SPUID)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO flash_takings (order_id, sku_id, promotion_id, user_id, count, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			orderID, t.SKUID, t.PromotionID, t.UserID, t.Count, now); err != nil {
			return err
		}
	}
	return repriceSorted(ctx, tx, now, soldOut)
}

// take takes the pieces and says how many the sale has left.
func (t taking) take(ctx context.Context, tx *db.Tx, limit int64) (left int64, err error) {
	n, err := tx.Exec(ctx, "UPDATE promotion_skus SET quantity = quantity - ?, sold = sold + ? WHERE promotion_id = ? AND sku_id = ? AND quantity >= ?",
		t.Count, t.Count, t.PromotionID, t.SKUID, t.Count)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, promo.PriceChanged()
	}
	if limit == 0 {
		limit = math.MaxInt32
	}
	if err := t.count(ctx, tx, limit); err != nil {
		return 0, err
	}
	return left, tx.Get(ctx, &left, "SELECT quantity FROM promotion_skus WHERE promotion_id = ? AND sku_id = ?", t.PromotionID, t.SKUID)
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
func GiveBackFlash(ctx context.Context, tx *db.Tx, orderID int64, now time.Time) (err error) {
	defer fault.Wrap(&err, "give pieces of order %d back to flash sales", orderID)
	var all []taking
	if err := tx.Select(ctx, &all, `SELECT sku_id, promotion_id, user_id, count FROM flash_takings WHERE order_id = ? AND is_back = 0
		ORDER BY sku_id`, orderID); err != nil {
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
		if err := t.giveBack(ctx, tx); err != nil {
			return err
		}
		var spuID int64
		err = tx.Get(ctx, &spuID, "SELECT k.spu_id FROM skus k JOIN promotion_skus r ON r.sku_id = k.id WHERE r.promotion_id = ? AND r.sku_id = ? AND r.quantity = ?",
			t.PromotionID, t.SKUID, t.Count) // none was left before
		if err == nil {
			open = append(open, spuID)
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return repriceSorted(ctx, tx, now, open)
}

func (t taking) giveBack(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE promotion_skus SET quantity = quantity + ?, sold = sold - ? WHERE promotion_id = ? AND sku_id = ?",
		t.Count, t.Count, t.PromotionID, t.SKUID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE promotion_buyers SET count = count - ? WHERE promotion_id = ? AND sku_id = ? AND user_id = ?",
		t.Count, t.PromotionID, t.SKUID, t.UserID)
	return err
}

// repriceSorted reprices products, each once and in one order for all.
func repriceSorted(ctx context.Context, tx *db.Tx, now time.Time, spuIDs []int64) error {
	slices.Sort(spuIDs)
	return Reprice(ctx, tx, now, slices.Compact(spuIDs)...)
}
