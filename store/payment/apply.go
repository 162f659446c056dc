package payment

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/payment/gateway"
)

// The ways in which news comes.
const (
	fromNotify = "notify"
	fromReturn = "return"
	fromQuery  = "query"
)

// evidence is how a piece of news came: who brought it, in which way, and the signed text, if any.
type evidence struct {
	method, source string
	raw            []byte
}

// outcome is what a piece of news did. It is kept with the notice.
type outcome string

const (
	applied    outcome = "applied"    // it marked the attempt paid
	repeated   outcome = "repeated"   // it was known
	closed     outcome = "closed"     // it marked the attempt closed
	ignored    outcome = "ignored"    // it changes nothing
	stranger   outcome = "stranger"   // no attempt has this number
	wrongSum   outcome = "wrong_sum"  // another amount than was asked for
	wrongTrade outcome = "wrong_trd"  // its trade number belongs to another attempt
	seen       outcome = "buyer_back" // a buyer came back; that proves nothing
)

// accepted says whether the gateway may stop repeating the message.
func (o outcome) accepted() bool { return o != stranger && o != wrongSum && o != wrongTrade }

// apply is the one function through which news of money takes effect, whoever brings it: it compares the amount, marks
// the attempt paid once, and moves the order on or, if that needs no money any more, books the sum as owed.
// A second call with the same news changes nothing.
func (s *Service) apply(ctx context.Context, n gateway.News, told evidence) (result outcome, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if result, err = s.effect(ctx, tx, n, told); err != nil {
			return err
		}
		return s.keep(ctx, tx, n.OutTradeNo, n.Digest, told, result)
	})
	if err != nil {
		return "", fmt.Errorf("apply %s about %s: %w", told.source, n.OutTradeNo, err)
	}
	if !result.accepted() {
		s.log.ErrorContext(ctx, "payment news refused", "method", told.method, "source", told.source, "outcome", string(result),
			"out_trade_no", n.OutTradeNo, "amount_fen", int64(n.Amount))
	}
	return result, nil
}

// applyRefund keeps the news of a refund as evidence. It changes nothing: money that went back pays no order.
func (s *Service) applyRefund(ctx context.Context, n gateway.RefundNews, told evidence) (result outcome, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		result = ignored
		if _, err := s.told(ctx, tx, n.OutTradeNo, told); fault.Is(err, fault.NotFound) {
			result = stranger
		} else if err != nil {
			return err
		}
		return s.keep(ctx, tx, n.OutTradeNo, n.Digest, told, result)
	})
	if err != nil {
		return "", fmt.Errorf("keep the refund of %s: %w", n.OutTradeNo, err)
	}
	s.log.InfoContext(ctx, "refund reported", "method", told.method, "outcome", string(result), "out_trade_no", n.OutTradeNo,
		"out_request_no", n.OutRequestNo, "amount_fen", int64(n.Amount), "done", n.Done)
	return result, nil
}

// told finds the attempt that news is about and holds its order until tx ends, as all do who change both: the order first. A
// provider has no say about the attempts of another.
func (s *Service) told(ctx context.Context, tx *db.Tx, outTradeNo string, by evidence) (a Attempt, err error) {
	const find = "SELECT " + columns + " FROM payments WHERE out_trade_no = ? AND method = ?"
	if err := tx.Get(ctx, &a, find, outTradeNo, by.method); err != nil {
		return a, err
	}
	if err := tx.Hold(ctx, "orders", a.OrderID); err != nil {
		return a, err
	}
	err = tx.Get(ctx, &a, find, outTradeNo, by.method)
	return a, err
}

func (s *Service) effect(ctx context.Context, tx *db.Tx, n gateway.News, by evidence) (outcome, error) {
	a, err := s.told(ctx, tx, n.OutTradeNo, by)
	if fault.Is(err, fault.NotFound) {
		return stranger, nil
	}
	if err != nil {
		return "", err
	}
	if a.Status == StatusFrozen || n.State != gateway.TradeAbsent && n.Amount != a.Amount {
		return wrongSum, s.freeze(ctx, tx, a, n)
	}
	switch {
	case n.State == gateway.TradeUntold:
		return seen, nil
	case n.State == gateway.TradePaid:
		return s.paid(ctx, tx, a, n, by.source)
	case n.State == gateway.TradeClosed, n.State == gateway.TradeRefunded:
		return s.close(ctx, tx, a)
	}
	return ignored, nil
}

