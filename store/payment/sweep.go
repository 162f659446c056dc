package payment

import (
	"context"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment/gateway"
)

// plan is how long after the last query an attempt is asked about again; the last entry repeats until the end.
var plan = []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}

// sweepLimit bounds what one sweep takes on.
const sweepLimit = 100

// Sweep does what is due: it asks the gateway about attempts, which heals lost notifies, and cancels the orders whose
// time to pay is over and whose money certainly has not come. It is safe on several nodes at once.
func (s *Service) Sweep(ctx context.Context) error {
	var due []Attempt
	if err := s.db.Select(ctx, &due, "SELECT "+columns+" FROM payments WHERE next_query_at <= ? ORDER BY next_query_at LIMIT ?", s.clock(), sweepLimit); err != nil {
		return err
	}
	for _, a := range due {
		if err := s.follow(ctx, a); err != nil {
			return err
		}
	}
	return s.timeOut(ctx)
}

// follow asks about one due attempt. Its next time is set first, guarded by the old one, so that of two nodes one asks
// and a crash delays the question instead of losing it.
func (s *Service) follow(ctx context.Context, a Attempt) error {
	now := s.clock()
	last := a.ExpiresAt.Add(grace)
	next := now.Add(plan[min(a.Queries+1, len(plan)-1)])
	if next.After(last) && now.Before(last) {
		next = last
	}
	n, err := s.db.Exec(ctx, "UPDATE payments SET next_query_at = ?, queried_at = ?, queries = queries + 1 WHERE id = ? AND next_query_at = ?",
		next, now, a.ID, a.NextQueryAt)
	if err != nil || n == 0 {
		return err
	}
	result, err := s.ask(ctx, a, pageWait)
	if err != nil || now.Before(last) || result != ignored {
		return ctx.Err() // unknown: wait on rather than guess
	}
	return s.finish(ctx, a)
}

// finish ends an attempt that has expired and was not paid when last asked: a buyer who has begun to pay is shut out at
// the gateway, and the answer to one more question decides.
func (s *Service) finish(ctx context.Context, a Attempt) error {
	if _, err := s.closeAt(ctx, a, pageWait); err != nil {
		return ctx.Err()
	}
	n, err := s.query(ctx, a, pageWait)
	if err != nil || n.State == gateway.TradeWaiting {
		return ctx.Err()
	}
	if n.State == gateway.TradeAbsent { // nobody ever began to pay, and it has expired
		n.State, n.Amount = gateway.TradeClosed, a.Amount
	}
	if _, err := s.apply(ctx, n, evidence{method: a.Method, source: fromQuery}); err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, "UPDATE payments SET next_query_at = NULL WHERE id = ? AND status = ?", a.ID, StatusClosed)
	return err
}

// timeOut cancels the unpaid orders whose deadline has passed and of which no attempt is open.
func (s *Service) timeOut(ctx context.Context) error {
	var after order.Due
	for {
		due, err := s.orders.Overdue(ctx, s.clock(), after, sweepLimit)
		if err != nil || len(due) == 0 {
			return err
		}
		after = due[len(due)-1]
		free, err := s.withoutOpenAttempt(ctx, due)
		if err != nil {
			return err
		}
		for _, id := range free {
			err := s.db.Tx(ctx, func(tx *db.Tx) error {
				_, err := s.giveUp(ctx, tx, id, order.CancelledByTimeout, order.BySystem, 0)
				return err
			})
			if err != nil && !fault.Is(err, fault.Conflict) {
				return err
			}
		}
	}
}

// withoutOpenAttempt are those of the orders that nobody can be paying just now.
func (s *Service) withoutOpenAttempt(ctx context.Context, due []order.Due) (free []int64, err error) {
	ids := make([]int64, len(due))
	for i, d := range due {
		ids[i] = d.ID
	}
	var open []int64
	query, args := db.In("SELECT order_id FROM payments WHERE order_id IN (?) AND status = ?", ids, StatusOpen)
	if err := s.db.Select(ctx, &open, query, args...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return slices.Contains(open, id) }), nil
}
