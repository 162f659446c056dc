package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
)

// The answers to a notify. Any but success makes the gateway send it again.
const (
	answerSuccess = "success"
	answerFail    = "fail"
)

// Notify takes a message of Alipay's and returns the answer to send: success only after its effect is committed. What
// is forged, foreign, unknown or of another amount changes nothing and is answered fail.
func (s *Service) Notify(ctx context.Context, body []byte) string {
	n, err := s.provider.ReadNotify(body)
	if err != nil {
		s.suspicious(ctx, fromNotify, err, body)
		return answerFail
	}
	result, err := s.apply(ctx, n, fromNotify, body)
	if err != nil {
		s.log.ErrorContext(ctx, "notify failed", "out_trade_no", n.OutTradeNo, "error", err)
		return answerFail
	}
	if !result.accepted() {
		return answerFail
	}
	return answerSuccess
}

// Return takes the query with which a buyer comes back from Alipay and says which order it is about. It proves no
// payment: while the attempt is open the gateway is asked. A buyer whose attempt is frozen is told so by the order's result.
func (s *Service) Return(ctx context.Context, rawQuery string) (orderNo string, err error) {
	n, err := s.provider.ReadReturn(rawQuery)
	if err != nil {
		s.suspicious(ctx, fromReturn, err, []byte(rawQuery))
		return "", doubtful()
	}
	result, err := s.apply(ctx, n, fromReturn, []byte(rawQuery))
	if err != nil {
		return "", err
	}
	if result == stranger || result == wrongTrade {
		return "", doubtful()
	}
	var a Attempt
	if err := s.db.Get(ctx, &a, "SELECT "+columns+" FROM payments WHERE out_trade_no = ?", n.OutTradeNo); err != nil {
		return "", err
	}
	if n.Amount != a.Amount {
		return "", doubtful()
	}
	if a.Status == StatusOpen {
		s.look(ctx, a)
	}
	return a.OrderNo, nil
}

func doubtful() error {
	return fault.New(fault.Invalid, 0, "这次返回的支付结果无法核实，请到“我的订单”查看")
}

// suspicious notes a message that is not the gateway's, or not for us, by its digest alone.
func (s *Service) suspicious(ctx context.Context, source string, err error, raw []byte) {
	kind := "forged"
	if errors.Is(err, ErrForeign) {
		kind = "foreign"
	}
	s.log.WarnContext(ctx, "payment message refused", "source", source, "kind", kind, "digest", digestOf(source, string(raw)), "error", err)
}

func digestOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Result is what a shopper is told after paying.
type Result struct {
	Order      order.Order
	Attempt    *Attempt // the paid one, or else the newest; nil when there is none
	Confirming bool     // an attempt is open: the money may be on its way (50105)
	Late       bool     // money of this order is owed back
	Frozen     bool     // another amount than asked for was reported: a person must look before anything is paid again
}

// Result is a user's order with what is known of its payment. While an attempt is open the gateway is asked first, at
// most every few seconds, so that a lost notify does no harm.
func (s *Service) Result(ctx context.Context, userID int64, no string) (Result, error) {
	o, err := s.orders.Order(ctx, userID, no)
	if err != nil {
		return Result{}, err
	}
	attempts, err := s.Attempts(ctx, o.ID)
	if err != nil {
		return Result{}, err
	}
	if o.Status == order.StatusPendingPayment && s.lookAtOpen(ctx, attempts) {
		if o, err = s.orders.Order(ctx, userID, no); err != nil {
			return Result{}, err
		}
		if attempts, err = s.Attempts(ctx, o.ID); err != nil {
			return Result{}, err
		}
	}
	r := Result{Order: o}
	for i := range attempts {
		a := &attempts[i]
		if r.Attempt == nil || (a.Status == StatusPaid && r.Attempt.Status != StatusPaid) {
			r.Attempt = a
		}
		r.Frozen = r.Frozen || a.Status == StatusFrozen
		r.Confirming = r.Confirming || (a.Status == StatusOpen && o.Status == order.StatusPendingPayment)
	}
	var owed int
	err = s.db.Get(ctx, &owed, "SELECT COUNT(*) FROM refunds WHERE order_id = ? AND status = ?", o.ID, RefundOwed)
	r.Late = owed > 0
	return r, err
}

