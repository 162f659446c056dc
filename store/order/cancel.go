package order

import (
	"context"

	"dashop/store/coupon"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/promo/sale"
	"dashop/store/stock"
)

// CancelReason says why an order was cancelled.
type CancelReason string

// The reasons.
const (
	CancelledByShopper  CancelReason = "shopper"
	CancelledByTimeout  CancelReason = "timeout"
	CancelledByMerchant CancelReason = "merchant"
	CancelledByRefund   CancelReason = "refund"
)

// Name is the Chinese word for the reason.
func (r CancelReason) Name() string {
	switch r {
	case CancelledByShopper:
		return "您已取消"
	case CancelledByTimeout:
		return "超时取消"
	case CancelledByMerchant:
		return "商家取消"
	case CancelledByRefund:
		return "已退款"
	}
	return ""
}

// Cancel moves an unpaid order to cancelled within tx and gives back all that it took, and says whether it did. It does not
// when the status of the order has changed meanwhile.
func Cancel(ctx context.Context, tx *db.Tx, orderID int64, why CancelReason, actor Actor, actorID int64, clock db.Clock) (bool, error) {
	now := clock()
	moved, err := move(ctx, tx, orderID, StatusPendingPayment, change{
		to: StatusCancelled, kind: EventCancelled, actor: actor, actorID: actorID, detail: string(why),
		set: []column{{"cancel_reason", why}, {"ended_at", now}},
	}, now)
	if err != nil || !moved {
		return moved, err
	}
	return true, giveBack(ctx, tx, orderID, clock)
}

// giveBack returns all that an order took and still holds, in the order in which it was taken. The caller has written the order's row.
func giveBack(ctx context.Context, tx *db.Tx, orderID int64, clock db.Clock) error {
	now := clock()
	var o Order
	if err := tx.Get(ctx, &o, "SELECT user_id, user_coupon_id, credits FROM orders WHERE id = ?", orderID); err != nil {
		return err
	}
	if o.CouponID != 0 {
		if err := coupon.GiveBack(ctx, tx, orderID); err != nil {
			return err
		}
	}
	if o.Credits != 0 {
		held, err := credits.Held(ctx, tx, o.UserID, orderID)
		if err != nil {
			return err
		}
		if err := credits.GiveBack(ctx, tx, o.UserID, orderID, held, "", now); err != nil {
			return err
		}
	}
	if err := sale.GiveBackFlash(ctx, tx, orderID, clock); err != nil {
		return err
	}
	held, err := stock.Held(ctx, tx, orderID)
	if err != nil {
		return err
	}
	return stock.GiveBack(ctx, tx, orderID, "", held, now)
}
