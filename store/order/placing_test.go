package order_test

import (
	"errors"
	"strings"
	"testing"

	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// cartForm is a confirmation form for one piece each of some SKUs that are in the cart, as the page lists them.
func (s shop) cartForm(user, address int64, skus ...int64) order.Placing {
	s.Helper()
	for _, sku := range skus {
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 1))
	}
	c, err := s.order.Checkout(ctx, user, nil, address)
	s.must(err)
	return order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay",
		Lines: c.Quote.Ask.Items}
}

func (s shop) plan(in order.Placing) order.Plan {
	s.Helper()
	p, err := s.order.Plan(ctx, in)
	s.must(err)
	return p
}

func (s shop) write(p order.Plan) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return s.order.Write(ctx, tx, p) })
}

// What changes between a plan and its writing is found by the writing, and told.
func TestChangesBetweenPlanAndWrite(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		owner := cart.UserOwner(user)
		two := int64(2)
		for name, c := range map[string]struct {
			change func(beans, pot int64)
			code   int
		}{
			"nothing": {func(_, _ int64) {}, 0},
			"the price": {func(beans, _ int64) {
				storetest.Exec(s, s.db, "UPDATE skus SET price_fen = price_fen + 1 WHERE id = ?", beans)
			}, fault.CodePriceChanged},
			"off sale": {func(beans, _ int64) { storetest.Exec(s, s.db, "UPDATE skus SET is_launched = 0 WHERE id = ?", beans) },
				fault.CodeShortStock},
			"line removed": {func(_, pot int64) {
				_, err := s.cart.Remove(ctx, owner, pot)
				s.must(err)
			}, fault.CodeTooFast},
			"line changed": {func(_, pot int64) { s.must(s.cart.Change(ctx, owner, pot, &two, nil)) }, fault.CodeTooFast},
			"sold out": {func(beans, _ int64) {
				other, to := s.buyer("faster")
				s.place(s.form(other, to, beans, 3))
			}, fault.CodeShortStock},
		} {
			storetest.Exec(s, s.db, "DELETE FROM cart_lines")
			beans, pot := storetest.SKU(s, s.db, 12400, 3), storetest.SKU(s, s.db, 5000, 3)
			p := s.plan(s.cartForm(user, address, beans, pot))
			c.change(beans, pot)
			before := s.count("SELECT COUNT(*) FROM orders")
			err := s.write(p)
			if c.code == 0 {
				s.must(err)
				if n, err := s.cart.Count(ctx, owner); err != nil || n != 0 {
					s.Errorf("the cart still holds %d, %v", n, err)
				}
				continue
			}
			if !fault.Is(err, fault.Conflict) || !fault.HasCode(err, c.code) || s.count("SELECT COUNT(*) FROM orders") != before {
				s.Errorf("%s: %v", name, err)
			}
		}
	})
}

// The same, when the shopper's form comes after the change: the plan tells it, by name where there is one.
func TestChangesBeforeThePlan(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		owner := cart.UserOwner(user)
		beans, pot := storetest.SKU(s, s.db, 12400, 3), storetest.SKU(s, s.db, 5000, 3)
		in := s.cartForm(user, address, beans, pot)
		_, err := s.cart.Remove(ctx, owner, pot)
		s.must(err)
		_, err = s.order.Place(ctx, in)
		s.wantCode(err, fault.Conflict, fault.CodeTooFast)
		if !strings.Contains(err.Error(), "云南日晒咖啡豆") {
			s.Errorf("which line was it? %v", err)
		}
		s.must(s.cart.Add(ctx, owner, pot, 1))
		off := false
		s.must(s.cart.Change(ctx, owner, pot, nil, &off)) // unticked in another tab: this page is still about it
		s.place(in)

		in = s.cartForm(user, address, beans, pot)
		storetest.Exec(s, s.db, "DELETE FROM skus WHERE id = ?", pot)
		_, err = s.order.Place(ctx, in)
		s.wantCode(err, fault.Conflict, fault.CodeTooFast)

		in = s.cartForm(user, address, beans)
		in.Lines = append(in.Lines, promo.Item{SKUID: beans, Count: 1}) // more than was agreed to
		_, err = s.order.Place(ctx, in)
		s.wantCode(err, fault.Conflict, fault.CodePriceChanged)
		in.Lines = make([]promo.Item, 501)
		_, err = s.order.Place(ctx, in)
		s.wantCode(err, fault.Invalid, 0)
	})
}

