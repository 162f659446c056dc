package payment

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"dashop/store/payment/gateway"
)

// lookAtOpen asks the gateways about the open attempts among these, all at once, and says whether anything changed.
func (s *Service) lookAtOpen(ctx context.Context, attempts []Attempt) (changed bool) {
	var news atomic.Bool
	var all errgroup.Group
	for _, a := range attempts {
		if a.Status != StatusOpen {
			continue
		}
		all.Go(func() error {
			return guarded(func() error {
				if s.look(ctx, a) {
					news.Store(true)
				}
				return nil
			})
		})
	}
	if err := all.Wait(); err != nil {
		s.log.ErrorContext(ctx, "asking the gateways for a page", "error", err)
	}
	return news.Load()
}

// look asks the gateway about one attempt for a page, unless that was done a moment ago, and says whether anything
// changed. A gateway that does not answer changes nothing.
func (s *Service) look(ctx context.Context, a Attempt) bool {
	now := s.clock()
	if a.QueriedAt != nil && a.QueriedAt.After(now.Add(-askEvery)) { // as most often: asked by the last poll
		return false
	}
	n, err := s.db.Exec(ctx, "UPDATE payments SET queried_at = ? WHERE id = ? AND (queried_at IS NULL OR queried_at <= ?)", now, a.ID,
		now.Add(-askEvery))
	if err != nil || n == 0 {
		return false
	}
	result, err := s.ask(ctx, a, pageWait)
	return err == nil && (result == applied || result == closed || result == wrongSum)
}

// ask queries the gateway and applies the answer. No transaction is open during the query.
func (s *Service) ask(ctx context.Context, a Attempt, wait time.Duration) (outcome, error) {
	n, err := s.query(ctx, a, wait)
	if err != nil {
		return "", err
	}
	if n.State == gateway.TradeAbsent || n.State == gateway.TradeWaiting && n.Amount == a.Amount {
		return ignored, nil // as apply would say, without a transaction that changes nothing
	}
	return s.apply(ctx, n, evidence{method: a.Method, source: fromQuery})
}

// query asks the gateway what became of an attempt.
func (s *Service) query(ctx context.Context, a Attempt, wait time.Duration) (gateway.News, error) {
	p, err := s.provider(a)
	if err != nil {
		return gateway.News{}, err
	}
	asking, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	n, err := p.Query(asking, a.OutTradeNo)
	if err != nil {
		err = unanswered(asking, err)
		s.log.WarnContext(ctx, "gateway did not tell", "method", a.Method, "out_trade_no", a.OutTradeNo, "error", err)
	}
	return n, err
}

// closeAt asks the gateway to let nobody pay an attempt any more; see gateway.Provider.
func (s *Service) closeAt(ctx context.Context, a Attempt, wait time.Duration) (sure bool, err error) {
	p, err := s.provider(a)
	if err != nil {
		return false, err
	}
	asking, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	sure, err = p.Close(asking, a.OutTradeNo)
	if err != nil {
		err = unanswered(asking, err)
		s.log.WarnContext(ctx, "gateway did not close", "method", a.Method, "out_trade_no", a.OutTradeNo, "error", err)
	}
	return sure, err
}

// Errors of calls to a gateway: it said nothing that helps, or nothing at all in time.
var (
	errGateway = errors.New("payment: the gateway did not help")
	errSilent  = fmt.Errorf("%w: it did not answer in time", errGateway)
)

// unanswered sorts the error of a call that was made with a context.
func unanswered(asking context.Context, err error) error {
	kind := errGateway
	if asking.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		kind = errSilent
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// guarded runs what calls a provider in a goroutine of its own: a panic there costs one question, not the shop.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("payment: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// provider is the one of an attempt. It is missing when the shop was started without one that it had before.
func (s *Service) provider(a Attempt) (gateway.Provider, error) {
	p, ok := s.providers.Find(a.Method)
	if !ok {
		return nil, fmt.Errorf("payment: %s is by %q, which this shop has no provider for", a.OutTradeNo, a.Method)
	}
	return p, nil
}
