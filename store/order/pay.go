package order

import (
	"context"
	"database/sql"
	"time"

	"dashop/store/db"
)

// MarkPaid moves an unpaid order on within the transaction that books its money, and says whether it did. It does not
// when the order was paid or cancelled before: the money is then owed back. tradeNo is the gateway's number, "" for an order
// that cost nothing.
func MarkPaid(ctx context.Context, tx *db.Tx, orderID int64, tradeNo string, paidAt, now time.Time) (bool, error) {
	number := sql.NullString{String: tradeNo, Valid: tradeNo != ""}
	return move(ctx, tx, orderID, StatusPendingPayment, change{
		to: StatusPendingShipment, kind: EventPaid, actor: ByGateway, set: []column{{"paid_at", paidAt}, {"trade_no", number}},
	}, now)
}

// RecordLateMoney notes on the timeline that money came which the order could not take.
func RecordLateMoney(ctx context.Context, tx *db.Tx, orderID int64, detail string, now time.Time) error {
	status, err := statusNow(ctx, tx, orderID)
	if err != nil {
		return err
	}
	return record(ctx, tx, orderID, status, change{to: status, kind: EventLateMoney, actor: ByGateway, detail: detail}, now)
}
