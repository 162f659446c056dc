package order

import (
	"context"
	"time"

	"dashop/store/db"
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

// Cancel moves an unpaid order to cancelled within tx and gives its stock back, and says whether it did. It does not
// when the status of the order has changed meanwhile.
func Cancel(ctx context.Context, tx *db.Tx, orderID int64, why CancelReason, actor Actor, actorID int64, now time.Time) (bool, error) {
	moved, err := move(ctx, tx, orderID, StatusPendingPayment, change{
		to: StatusCancelled, kind: EventCancelled, actor: actor, actorID: actorID, detail: string(why),
		set: []column{{"cancel_reason", why}, {"ended_at", now}},
	}, now)
	if err != nil || !moved {
		return moved, err
	}
	held, err := stock.Held(ctx, tx, orderID)
	if err != nil {
		return false, err
	}
	return true, stock.GiveBack(ctx, tx, orderID, "", held, now)
}