// paid books the money of an attempt.
func (s *Service) paid(ctx context.Context, tx *db.Tx, a Attempt, n gateway.News, source string) (outcome, error) {
	var other int
	if err := tx.Get(ctx, &other, "SELECT COUNT(*) FROM payments WHERE method = ? AND trade_no = ? AND id <> ?", a.Method, n.TradeNo,
		a.ID); err != nil {
		return "", err
	}
	if other > 0 {
		return wrongTrade, nil
	}
	now := s.clock()
	at := n.PaidAt
	if at.IsZero() {
		at = now
	}
	rows, err := tx.Exec(ctx, `UPDATE payments SET status = ?, trade_no = ?, paid_source = ?, paid_at = ?, open_key = NULL, next_query_at = NULL
		WHERE id = ? AND status IN (?, ?, ?)`, StatusPaid, n.TradeNo, source, db.Cut(at), a.ID, StatusOpen, StatusClosing, StatusClosed)
	if err != nil {
		return "", err
	}
	if rows == 0 {
		return repeated, nil
	}
	moved, err := order.MarkPaid(ctx, tx, a.OrderID, order.Paid{Method: a.Method, TradeNo: n.TradeNo, At: db.Cut(at)}, now)
	if err == nil && !moved {
		err = s.owe(ctx, tx, a, now)
	}
	if err != nil {
		return "", err
	}
	return applied, closeOthers(ctx, tx, a, now)
}

// owe books money that came too late or a second time. The request number is derived from the attempt, so that it is owed once.
func (s *Service) owe(ctx context.Context, tx *db.Tx, a Attempt, now time.Time) error {
	o, err := s.orders.ByID(ctx, tx, a.OrderID)
	if err != nil {
		return err
	}
	reason := RefundDouble
	if o.Status == order.StatusCancelled {
		reason = RefundLate
	}
	if err := insertRefund(ctx, tx, a, a.OutTradeNo+"R", a.Amount, reason, now); err != nil {
		return err
	}
	return order.RecordLateMoney(ctx, tx, a.OrderID, a.Amount.String(), now)
}

// freeze stops an attempt for which another amount was reported, until a person has looked. Money that came is owed.
func (s *Service) freeze(ctx context.Context, tx *db.Tx, a Attempt, n gateway.News) error {
	if n.State != gateway.TradePaid {
		return nil
	}
	rows, err := tx.Exec(ctx, "UPDATE payments SET status = ?, next_query_at = NULL WHERE id = ? AND status IN (?, ?, ?)",
		StatusFrozen, a.ID, StatusOpen, StatusClosing, StatusClosed)
	if err != nil || rows == 0 {
		return err
	}
	return insertRefund(ctx, tx, a, a.OutTradeNo+"W", n.Amount, RefundWrongAmount, s.clock())
}

func insertRefund(ctx context.Context, tx *db.Tx, a Attempt, requestNo string, amount money.Fen, why RefundReason, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO refunds
		(payment_id, order_id, order_no, out_request_no, amount_fen, reason, status, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.OrderID, a.OrderNo, requestNo, amount, why, RefundOwed, now)
	return err
}

// close marks an attempt as one that the gateway lets nobody pay any more.
func (s *Service) close(ctx context.Context, tx *db.Tx, a Attempt) (outcome, error) {
	rows, err := tx.Exec(ctx, `UPDATE payments SET status = ?, open_key = NULL, next_query_at = NULL, closed_at = ?
		WHERE id = ? AND status IN (?, ?)`,
		StatusClosed, s.clock(), a.ID, StatusOpen, StatusClosing)
	if err != nil || rows > 0 {
		return closed, err
	}
	return ignored, nil
}

// keep writes a signed message down as evidence, once for each distinct one. Answers to queries are not kept: what
// they changed stands in the attempt.
func (s *Service) keep(ctx context.Context, tx *db.Tx, outTradeNo, signed string, by evidence, o outcome) error {
	if signed == "" {
		return nil
	}
	digest := digestOf(by.source, signed)
	var known int
	if err := tx.Get(ctx, &known, "SELECT COUNT(*) FROM notices WHERE digest = ?", digest); err != nil || known > 0 {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO notices
		(method, source, digest, verified, out_trade_no, outcome, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		by.method, by.source, digest, true, outTradeNo, o, string(by.raw), s.clock())
	if db.IsDuplicate(err) { // its twin came at the same moment
		return nil
	}
	return err
}