// lookAtOpen asks the gateway about the open attempts among these and says whether anything changed.
func (s *Service) lookAtOpen(ctx context.Context, attempts []Attempt) (changed bool) {
	for _, a := range attempts {
		if a.Status == StatusOpen && s.look(ctx, a) {
			changed = true
		}
	}
	return changed
}

// look asks the gateway about one attempt for a page, unless that was done a moment ago, and says whether anything
// changed. A gateway that does not answer changes nothing.
func (s *Service) look(ctx context.Context, a Attempt) bool {
	now := s.clock()
	n, err := s.db.Exec(ctx, "UPDATE payments SET queried_at = ? WHERE id = ? AND (queried_at IS NULL OR queried_at <= ?)", now, a.ID, now.Add(-askEvery))
	if err != nil || n == 0 {
		return false
	}
	result, err := s.ask(ctx, a, pageWait)
	return err == nil && (result == applied || result == closed || result == wrongSum)
}

// ask queries the gateway and applies the answer. No transaction is open meanwhile.
func (s *Service) ask(ctx context.Context, a Attempt, wait time.Duration) (outcome, error) {
	asking, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	n, err := s.provider.Query(asking, s.clock(), a.OutTradeNo)
	if err != nil {
		s.log.WarnContext(ctx, "gateway did not tell", "out_trade_no", a.OutTradeNo, "error", err)
		return "", err
	}
	return s.apply(ctx, n, fromQuery, nil)
}

// Cancel cancels a user's unpaid order. The gateway is asked and told to close, within a few seconds; if it says that the
// order is paid, so it is, and the answer is 50109. Whatever else it says, or nothing, the order is cancelled at once.
func (s *Service) Cancel(ctx context.Context, userID int64, no string) error {
	o, err := s.orders.Order(ctx, userID, no)
	if err != nil {
		return err
	}
	if o.Status == order.StatusCancelled {
		return nil
	}
	if o.Status == order.StatusPendingPayment {
		s.closeAtGateway(ctx, o)
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := s.giveUp(ctx, tx, o.ID, order.CancelledByShopper, order.ByShopper, userID)
		if err != nil || moved {
			return err
		}
		if o, err = s.orders.ByID(ctx, tx, o.ID); err != nil || o.Status == order.StatusCancelled {
			return err
		}
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已付款，无法取消")
	})
}

// closeAtGateway asks about each open attempt and closes what is not paid. Nothing depends on its success.
func (s *Service) closeAtGateway(ctx context.Context, o order.Order) {
	attempts, err := s.Attempts(ctx, o.ID)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	for _, a := range attempts {
		if a.Status != StatusOpen {
			continue
		}
		if result, err := s.ask(ctx, a, cancelWait); err != nil || result == applied || result == closed {
			continue
		}
		if sure, err := s.provider.Close(ctx, s.clock(), a.OutTradeNo); err != nil {
			s.log.WarnContext(ctx, "gateway did not close", "out_trade_no", a.OutTradeNo, "error", err)
		} else if !sure { // paid between the question and the closing
			_, _ = s.ask(ctx, a, cancelWait) // logged; an order that is not paid by now is cancelled
		}
	}
}

// giveUp cancels an unpaid order within tx and shuts its attempts. A link that was issued may still be paid until it
// expires, so each is asked about once more then.
func (s *Service) giveUp(ctx context.Context, tx *db.Tx, orderID int64, why order.CancelReason, actor order.Actor, actorID int64) (bool, error) {
	now := s.clock()
	moved, err := order.Cancel(ctx, tx, orderID, why, actor, actorID, now)
	if err != nil || !moved {
		return moved, err
	}
	var open []Attempt
	if err := tx.Select(ctx, &open, "SELECT "+columns+" FROM payments WHERE order_id = ? AND status = ?", orderID, StatusOpen); err != nil {
		return false, err
	}
	for _, a := range open {
		if _, err := tx.Exec(ctx, "UPDATE payments SET status = ?, open_key = NULL, closed_at = ?, next_query_at = ? WHERE id = ? AND status = ?",
			StatusClosed, now, a.ExpiresAt.Add(grace), a.ID, StatusOpen); err != nil {
			return false, err
		}
	}
	return true, nil
}
