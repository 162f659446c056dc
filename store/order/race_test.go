package order_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/storetest"
)

// TestSameFormIsOneOrder posts one form fifty times at once, and again later, with an empty cart.
func TestSameFormIsOneOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 100)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 1))
		c, err := s.order.Checkout(ctx, user, nil, 0)
		s.must(err)
		in := order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay"}
		numbers := make([]string, 50)
		var wg sync.WaitGroup
		for i := range numbers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				no, err := s.order.Place(ctx, in)
				if err != nil {
					s.Error(err)
				}
				numbers[i] = no
			}()
		}
		wg.Wait()
		for _, no := range numbers {
			if no != numbers[0] {
				s.Fatalf("two orders: %s, %s", numbers[0], no)
			}
		}
		if s.place(in) != numbers[0] || s.count("SELECT COUNT(*) FROM orders") != 1 {
			s.Fatal("a later repeat made another order")
		}
		other := in
		other.Digest = strings.Repeat("0", 64)
		_, err = s.order.Place(ctx, other)
		s.wantCode(err, fault.Conflict, fault.CodeTooFast)
	})
}

// TestTwoTabsOfOneCartMakeOneOrder sends two forms, each with a token of its own, for the same lines at once.
func TestTwoTabsOfOneCartMakeOneOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 100)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 1))
		tabs := make([]order.Checkout, 8)
		for i := range tabs {
			c, err := s.order.Checkout(ctx, user, nil, 0)
			s.must(err)
			tabs[i] = c
		}
		var wg sync.WaitGroup
		for _, c := range tabs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, err := s.order.Place(ctx, order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address,
					PayMethod: "alipay"})
				if err != nil && fault.Of(err).Kind != fault.Conflict && fault.Of(err).Kind != fault.Invalid {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if n := s.count("SELECT COUNT(*) FROM orders"); n != 1 {
			s.Fatalf("%d orders", n)
		}
	})
}

// TestNoOversell lets 200 buyers at once try to buy 10 pieces.
func TestNoOversell(t *testing.T) {
	each(t, func(s shop) {
		const buyers, pieces = 200, 10
		sku := storetest.SKU(s, s.db, 12400, pieces)
		forms := make([]order.Placing, buyers)
		for i := range forms {
			user, address := s.buyer(fmt.Sprintf("buyer%d", i))
			forms[i] = s.form(user, address, sku, 1)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for _, in := range forms {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, err := s.order.Place(ctx, in)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !fault.HasCode(err, fault.CodeShortStock) {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if left := s.count("SELECT quantity FROM stocks WHERE sku_id = ?", sku); won != pieces || left != 0 {
			s.Fatalf("%d won, %d left", won, left)
		}
		if n := s.count("SELECT COUNT(*) FROM orders"); n != pieces {
			s.Fatalf("%d orders", n)
		}
	})
}

// TestEachStatementMayFail breaks the n-th statement of placing, for n = 1, 2, 3 … until none breaks, and the moment
// before and after the commit. Nothing is half done, and the same form then makes its one order.
func TestEachStatementMayFail(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 100, 1000)
		boom := errors.New("boom")
		for n := 1; ; n++ {
			in := s.form(user, address, sku, 1)
			before := s.count("SELECT COUNT(*) FROM orders")
			seen, hit := 0, ""
			broken := db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			})
			no, err := s.order.Place(broken, in)
			storetest.CheckBooks(s, s.db)
			if hit == "" {
				s.must(err)
				if n < 8 {
					s.Fatalf("only %d statements were broken", n)
				}
				return
			}
			orders := s.count("SELECT COUNT(*) FROM orders") - before
			if hit == "COMMITTED" { // the answer was lost, the order was not: it is found by its token
				if err != nil || orders != 1 {
					s.Fatalf("after a lost answer: %v, %d orders", err, orders)
				}
			} else if !errors.Is(err, boom) || orders != 0 {
				s.Fatalf("after %q failed: %q, %v, %d orders", hit, no, err, orders)
			}
			again := s.place(in)
			if no != "" && no != again {
				s.Fatalf("after %q: %s, then %s", hit, no, again)
			}
			if n := s.count("SELECT COUNT(*) FROM orders"); n != before+1 {
				s.Fatalf("after %q and a repeat: %d orders", hit, n-before)
			}
		}
	})
}
