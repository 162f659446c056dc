package payment

import (
	"context"
	"slices"

	"dashop/store/db"
	"dashop/store/order"
)

// Result is what a shopper sees after paying.
type Result struct {
	Order      order.Order
	Attempt    *Attempt // the paid one, or else a frozen one, or else the newest; nil when there is none
	Confirming bool     // an attempt is open: the money may be on its way (50105)
	Late       bool     // money that the order could not take is owed back
	Frozen     bool     // another amount than asked for was reported: a person must look before anything is paid again
}

// Method is the way by which the order was paid or, before that, was last tried or is to be paid.
func (r Result) Method() string {
	if r.Attempt != nil {
		return r.Attempt.Method
	}
	return r.Order.PayMethod
}

// Result is a user's order with what is known of its payment. While an attempt is open the gateway is asked first, at
// most every few seconds, so that a lost notify does no harm.
func (s *Service) Result(ctx context.Context, userID int64, no string) (Result, error) {
	o, attempts, err := s.asked(ctx, userID, no, s.orders.Order)
	if err != nil {
		return Result{}, err
	}
	r := Result{Order: o, Confirming: confirming(o, attempts)}
	for i := range attempts {
		a := &attempts[i]
		if r.Attempt == nil || weight(a) > weight(r.Attempt) {
			r.Attempt = a
		}
		r.Frozen = r.Frozen || a.Status == StatusFrozen
	}
	r.Late, err = s.owesUntaken(ctx, o.ID)
	return r, err
}

// Confirming says whether the money of a user's order may be on its way, as Result does, with as few reads as that takes.
func (s *Service) Confirming(ctx context.Context, userID int64, no string) (bool, error) {
	o, attempts, err := s.asked(ctx, userID, no, s.orders.Head)
	return err == nil && confirming(o, attempts), err
}

// asked reads an order and its attempts. While one of these is open the gateway is asked first.
func (s *Service) asked(ctx context.Context, userID int64, no string,
	read func(ctx context.Context, userID int64, no string) (order.Order, error)) (o order.Order, attempts []Attempt, err error) {
	for again := range 2 {
		if o, err = read(ctx, userID, no); err != nil {
			return o, nil, err
		}
		if attempts, err = s.Attempts(ctx, o.ID); err != nil {
			return o, nil, err
		}
		if again > 0 || o.Status != order.StatusPendingPayment || !s.lookAtOpen(ctx, attempts) {
			break
		}
	}
	return o, attempts, nil
}

func confirming(o order.Order, attempts []Attempt) bool {
	return o.Status == order.StatusPendingPayment && slices.ContainsFunc(attempts, func(a Attempt) bool { return a.Status == StatusOpen })
}

// weight says which of the attempts of an order tells most: the paid one, else one that must be looked into.
func weight(a *Attempt) int {
	switch a.Status {
	case StatusPaid:
		return 2
	case StatusFrozen:
		return 1
	}
	return 0
}

// owesUntaken says whether money is owed back that the order could not take. A refund that the shopper asked for is none.
func (s *Service) owesUntaken(ctx context.Context, orderID int64) (bool, error) {
	query, args := db.In("SELECT COUNT(*) FROM refunds WHERE order_id = ? AND status = ? AND reason IN (?)",
		orderID, RefundOwed, []RefundReason{RefundLate, RefundDouble, RefundWrongAmount})
	var n int
	err := s.db.Get(s.db.PointRead(ctx), &n, query, args...)
	return n > 0, err
}
