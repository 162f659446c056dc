package payment_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/gateway"
	"dashop/store/payment/gateway/gatewaytest"
	"dashop/web/sandbox"
)

// code begins to pay an order by the second provider.
func (s shop) code(no string) {
	s.Helper()
	_, err := s.pay.Start(ctx, s.user, no, gatewaytest.ID, gateway.Payer{IP: "192.0.2.1"})
	s.must(err)
}

func (s shop) attempt(outTradeNo string) (a payment.Attempt) {
	s.Helper()
	s.must(s.db.Get(ctx, &a, "SELECT id, status, next_query_at FROM payments WHERE out_trade_no = ?", outTradeNo))
	return a
}

// hang answers no question as long as anybody waits.
func hang(ctx context.Context, _ string, _ int) (gateway.News, error) {
	<-ctx.Done()
	return gateway.News{}, ctx.Err()
}

// TestHangingGatewayHoldsUpNobodyElse has 100 attempts due at a gateway that hangs. An order that nobody has begun to pay
// and a lost notify of another gateway are settled at once all the same, and the one that hangs is asked more and more slowly.
func TestHangingGatewayHoldsUpNobodyElse(t *testing.T) {
	each(t, func(s shop) {
		for range 100 {
			s.code(s.order())
		}
		s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
		lost, free := s.order(), s.order()
		s.buy(s.link(lost))
		s.clock.Advance(33 * time.Minute)
		var atOnce, most atomic.Int64
		s.scan.OnQuery(func(ctx context.Context, no string, nth int) (gateway.News, error) {
			now := atOnce.Add(1)
			defer atOnce.Add(-1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			return hang(ctx, no, nth)
		})
		begin := time.Now()
		var all sync.WaitGroup
		for _, sweep := range s.pay.Sweepers() {
			all.Go(func() {
				if err := sweep(ctx); err != nil {
					s.Error(err)
				}
			})
		}
		for s.status(free) != order.StatusCancelled || s.status(lost) != order.StatusPendingShipment {
			if time.Since(begin) > 5*time.Second {
				s.Fatalf("after 5 s the orders elsewhere are %s and %s", s.status(free).Name(), s.status(lost).Name())
			}
			time.Sleep(20 * time.Millisecond)
		}
		all.Wait()
		asked := func() int64 { return s.count("SELECT SUM(queries) FROM payments WHERE method = ?", gatewaytest.ID) }
		if n := asked(); n < 8 || n > 16 {
			s.Errorf("in the first round %d of 100 were asked about", n)
		}
		if n := most.Load(); n != 8 {
			s.Errorf("%d were asked about at the same time", n)
		}
		for i, wait := range []time.Duration{0, 4 * time.Second, 4 * time.Second} {
			s.clock.Advance(wait)
			before := asked()
			s.must(s.pay.Sweep(ctx))
			if n := asked() - before; n != []int64{0, 1, 0}[i] {
				s.Errorf("%d were asked about in round %d", n, i+2)
			}
		}
		s.scan.OnQuery(nil)
		s.clock.Advance(time.Minute)
		s.must(s.pay.Sweep(ctx)) // one, to see whether it answers
		s.clock.Advance(10 * time.Minute)
		s.must(s.pay.Sweep(ctx))
		if n := s.count("SELECT COUNT(*) FROM orders WHERE status = ?", order.StatusPendingPayment); n != 0 {
			s.Errorf("%d orders still wait", n)
		}
	})
}

// TestAskingForTheLastTime ends the time of an attempt with each answer that a gateway may give: only what certainly is not
// paid cancels the order.
func TestAskingForTheLastTime(t *testing.T) {
	answer := func(state gateway.TradeState) func(string) (gateway.News, error) {
		return func(no string) (gateway.News, error) {
			return gateway.News{OutTradeNo: no, TradeNo: "SP" + no, State: state, Amount: 10980}, nil
		}
	}
	failing := func(string) (gateway.News, error) { return gateway.News{}, gatewaytest.ErrBroken }
	waiting, paid, gone := answer(gateway.TradeWaiting), answer(gateway.TradePaid), answer(gateway.TradeClosed)
	absent := func(no string) (gateway.News, error) {
		return gateway.News{OutTradeNo: no, State: gateway.TradeAbsent}, nil
	}
	each(t, func(s shop) {
		for what, c := range map[string]struct {
			first, second func(string) (gateway.News, error)
			attempt       payment.Status
			order         order.Status
		}{
			"an error":              {failing, failing, payment.StatusOpen, order.StatusPendingPayment},
			"paid":                  {paid, failing, payment.StatusPaid, order.StatusPendingShipment},
			"waiting, an error":     {waiting, failing, payment.StatusOpen, order.StatusPendingPayment},
			"waiting, and still so": {waiting, waiting, payment.StatusOpen, order.StatusPendingPayment},
			"waiting, paid":         {waiting, paid, payment.StatusPaid, order.StatusPendingShipment},
			"waiting, closed":       {waiting, gone, payment.StatusClosed, order.StatusCancelled},
			"never begun":           {absent, absent, payment.StatusClosed, order.StatusCancelled},
		} {
			no := s.order()
			s.code(no)
			s.clock.Advance(33 * time.Minute)
			s.scan.OnQuery(func(_ context.Context, outTradeNo string, nth int) (gateway.News, error) {
				if outTradeNo != no+"01" {
					return gateway.News{}, gatewaytest.ErrBroken // an earlier one, which still waits
				}
				if nth == 1 {
					return c.first(outTradeNo)
				}
				return c.second(outTradeNo)
			})
			s.must(s.pay.Sweep(ctx))
			a := s.attempt(no + "01")
			if a.Status != c.attempt || s.status(no) != c.order || (a.NextQueryAt != nil) != (c.attempt == payment.StatusOpen) {
				s.Errorf("%s: the attempt is %d, due %v, and the order %s", what, a.Status, a.NextQueryAt, s.status(no).Name())
			}
		}
	})
}

// TestClosingIsNotForgotten closes the other attempt of a paid order only later, since its gateway is broken at first.
func TestClosingIsNotForgotten(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.code(no)
		s.buy(s.link(no))
		s.scan.OnQuery(func(context.Context, string, int) (gateway.News, error) { return gateway.News{}, gatewaytest.ErrBroken })
		s.must(s.pay.Sweep(ctx))
		if a := s.attempt(no + "01"); a.Status != payment.StatusClosing || a.NextQueryAt == nil {
			s.Fatalf("while the gateway is broken: %+v", a)
		}
		s.scan.OnQuery(nil)
		s.clock.Advance(2 * time.Minute)
		s.must(s.pay.Sweep(ctx))
		if a := s.attempt(no + "01"); a.Status != payment.StatusClosed || s.scan.Truth(no+"01").State != gateway.TradeClosed {
			s.Fatalf("afterwards: %+v", a)
		}
		s.clock.Advance(time.Hour)
		s.must(s.pay.Sweep(ctx)) // asked about once more after the deadline
		if a := s.attempt(no + "01"); a.Status != payment.StatusClosed || a.NextQueryAt != nil {
			s.Fatalf("in the end: %+v", a)
		}
	})
}

