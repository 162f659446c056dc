package payment_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/payment/gateway/gatewaytest"
)

// noTransaction gives a context with which a statement in a transaction fails the test.
func (s shop) noTransaction() context.Context {
	return db.InjectFaults(ctx, func(statement string) error {
		s.Errorf("a transaction runs %s", statement)
		return nil
	})
}

// Who begins to pay again gets the open attempt, and who may not pay is refused, without a transaction.
func TestStartFindsAndRefusesByReading(t *testing.T) {
	each(t, func(s shop) {
		begin := func(c context.Context, no string) error {
			_, err := s.pay.Start(c, s.user, no, alipay.ID, gateway.Payer{})
			return err
		}
		again, paid, late := s.order(), s.order(), s.order()
		s.must(begin(ctx, again))
		s.must(begin(s.noTransaction(), again))
		s.buy(s.link(paid))
		if err := begin(s.noTransaction(), paid); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Errorf("paid: %v", err)
		}
		s.clock.Advance(30 * time.Minute)
		if err := begin(s.noTransaction(), late); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Errorf("after the deadline: %v", err)
		}
	})
}

// A page that waits for the money asks the gateway every few seconds, which opens one transaction, and none in between.
func TestWaitingPageReads(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.code(no)
		written := 0
		counting := db.InjectFaults(ctx, func(string) error { written++; return nil })
		for i, want := range []int{1, 0, 1} {
			written = 0
			confirming, err := s.pay.Confirming(counting, s.user, no)
			if s.must(err); !confirming || (written > 0) != (want > 0) || written > 3 {
				s.Errorf("time %d: %v, %d statements in transactions", i+1, confirming, written)
			}
			s.clock.Advance(time.Duration(i*5) * time.Second)
		}
		if asked := s.count("SELECT queries FROM payments"); asked != 0 {
			s.Errorf("the plan counts %d questions", asked)
		}
		s.must(s.scan.Pay(no + "01"))
		s.clock.Advance(5 * time.Second)
		if confirming, err := s.pay.Confirming(ctx, s.user, no); err != nil || confirming || s.status(no) != order.StatusPendingShipment {
			s.Errorf("paid meanwhile: %v, %v, %s", confirming, err, s.status(no).Name())
		}
		if _, err := s.pay.Confirming(ctx, s.user+1, no); !fault.Is(err, fault.NotFound) {
			s.Errorf("another's order: %v", err)
		}
	})
}

// An order does not wait for ever for an attempt by a provider that the shop does not have any more.
func TestAttemptOfARemovedProvider(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.code(no)
		left := payment.New(payment.Config{DB: s.db, Orders: s.orders, Providers: gateway.List{}, Clock: s.clock.Now,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		s.clock.Advance(80 * time.Minute)
		s.must(left.Sweep(ctx))
		if s.status(no) != order.StatusPendingPayment {
			s.Fatalf("given up too early: %s", s.status(no).Name())
		}
		s.must(s.scan.Pay(no + "01")) // at the last moment, and nobody hears of it
		s.clock.Advance(11 * time.Minute)
		s.must(left.Sweep(ctx))
		if s.status(no) != order.StatusCancelled {
			s.Fatalf("the order still waits: %s", s.status(no).Name())
		}
		s.must(s.pay.Sweep(ctx)) // the provider is back
		if owed := s.count("SELECT COUNT(*) FROM refunds WHERE reason = ?", payment.RefundLate); owed != 1 {
			s.Errorf("%d refunds are owed by %s", owed, gatewaytest.ID)
		}
	})
}
