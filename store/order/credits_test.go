package order_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/storetest"
)

// shipped is an order of some pieces that is on its way.
func (s shop) shipped(user, address, sku, count int64) string {
	s.Helper()
	no := s.place(s.form(user, address, sku, count))
	s.pay(no)
	s.must(s.order.Ship(ctx, user, no, "sf", "SF1234567890"))
	return no
}

func (s shop) credits(user int64) int64 {
	s.Helper()
	return s.count("SELECT COALESCE(MAX(balance), 0) FROM credits WHERE user_id = ?", user)
}

// Receipt earns a credit for each whole yuan that was paid for goods, also where it confirms itself. The event says so.
func TestReceiptEarnsCredits(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		no := s.shipped(user, address, storetest.SKU(s, s.db, 6299, 5), 2) // 125.98 and 10.00 for freight
		if n := s.credits(user); n != 0 {
			t.Fatalf("%d credits before receipt", n)
		}
		s.must(s.order.Receive(ctx, user, no))
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if n := s.credits(user); n != 125 || o.Earned() != 125 || o.Events[0].Earned() != 125 || o.Freight != 1000 {
			t.Fatalf("%d credits; the order says %d, its freight is %d", n, o.Earned(), o.Freight)
		}
		s.shipped(user, address, storetest.SKU(s, s.db, 199, 5), 1)
		cheap := s.shipped(user, address, storetest.SKU(s, s.db, 99, 5), 1)
		s.clock.Advance(7 * 24 * time.Hour)
		if _, err := s.order.Sweep(ctx, 10); err != nil {
			t.Fatal(err)
		}
		if o, err = s.order.Order(ctx, user, cheap); err != nil || o.Status != order.StatusPendingReview || o.Events[0].Detail != "" {
			t.Errorf("an order that earned nothing: %+v, %v", o, err)
		}
		if n := s.credits(user); n != 126 {
			t.Errorf("%d credits in the end", n)
		}
	})
}

// However many confirm the receipt at once, by hand and by the clock, the credits are earned once, and nobody is told off.
func TestReceiptEarnsOnce(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		no := s.shipped(user, address, storetest.SKU(s, s.db, 5000, 5), 1)
		s.clock.Advance(7 * 24 * time.Hour)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := s.order.Receive(ctx, user, no); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := s.order.Sweep(ctx, 10); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.credits(user); n != 50 {
			t.Errorf("%d credits", n)
		}
	})
}

// Each statement of a receipt may fail: then the order is still on its way and nothing is earned.
func TestReceiptIsNotHalfDone(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku, boom := storetest.SKU(s, s.db, 5000, 500), errors.New("boom")
		for n, want := 1, int64(0); ; n++ {
			no := s.shipped(user, address, sku, 1)
			seen, hit := 0, ""
			err := s.order.Receive(db.InjectFaults(context.Background(), func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			}), user, no)
			if hit == "COMMITTED" || hit == "" {
				want += 50
			}
			if (err == nil) != (hit == "") || s.credits(user) != want {
				t.Fatalf("broken at %q: %v, %d credits for %d", hit, err, s.credits(user), want)
			}
			storetest.CheckBooks(s, s.db)
			if hit == "" {
				if n < 8 {
					t.Fatalf("only %d statements were broken", n-1)
				}
				return
			}
		}
	})
}