// The page is priced again for the lines that it shows, whatever else is ticked meanwhile; when these cannot be priced any
// more, it shows what can be ordered now.
func TestAgainIsAboutTheSameLines(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		beans, pot := storetest.SKU(s, s.db, 12400, 3), storetest.SKU(s, s.db, 5000, 3)
		in := s.cartForm(user, address, beans)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), pot, 1))
		c, err := s.order.Again(ctx, in)
		s.must(err)
		if len(c.Quote.Lines) != 1 || c.Quote.Digest != in.Digest || c.BuyNow != nil || c.Chosen != address {
			s.Errorf("again: %+v", c)
		}
		storetest.Exec(s, s.db, "UPDATE skus SET is_launched = 0 WHERE id = ?", beans)
		c, err = s.order.Again(ctx, in)
		s.must(err)
		if len(c.Quote.Lines) != 1 || c.Quote.Lines[0].SKU.ID != pot {
			s.Errorf("again, after a line has gone: %+v", c.Quote.Lines)
		}
	})
}

// Several orders can be written in one transaction: one that is short of stock is undone alone.
func TestTwoWritesInOneTransaction(t *testing.T) {
	each(t, func(s shop) {
		beans, pot := storetest.SKU(s, s.db, 12400, 1), storetest.SKU(s, s.db, 5000, 9)
		one, oneAddress := s.buyer("xiaoming")
		two, twoAddress := s.buyer("xiaohong")
		three, threeAddress := s.buyer("xiaogang")
		plans := []order.Plan{
			s.plan(s.cartForm(one, oneAddress, beans, pot)),
			s.plan(s.cartForm(two, twoAddress, beans, pot)), // the last one of the beans is gone then
			s.plan(s.form(three, threeAddress, pot, 2)),
		}
		outcomes := make([]error, len(plans))
		s.must(s.db.Tx(ctx, func(tx *db.Tx) error {
			for i, p := range plans {
				outcomes[i] = tx.Part(ctx, func() error { return s.order.Write(ctx, tx, p) })
			}
			return nil
		}))
		if outcomes[0] != nil || outcomes[2] != nil || !fault.HasCode(outcomes[1], fault.CodeShortStock) {
			s.Fatalf("outcomes %v", outcomes)
		}
		if n := s.count("SELECT COUNT(*) FROM orders WHERE order_no IN (?, ?)", plans[0].No(), plans[2].No()); n != 2 ||
			s.count("SELECT COUNT(*) FROM orders") != 2 {
			s.Errorf("%d of two orders", n)
		}
		if n, err := s.cart.Count(ctx, cart.UserOwner(two)); err != nil || n != 2 {
			s.Errorf("the cart of the one who was too late holds %d, %v", n, err)
		}
		if n := s.count("SELECT quantity FROM stocks WHERE sku_id = ?", pot); n != 6 {
			s.Errorf("%d pots are left", n)
		}
	})
}

// An order of many lines is written by as many statements as one of a single line, but for the stock.
func TestManyLinesAreWrittenTogether(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		skus := s.goods(12)
		p := s.plan(s.cartForm(user, address, skus...))
		counts := map[string]int{}
		counting := db.InjectFaults(ctx, func(statement string) error {
			words := strings.Fields(statement)
			counts[strings.Join(words[:min(3, len(words))], " ")]++
			return nil
		})
		s.must(s.db.Tx(counting, func(tx *db.Tx) error { return s.order.Write(counting, tx, p) }))
		for _, once := range []string{"INSERT INTO orders", "INSERT INTO order_items", "INSERT INTO stock_ledger",
			"DELETE FROM cart_lines", "INSERT INTO order_events"} {
			if counts[once] != 1 {
				s.Errorf("%s ran %d times", once, counts[once])
			}
		}
		if counts["UPDATE stocks SET"] != 12 || s.count("SELECT COUNT(*) FROM order_items") != 12 {
			s.Errorf("statements %v", counts)
		}
	})
}

// Placing from the cart fails whole at each statement, and the same form then makes its one order.
func TestEachStatementOfACartMayFail(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		skus := s.goods(3)
		boom := errors.New("boom")
		for n := 1; ; n++ {
			in := s.cartForm(user, address, skus...)
			before := s.count("SELECT COUNT(*) FROM orders")
			seen, hit := 0, ""
			broken := db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			})
			_, err := s.order.Place(broken, in)
			storetest.CheckBooks(s, s.db)
			if hit == "" {
				s.must(err)
				if n < 12 {
					s.Fatalf("only %d statements were broken", n)
				}
				return
			}
			lines := s.count("SELECT COUNT(*) FROM cart_lines")
			if orders := s.count("SELECT COUNT(*) FROM orders") - before; hit != "COMMITTED" &&
				(!errors.Is(err, boom) || orders != 0 || lines != 3) {
				s.Fatalf("after %q failed: %v, %d orders, %d lines", hit, err, orders, lines)
			}
			s.place(in)
			if n := s.count("SELECT COUNT(*) FROM orders"); n != before+1 || s.count("SELECT COUNT(*) FROM cart_lines") != 0 {
				s.Fatalf("after %q and a repeat: %d orders", hit, n-before)
			}
		}
	})
}
