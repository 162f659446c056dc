package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment/gateway"
)

// plan is how long after the last query an attempt is asked about again; the last entry repeats until the end.
var plan = []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}

// The bounds of one sweep.
const (
	sweepLimit = 100 // rows that one query finds
	asksAtOnce = 8   // calls to one gateway at the same time
)

// Sweepers are the parts of Sweep that need not wait for each other: one for the orders whose time to pay is over, and
// one for each gateway, so that one which hangs holds up nothing elsewhere. Each may be called again and again, and on
// several nodes at once.
func (s *Service) Sweepers() []func(context.Context) error {
	list := []func(context.Context) error{s.timeOut}
	for _, g := range s.gateways {
		list = append(list, func(ctx context.Context) error { return s.askDue(ctx, g) })
	}
	return list
}

// Sweep does once what is due: it asks the gateways about attempts, which heals lost notifies, and cancels the orders
// whose time to pay is over and whose money certainly has not come, those first that need no asking.
func (s *Service) Sweep(ctx context.Context) error {
	early := s.timeOut(ctx)
	var asking errgroup.Group
	for _, g := range s.gateways {
		asking.Go(func() error { return s.askDue(ctx, g) })
	}
	return errors.Join(early, asking.Wait(), s.timeOut(ctx))
}

// askDue asks one gateway about the attempts that are due, several at a time. When it does not answer at all the rest is
// left for later, and while it stays silent it is asked about one attempt at a time, ever more slowly.
func (s *Service) askDue(ctx context.Context, g *swept) error {
	limit := g.room(s.clock())
	if limit == 0 {
		return nil
	}
	var due []Attempt
	err := s.db.Select(ctx, &due, "SELECT "+columns+" FROM payments WHERE method = ? AND next_query_at <= ? ORDER BY next_query_at LIMIT ?",
		g.id, s.clock(), limit)
	if err != nil || len(due) == 0 {
		return err
	}
	var answers, silences atomic.Int64
	var asking errgroup.Group
	asking.SetLimit(asksAtOnce)
	for _, a := range due {
		if answers.Load() == 0 && silences.Load() >= asksAtOnce {
			break
		}
		asking.Go(func() error {
			var asked bool
			err := guarded(func() (err error) {
				asked, err = s.follow(ctx, a)
				return err
			})
			switch {
			case errors.Is(err, errSilent):
				silences.Add(1)
				return nil
			case asked && err == nil:
				answers.Add(1)
			}
			return err
		})
	}
	err = asking.Wait()
	if ctx.Err() == nil && answers.Load()+silences.Load() > 0 {
		g.heard(s.clock(), answers.Load() > 0)
	}
	return err
}

// follow asks about one due attempt. Its next time is set first, guarded by the old one, so that of two nodes one asks
// and a crash delays the question instead of losing it. Its errors are errSilent, and those of the database.
func (s *Service) follow(ctx context.Context, a Attempt) (asked bool, err error) {
	now := s.clock()
	last := a.ExpiresAt.Add(grace)
	next := now.Add(plan[min(a.Queries+1, len(plan)-1)])
	if next.After(last) && now.Before(last) {
		next = last
	}
	n, err := s.db.Exec(ctx, "UPDATE payments SET next_query_at = ?, queried_at = ?, queries = queries + 1 WHERE id = ? AND next_query_at = ?",
		next, now, a.ID, a.NextQueryAt)
	if err != nil || n == 0 {
		return false, err
	}
	if a.Status == StatusClosing {
		return true, s.shut(ctx, a)
	}
	result, err := s.ask(ctx, a, pageWait)
	if err != nil || now.Before(last) || result != ignored {
		return true, known(err) // nothing is known: wait on rather than guess
	}
	return true, s.finish(ctx, a)
}

// finish ends an attempt that has expired and was not paid when last asked: a buyer who has begun to pay is shut out at
// the gateway, and the answer to one more question decides. Paid is paid; while the gateway says that somebody is still
// paying, or says nothing, the attempt stays open and is asked about again.
func (s *Service) finish(ctx context.Context, a Attempt) error {
	if _, err := s.closeAt(ctx, a, pageWait); err != nil {
		return known(err)
	}
	n, err := s.query(ctx, a, pageWait)
	if err != nil {
		return known(err)
	}
	if n.State == gateway.TradeWaiting {
		return nil
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

// known drops the errors of gateways that answered, however badly: they are logged, and the attempt is due again.
func known(err error) error {
	if errors.Is(err, errGateway) && !errors.Is(err, errSilent) {
		return nil
	}
	return err
}

// timeOut cancels the unpaid orders whose deadline has passed and of which no attempt is open. One that fails stops no other,
// unless the database is out.
func (s *Service) timeOut(ctx context.Context) error {
	var failed []error
	var after order.Due
	for {
		due, err := s.orders.Overdue(ctx, s.clock(), after, sweepLimit)
		if err != nil || len(due) == 0 {
			return errors.Join(append(failed, err)...)
		}
		after = due[len(due)-1]
		free, err := s.withoutOpenAttempt(ctx, due)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, id := range free {
			err := s.db.Tx(ctx, func(tx *db.Tx) error {
				_, err := s.giveUp(ctx, tx, id, order.CancelledByTimeout, order.BySystem, 0)
				return err
			})
			if err != nil && !fault.Is(err, fault.Conflict) {
				failed = append(failed, fmt.Errorf("time out order %d: %w", id, err))
			}
			if ctx.Err() != nil || fault.Is(err, fault.Unavailable) {
				return errors.Join(failed...)
			}
		}
	}
}

// orphaned is how long after it expired an attempt still counts as open whose provider the shop does not have any more: nobody can be asked
// about it. Should the provider come back, it is asked about all the same, and late money is owed back.
const orphaned = time.Hour

// withoutOpenAttempt are those of the orders that nobody can be paying just now.
func (s *Service) withoutOpenAttempt(ctx context.Context, due []order.Due) (free []int64, err error) {
	ids := make([]int64, len(due))
	for i, d := range due {
		ids[i] = d.ID
	}
	var open []int64
	known := []string{""} // a list has at least one
	for _, g := range s.gateways {
		known = append(known, g.id)
	}
	query, args := db.In("SELECT order_id FROM payments WHERE order_id IN (?) AND status = ? AND (method IN (?) OR expires_at > ?)",
		ids, StatusOpen, known, s.clock().Add(-orphaned))
	if err := s.db.Select(ctx, &open, query, args...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return slices.Contains(open, id) }), nil
}
