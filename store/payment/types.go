package payment

import (
	"time"

	"dashop/store/money"
)

// Status says where an attempt stands.
type Status int

// The states of an attempt.
const (
	StatusOpen    Status = 1 // may be paid at the gateway
	StatusPaid    Status = 2 // its money has come
	StatusClosed  Status = 3 // can no longer be paid, as far as the gateway tells
	StatusFrozen  Status = 4 // the gateway reported another amount: a person must look
	StatusClosing Status = 5 // its order is paid otherwise, and the gateway is still to be told
)

// Attempt is one try to pay an order, with a number of its own at the gateway.
type Attempt struct {
	ID          int64      `db:"id"`
	OrderID     int64      `db:"order_id"`
	OrderNo     string     `db:"order_no"`
	UserID      int64      `db:"user_id"`
	Method      string     `db:"method"`
	OutTradeNo  string     `db:"out_trade_no"`
	OpenKey     *string    `db:"open_key"`
	Amount      money.Fen  `db:"amount_fen"`
	Status      Status     `db:"status"`
	TradeNo     *string    `db:"trade_no"`
	PaidSource  string     `db:"paid_source"` // notify, return, query …
	CreatedAt   time.Time  `db:"created_at"`
	ExpiresAt   time.Time  `db:"expires_at"` // the deadline in the link
	NextQueryAt *time.Time `db:"next_query_at"`
	QueriedAt   *time.Time `db:"queried_at"`
	Queries     int        `db:"queries"`
	PaidAt      *time.Time `db:"paid_at"`
	ClosedAt    *time.Time `db:"closed_at"`
	Code        string     `db:"code"`       // to be scanned, where the provider gave one
	CodeUntil   *time.Time `db:"code_until"` // when Code stops working
}

// RefundReason says why money must go back.
type RefundReason string

// The reasons that this shop knows so far.
const (
	RefundLate        RefundReason = "late"   // paid after the order was cancelled
	RefundDouble      RefundReason = "double" // the order was paid already
	RefundWrongAmount RefundReason = "amount" // not the sum that was asked
)

// RefundStatus says where a refund stands.
type RefundStatus int

// RefundOwed means: recorded, not yet sent to the gateway.
const RefundOwed RefundStatus = 1

// Refund is money owed back to a payer.
type Refund struct {
	ID           int64        `db:"id"`
	PaymentID    int64        `db:"payment_id"`
	OrderID      int64        `db:"order_id"`
	OrderNo      string       `db:"order_no"`
	OutRequestNo string       `db:"out_request_no"`
	Amount       money.Fen    `db:"amount_fen"`
	Reason       RefundReason `db:"reason"`
	Status       RefundStatus `db:"status"`
	CreatedAt    time.Time    `db:"created_at"`
}
