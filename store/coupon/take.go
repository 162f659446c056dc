package coupon

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// Take puts a coupon that a user holds on an order within tx, off which it takes so much. One that is not the user's, is on
// an order already, or is not good now is 50107.
func Take(ctx context.Context, tx *db.Tx, userID, id, orderID int64, saving money.Fen, now time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE user_coupons SET order_id = ?, used_at = ?, saved_fen = ?
		WHERE id = ? AND user_id = ? AND order_id = 0 AND starts_at <= ? AND ends_at > ?`, orderID, now, saving, id, userID, now, now)
	if err != nil {
		return fmt.Errorf("take coupon %d of user %d for order %d: %w", id, userID, orderID, err)
	}
	if n == 0 {
		return promo.BadCoupon()
	}
	return count(ctx, tx, id, 1, saving)
}

// GiveBack makes the coupon free that is on an order, within tx. Without one it does nothing, so that it gives back once.
func GiveBack(ctx context.Context, tx *db.Tx, orderID int64) error {
	var on struct {
		ID    int64     `db:"id"`
		Saved money.Fen `db:"saved_fen"`
	}
	err := tx.Get(ctx, &on, "SELECT id, saved_fen FROM user_coupons WHERE order_id = ?", orderID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	// By its number, since to look for rows that may not be there would lock the gaps between those of other orders.
	n, err := tx.Exec(ctx, "UPDATE user_coupons SET order_id = 0, used_at = NULL, saved_fen = 0 WHERE id = ? AND order_id = ?", on.ID, orderID)
	if err != nil {
		return fmt.Errorf("give back coupon %d of order %d: %w", on.ID, orderID, err)
	}
	if n == 0 {
		return nil
	}
	return count(ctx, tx, on.ID, -1, -on.Saved)
}

// count keeps the figures of the coupon that a claimed one is of.
func count(ctx context.Context, tx *db.Tx, id, used int64, saved money.Fen) error {
	n, err := tx.Exec(ctx, `UPDATE coupons SET used = used + ?, saved_fen = saved_fen + ?
		WHERE id = (SELECT coupon_id FROM user_coupons WHERE id = ?)`, used, saved, id)
	if err == nil && n == 0 {
		err = fmt.Errorf("claimed coupon %d is of no coupon", id)
	}
	return err
}

// Forget ends what a user still holds, within the transaction that deletes the account. The rows stay for the books: they name nobody
// but the account.
func Forget(ctx context.Context, tx *db.Tx, userID int64, now time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE user_coupons SET ends_at = ? WHERE user_id = ? AND order_id = 0 AND ends_at > ?", now, userID, now)
	if err != nil {
		return fmt.Errorf("end the coupons of user %d: %w", userID, err)
	}
	return nil
}
