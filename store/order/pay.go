package order

import (
	"context"
	"database/sql"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// MethodFree is how an order is paid that costs nothing.
const MethodFree = "free"

// Paid says how the money of an order came.
type Paid struct {
	Method  string    // the way to pay
	TradeNo string    // the gateway's number; "" for an order that cost nothing
	At      time.Time // by the gateway's clock where it said
}

// MarkPaid moves an unpaid order on within the transaction that books its money, and says whether it did. It does not
// when the order was paid or cancelled before: the money is then owed back.
func MarkPaid(ctx context.Context, tx *db.Tx, orderID int64, p Paid, now time.Time) (bool, error) {
	number := sql.NullString{String: p.TradeNo, Valid: p.TradeNo != ""}
	actor := ByGateway
	if p.Method == MethodFree {
		actor = BySystem
	}
	moved, err := move(ctx, tx, orderID, StatusPendingPayment, change{
		to: StatusPendingShipment, kind: EventPaid, actor: actor,
		set: []column{{"paid_at", p.At}, {"pay_method", p.Method}, {"trade_no", number}},
	}, now)
	if err != nil || !moved {
		return moved, err
	}
	return true, deliver(ctx, tx, orderID, now)
}

// RecordLateMoney notes on the timeline that money came which the order could not take.
func RecordLateMoney(ctx context.Context, tx *db.Tx, orderID int64, detail string, now time.Time) error {
	status, err := statusNow(ctx, tx, orderID)
	if err != nil {
		return err
	}
	return record(ctx, tx, orderID, status, change{to: status, kind: EventLateMoney, actor: ByGateway, detail: detail}, now)
}

// Waiting refuses an order that waits for no money any more, with 50109 and where it stands. It holds the order until tx
// ends, so that one which is cancelled at this moment gets no new payment.
func Waiting(ctx context.Context, tx *db.Tx, id int64, now time.Time) error {
	if err := tx.Hold(ctx, "orders", id); err != nil {
		return err
	}
	var o Order
	if err := tx.Get(ctx, &o, "SELECT status, pay_deadline FROM orders WHERE id = ?", id); err != nil {
		return err
	}
	return o.Waiting(now)
}

// Waiting refuses an order that, as it was read, waits for no money any more, with 50109 and where it stands.
func (o Order) Waiting(now time.Time) error {
	switch {
	case o.Status == StatusCancelled:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已取消，不能再付款")
	case o.Status != StatusPendingPayment:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已付款")
	case !now.Truncate(time.Second).Before(o.PayDeadline.Truncate(time.Second)): // a gateway counts whole seconds
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "已超过付款时间，请重新下单")
	}
	return nil
}

// Due is an unpaid order whose time to pay is over.
type Due struct {
	ID          int64     `db:"id"`
	PayDeadline time.Time `db:"pay_deadline"`
}

// Overdue lists the unpaid orders whose deadline has passed by now, the longest overdue first. It goes on after the one
// given, or begins with the zero Due.
func (s *Service) Overdue(ctx context.Context, now time.Time, after Due, limit int) (list []Due, err error) {
	query, args := "SELECT id, pay_deadline FROM orders WHERE status = ? AND pay_deadline <= ?", []any{StatusPendingPayment, now}
	if after.ID > 0 {
		query += " AND (pay_deadline > ? OR pay_deadline = ? AND id > ?)"
		args = append(args, after.PayDeadline, after.PayDeadline, after.ID)
	}
	err = s.db.Select(ctx, &list, query+" ORDER BY pay_deadline, id LIMIT ?", append(args, limit)...)
	return list, err
}

// LastMethod is how a user paid, or meant to pay, the newest order; "" before the first, and where that is no way to pay the next one: the
// order was free, or the merchant has removed the method since.
func (s *Service) LastMethod(ctx context.Context, userID int64) (method string, err error) {
	err = s.db.Get(s.db.PointRead(ctx), &method, "SELECT pay_method FROM orders"+s.db.Along("orders_user")+
		" WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT 1", userID)
	if fault.Is(err, fault.NotFound) || err == nil && !s.methods.Offered(method) {
		return "", nil
	}
	return method, err
}