// TestTwentyNotifiesAtOncePayOnce brings the same message twenty times at the same moment.
func TestTwentyNotifiesAtOncePayOnce(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.code(no)
		body := gatewaytest.PaidNote(no+"01", 10980)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				answer, err := s.pay.Notify(ctx, gatewaytest.ID, gateway.Message{Header: gatewaytest.Header(body), Body: body})
				if err != nil || answer.Status != 204 {
					s.Errorf("answered %+v, %v", answer, err)
				}
			})
		}
		all.Wait()
		s.wantPaid(no, "notify")
		if n := s.count("SELECT COUNT(*) FROM notices"); n != 1 {
			s.Errorf("%d notices kept", n)
		}
		if got := s.count("SELECT COUNT(*) FROM orders WHERE order_no = ? AND pay_method = ?", no, gatewaytest.ID); got != 1 {
			s.Error("the order does not say how it was paid")
		}
	})
}

// TestProviderHasNoSayElsewhere brings a message that one provider signed about an attempt of another's.
func TestProviderHasNoSayElsewhere(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.link(no)
		body := gatewaytest.PaidNote(no+"01", 10980)
		answer, err := s.pay.Notify(ctx, gatewaytest.ID, gateway.Message{Header: gatewaytest.Header(body), Body: body})
		if err != nil || answer.Status != 400 || s.status(no) != order.StatusPendingPayment {
			s.Errorf("answered %+v, %v; the order is %s", answer, err, s.status(no).Name())
		}
		if got := s.count("SELECT COUNT(*) FROM notices WHERE outcome = 'stranger'"); got != 1 {
			s.Errorf("%d notices kept", got)
		}
	})
}

