package alipay

import (
	"context"
	"fmt"
	"time"

	"dashop/store/money"
)

// State is what is known of a trade at the gateway. The zero State is no knowledge at all and comes only with an error.
type State uint8

// The states of a trade.
const (
	Absent       State = iota + 1 // no trade yet: the buyer has not logged in; an issued link may still be paid
	Waiting                       // WAIT_BUYER_PAY
	Paid                          // TRADE_SUCCESS or TRADE_FINISHED, in parts refunded or not
	ClosedUnpaid                  // TRADE_CLOSED and never paid
	Refunded                      // TRADE_CLOSED after it was paid: all of it went back
)

// WasPaid says that money was received, even if it was refunded later.
func (s State) WasPaid() bool { return s == Paid || s == Refunded }

// Trade is what a query tells. Compare Amount with your own before you believe Paid.
type Trade struct {
	State      State
	OutTradeNo string
	TradeNo    string    // "" when Absent
	Status     string    // trade_status as written
	Amount     money.Fen // the order amount, before coupons that the buyer used
	PaidAt     time.Time // zero when not paid, or when the gateway did not say
	Buyer      string    // masked account
}

// Query asks at time now what became of outTradeNo. An error means that the outcome is not known (ErrUnknown, with ErrSignature when the
// answer was not Alipay's) or that the gateway refuses to tell (ErrRefused); neither ever means "not paid".
func (c *Client) Query(ctx context.Context, now time.Time, outTradeNo string) (Trade, error) {
	a, err := c.call(ctx, now, MethodQuery, map[string]string{"out_trade_no": outTradeNo})
	if err != nil {
		return Trade{}, err
	}
	if a.SubCode == "ACQ.TRADE_NOT_EXIST" && a.Code == "40004" {
		return Trade{State: Absent, OutTradeNo: outTradeNo}, nil
	}
	if a.Code != "10000" {
		return Trade{}, a.fault(MethodQuery)
	}
	if a.OutTradeNo != outTradeNo {
		return Trade{}, fmt.Errorf("%w: asked for %s, told of %q", ErrUnknown, outTradeNo, a.OutTradeNo)
	}
	t, err := a.trade()
	if err != nil {
		return Trade{}, fmt.Errorf("%w: %s: %w", ErrUnknown, outTradeNo, err)
	}
	return t, nil
}

func (a answer) trade() (Trade, error) {
	amount, err := money.Parse(a.TotalAmount)
	if err != nil || amount <= 0 {
		return Trade{}, fmt.Errorf("%w: total_amount %q", ErrMalformed, a.TotalAmount)
	}
	paid := a.SendPayDate
	if paid == "" {
		paid = a.GmtPayment
	}
	t := Trade{OutTradeNo: a.OutTradeNo, TradeNo: a.TradeNo, Status: a.TradeStatus, Amount: amount, Buyer: a.Buyer}
	refunded, err := optionalFen(a.RefundFee)
	if err != nil {
		return Trade{}, err
	}
	if t.State = stateOf(a.TradeStatus, paid != "" || refunded > 0); t.State == 0 {
		return Trade{}, fmt.Errorf("%w: trade_status %q", ErrMalformed, a.TradeStatus)
	}
	if t.State.WasPaid() && t.TradeNo == "" {
		return Trade{}, fmt.Errorf("%w: paid without trade_no", ErrMalformed)
	}
	if paid != "" {
		t.PaidAt, err = ParseTime(paid)
	}
	return t, err
}

// stateOf reads trade_status. TRADE_CLOSED alone does not say whether money came in; money does.
func stateOf(status string, cameIn bool) State {
	switch {
	case status == "WAIT_BUYER_PAY":
		return Waiting
	case status == "TRADE_SUCCESS", status == "TRADE_FINISHED":
		return Paid
	case status == "TRADE_CLOSED" && cameIn:
		return Refunded
	case status == "TRADE_CLOSED":
		return ClosedUnpaid
	}
	return 0
}

// Closing is what came of a wish to close a trade.
type Closing uint8

// The ends of Close. After any but CloseDone the caller queries, and acts on that.
const (
	CloseDone   Closing = iota + 1 // the trade is closed and was never paid
	CloseAbsent                    // no trade yet: its link stays payable until it expires
	CloseFailed                    // not in a state to be closed: paid, or closed already; or nobody knows
)

// Close closes an unpaid trade at time now. With CloseFailed the error, if any, says why the outcome is not known.
func (c *Client) Close(ctx context.Context, now time.Time, outTradeNo string) (Closing, error) {
	a, err := c.call(ctx, now, MethodClose, map[string]string{"out_trade_no": outTradeNo})
	switch {
	case err != nil:
		return CloseFailed, err
	case a.Code == "10000" && a.OutTradeNo == outTradeNo:
		return CloseDone, nil
	case a.Code == "10000":
		return CloseFailed, fmt.Errorf("%w: asked to close %s, told of %q", ErrUnknown, outTradeNo, a.OutTradeNo)
	case a.Code == "40004" && a.SubCode == "ACQ.TRADE_NOT_EXIST":
		return CloseAbsent, nil
	case a.Code == "40004" && wrongState[a.SubCode]:
		return CloseFailed, nil
	}
	return CloseFailed, a.fault(MethodClose)
}

// wrongState lists how accounts and versions say that a trade is paid or closed already.
var wrongState = map[string]bool{
	"ACQ.TRADE_HAS_SUCCESS": true, "ACQ.TRADE_HAS_CLOSE": true, "ACQ.TRADE_HAS_FINISHED": true, "ACQ.TRADE_STATUS_ERROR": true,
	"ACQ.REASON_TRADE_STATUS_INVALID": true, "ACQ.REASON_ILLEGAL_STATUS": true,
}

// optionalFen reads an amount that may be missing.
func optionalFen(s string) (money.Fen, error) {
	if s == "" {
		return 0, nil
	}
	amount, err := money.Parse(s)
	if err != nil {
		return 0, fmt.Errorf("%w: amount %q", ErrMalformed, s)
	}
	return amount, nil
}
