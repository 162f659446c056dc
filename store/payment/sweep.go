package payment

import (
	"context"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
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

// finish ends an attempt whose link has expired and that was not paid when last asked: a buyer who has begun to pay is shut
// out at the gateway, and the answer to one more question decides.
func (s *Service) finish(ctx context.Context, a Attempt) error {
	if _, err := s.provider.Close(ctx, s.clock(), a.OutTradeNo); err != nil {
		s.log.WarnContext(ctx, "gateway did not close", "out_trade_no", a.OutTradeNo, "error", err)
		return ctx.Err()
	}
	asking, cancel := context.WithTimeout(ctx, pageWait)
	defer cancel()
	n, err := s.provider.Query(asking, s.clock(), a.OutTradeNo)
	if err != nil || n.State == TradeWaiting {
		return ctx.Err()
	}
	if n.State == TradeAbsent { // nobody ever opened the link, and it has expired
		n.State, n.Amount = TradeClosed, a.Amount
	}
	if _, err := s.apply(ctx, n, fromQuery, nil); err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, "UPDATE payments SET next_query_at = NULL WHERE id = ? AND status = ?", a.ID, StatusClosed)
	return err
}

// timeOut cancels the unpaid orders whose deadline has passed and of which no attempt is open.
func (s *Service) timeOut(ctx context.Context) error {
	var ids []int64
	err := s.db.Select(ctx, &ids, `SELECT o.id FROM orders o WHERE o.status = ? AND o.pay_deadline <= ?
		AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = ?) ORDER BY o.pay_deadline LIMIT ?`,
		order.StatusPendingPayment, s.clock(), StatusOpen, sweepLimit)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			_, err := s.giveUp(ctx, tx, id, order.CancelledByTimeout, order.BySystem, 0)
			return err
		})
		if err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}