func TestProviderThatCannotBegin(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		if _, err := s.pay.Start(ctx, s.user, no, gatewaytest.ID, gateway.Payer{}); !fault.Is(err, fault.Unavailable) {
			s.Errorf("got %v", err)
		}
		s.code(no) // the same attempt
		if n := s.count("SELECT COUNT(*) FROM payments"); n != 1 {
			s.Errorf("%d attempts", n)
		}
	})
}

// TestARefundAskedForIsNotLateMoney tells a shopper of late money only where the order could not take it.
func TestARefundAskedForIsNotLateMoney(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.buy(s.link(no))
		for i, reason := range []payment.RefundReason{"after_sale", payment.RefundDouble} {
			_, err := s.db.Exec(ctx, `INSERT INTO refunds (payment_id, order_id, order_no, out_request_no, amount_fen, reason, status, created_at)
				SELECT id, order_id, order_no, ?, 1, ?, 1, created_at FROM payments`, string(reason), reason)
			s.must(err)
			r, err := s.pay.Result(ctx, s.user, no)
			s.must(err)
			if r.Late != (i == 1) {
				s.Errorf("with a refund for %s: late %v", reason, r.Late)
			}
		}
		_, err := s.db.Exec(ctx, "DELETE FROM refunds") // which the books, rightly, would not have
		s.must(err)
	})
}

// TestOneOrderThatFailsHoldsUpNoOther has the oldest of three due orders fail to be cancelled.
func TestOneOrderThatFailsHoldsUpNoOther(t *testing.T) {
	each(t, func(s shop) {
		bad := s.order()
		s.clock.Advance(time.Second)
		next, last := s.order(), s.order()
		s.clock.Advance(31 * time.Minute)
		broken := errors.New("broken")
		first := true
		failing := db.InjectFaults(ctx, func(statement string) error {
			if first && strings.HasPrefix(statement, "INSERT INTO order_events") {
				first = false
				return broken
			}
			return nil
		})
		if err := s.pay.Sweepers()[0](failing); !errors.Is(err, broken) {
			s.Errorf("the fault is hidden: %v", err)
		}
		for no, want := range map[string]order.Status{
			bad: order.StatusPendingPayment, next: order.StatusCancelled, last: order.StatusCancelled,
		} {
			if got := s.status(no); got != want {
				s.Errorf("order %s is %s, want %s", no, got.Name(), want.Name())
			}
		}
	})
}

// TestNoOutageIsTriedOrderByOrder ends a round at the first order when the database is out.
func TestNoOutageIsTriedOrderByOrder(t *testing.T) {
	each(t, func(s shop) {
		s.order()
		s.order()
		s.clock.Advance(31 * time.Minute)
		tries := 0
		out := db.InjectFaults(ctx, func(statement string) error {
			if strings.HasPrefix(statement, "UPDATE orders SET status") {
				tries++
				return fault.New(fault.Unavailable, 0, "out")
			}
			return nil
		})
		if err := s.pay.Sweepers()[0](out); !fault.Is(err, fault.Unavailable) || tries != 1 {
			s.Errorf("%d orders were tried: %v", tries, err)
		}
	})
}
