package order_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/store/cart"
	"dashop/store/coupon"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// claim gives a user a coupon and returns the number of the claimed one.
func (s shop) claim(user, couponID int64) int64 {
	s.Helper()
	_, err := coupon.New(s.db, s.clock.Now).Claim(ctx, user, couponID)
	s.must(err)
	return s.count("SELECT MAX(id) FROM user_coupons WHERE user_id = ?", user)
}

// grant changes a user's credits by the merchant's hand.
func (s shop) grant(user, n int64) {
	s.Helper()
	s.must(credits.New(s.db, s.clock.Now).Adjust(ctx, 1, credits.Adjustment{UserID: user, Kind: credits.Corrected, Amount: n, Reason: "test",
		Token: strings.ToLower(rand.Text())}))
}

// with chooses a coupon and credits on a form, and returns it as the page then shows it.
func (s shop) with(in order.Placing, couponID, n int64) (order.Placing, promo.Quote) {
	s.Helper()
	in.CouponID, in.Credits = couponID, n
	c, err := s.order.Again(ctx, in)
	s.must(err)
	s.must(c.Refused)
	in.Digest = c.Quote.Digest
	return in, c.Quote
}

// free says whether a claimed coupon is on no order.
func (s shop) free(held int64) bool {
	s.Helper()
	return s.count("SELECT COUNT(*) FROM user_coupons WHERE id = ? AND order_id = 0", held) == 1
}

func (s shop) cancel(no string) (moved bool) {
	s.Helper()
	id := s.id(no)
	s.must(s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		moved, err = order.Cancel(ctx, tx, id, order.CancelledByTimeout, order.BySystem, 0, s.clock.Now)
		return err
	}))
	return moved
}

// The page chooses the best coupon at first, then what is asked for; what cannot be used is left out, and said.
func TestCheckoutChooses(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 9)
		small, large := s.claim(user, storetest.Coupon(s, s.db, 500, 0)), s.claim(user, storetest.Coupon(s, s.db, 2000, 10000))
		far := s.claim(user, storetest.Coupon(s, s.db, 9000, 90000))
		s.grant(user, 820)
		item := &promo.Item{SKUID: sku, Count: 1}
		c, err := s.order.Checkout(ctx, user, item, 0)
		s.must(err)
		if c.Quote.Ask.CouponID != large || len(c.Offers) != 3 || c.Offers[0].Coupon.ID != large || c.Offers[2].Coupon.ID != far ||
			c.Offers[2].Why != promo.UnusableShort || c.Credits != 820 || c.Quote.CreditsMost != 5200 || c.Refused != nil {
			s.Fatalf("at first: %+v", c)
		}
		in := order.Placing{UserID: user, AddressID: address, BuyNow: item}
		for _, choice := range []struct {
			coupon, credits         int64
			shownCoupon, shownSpent int64
			code                    int
		}{
			{0, 0, 0, 0, 0}, // none is a choice too
			{small, 820, small, 820, 0},
			{far, 0, large, 0, fault.CodeBadCoupon},
			{far + 1000, 300, large, 300, fault.CodeBadCoupon},
			{small, 821, small, 0, fault.CodeShortCredits},
			{far, 821, large, 0, fault.CodeBadCoupon},
		} {
			in.CouponID, in.Credits = choice.coupon, choice.credits
			c, err := s.order.Again(ctx, in)
			s.must(err)
			if ask := c.Quote.Ask; ask.CouponID != choice.shownCoupon || ask.Credits != choice.shownSpent ||
				(c.Refused == nil) != (choice.code == 0) || choice.code != 0 && !fault.HasCode(c.Refused, choice.code) {
				s.Errorf("%+v: shown %+v, refused %v", choice, ask, c.Refused)
			}
		}
	})
}

// However an order is cancelled, and however often, its coupon and its credits come back once.
func TestCancellingGivesBack(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 9)
		held := s.claim(user, storetest.Coupon(s, s.db, 2000, 0))
		s.grant(user, 820)
		for round := range 2 { // what came back can be spent again
			in, _ := s.with(s.form(user, address, sku, 1), held, 820)
			no := s.place(in)
			if s.free(held) || s.credits(user) != 0 {
				s.Fatalf("round %d: the coupon is free: %v, %d credits", round, s.free(held), s.credits(user))
			}
			var wg sync.WaitGroup
			moves := make([]bool, 4)
			for i := range moves {
				wg.Go(func() { moves[i] = s.cancel(no) })
			}
			wg.Wait()
			if n := strings.Count(fmt.Sprint(moves), "true"); n != 1 || !s.free(held) || s.credits(user) != 820 {
				s.Fatalf("round %d: %d moves, the coupon is free: %v, %d credits", round, n, s.free(held), s.credits(user))
			}
			storetest.CheckBooks(s, s.db)
		}
	})
}

// A statement that fails while an order is cancelled leaves the order as it was.
func TestCancellingFailsWhole(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		held := s.claim(user, storetest.Coupon(s, s.db, 2000, 0))
		s.grant(user, 820)
		in, _ := s.with(s.form(user, address, storetest.SKU(s, s.db, 12400, 9), 1), held, 820)
		id, boom := s.id(s.place(in)), errors.New("boom")
		for n := 1; ; n++ {
			seen, hit := 0, false
			broken := db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n && statement != "COMMITTED" {
					hit = true
					return boom
				}
				return nil
			})
			err := s.db.Tx(broken, func(tx *db.Tx) error {
				_, err := order.Cancel(broken, tx, id, order.CancelledByShopper, order.ByShopper, user, s.clock.Now)
				return err
			})
			storetest.CheckBooks(s, s.db)
			if !hit {
				s.must(err)
				if n < 15 || !s.free(held) || s.credits(user) != 820 {
					s.Fatalf("%d statements, the coupon is free: %v, %d credits", n, s.free(held), s.credits(user))
				}
				return
			}
			if !errors.Is(err, boom) || s.free(held) || s.credits(user) != 0 {
				s.Fatalf("statement %d: %v", n, err)
			}
		}
	})
}

// Of five orders at once with one coupon, and of five with credits for one of them, one is placed; the others are told which of the two is
// missing, and have taken nothing.
func TestOneCouponIsOnOneOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 100)
		held := s.claim(user, storetest.Coupon(s, s.db, 2000, 0))
		s.grant(user, 820)
		for name, c := range map[string]struct {
			coupon, credits int64
			code            int
		}{"coupon": {held, 0, fault.CodeBadCoupon}, "credits": {0, 820, fault.CodeShortCredits}} {
			before := s.count("SELECT COUNT(*) FROM orders")
			forms := make([]order.Placing, 5)
			for i := range forms {
				forms[i], _ = s.with(s.form(user, address, sku, 1), c.coupon, c.credits)
			}
			var wg sync.WaitGroup
			outcomes := make([]error, len(forms))
			for i, in := range forms {
				wg.Go(func() { _, outcomes[i] = s.order.Place(ctx, in) })
			}
			wg.Wait()
			placed := 0
			for _, err := range outcomes {
				if err == nil {
					placed++
				} else if !fault.HasCode(err, c.code) {
					s.Errorf("%s: %v", name, err)
				}
			}
			if n := s.count("SELECT COUNT(*) FROM orders") - before; placed != 1 || n != 1 {
				s.Errorf("%s: %d placed, %d orders", name, placed, n)
			}
		}
	})
}

// An order that costs nothing, by its coupon or by its price, is paid as it is placed, needs no way to pay, and comes to be whole or not
// at all. Where freight is left to pay, it is an order like any other.
func TestFreeOrders(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		parcel, course, gift := storetest.SKU(s, s.db, 5000, 9), storetest.SKU(s, s.db, 5000, 99), storetest.SKU(s, s.db, 0, 99)
		storetest.Exec(s, s.db, "UPDATE spus SET is_virtual = 1 WHERE id IN (SELECT spu_id FROM skus WHERE id IN (?, ?))", course, gift)
		held := s.claim(user, storetest.Coupon(s, s.db, 5000, 0))
		in, q := s.with(s.form(user, address, parcel, 1), held, 0)
		in.PayMethod = ""
		if _, err := s.order.Place(ctx, in); q.Payable != 1000 || !fault.Is(err, fault.Invalid) || fault.Of(err).Fields["pay_method"].Msg == "" {
			s.Fatalf("%s of freight without a way to pay it: %v", q.Payable, err)
		}
		in, q = s.with(s.form(user, address, course, 1), held, 0)
		boom := errors.New("boom")
		for n := 1; ; n++ {
			in.PayMethod = ""
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
			if err == nil {
				break
			}
			if !errors.Is(err, boom) || !s.free(held) || s.count("SELECT COUNT(*) FROM orders") != 0 {
				s.Fatalf("after %q: %v", hit, err)
			}
		}
		for what, no := range map[string]string{"by its coupon": s.place(in), "by its price": s.place(s.form(user, address, gift, 1))} {
			o, err := s.order.Order(ctx, user, no)
			s.must(err)
			if o.Payable != 0 || o.Status == order.StatusPendingPayment || o.PaidAt == nil || o.PayMethod != order.MethodFree || o.TradeNo != nil {
				s.Errorf("free %s: %+v", what, o)
			}
			if s.cancel(no) {
				s.Errorf("free %s: a paid order was cancelled", what)
			}
		}
		if q.Payable != 0 || s.free(held) {
			s.Errorf("the free order, of %s, has not taken its coupon", q.Payable)
		}
	})
}

// What the merchant, another order or time changes between the page and the order is refused with its code, and nothing is taken.
func TestPromotionsMoveUnderThePage(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		for name, c := range map[string]struct {
			change func(held int64)
			code   int
		}{
			"nothing":                 {func(int64) {}, 0},
			"a smaller coupon":        {func(int64) { storetest.Exec(s, s.db, "UPDATE coupons SET off_fen = 100") }, fault.CodePriceChanged},
			"another threshold":       {func(int64) { storetest.Exec(s, s.db, "UPDATE coupons SET threshold_fen = 90000") }, fault.CodeBadCoupon},
			"the coupon has run out":  {func(int64) { s.clock.Advance(2 * 365 * 24 * time.Hour) }, fault.CodeBadCoupon},
			"the coupon is used":      {func(held int64) { s.useUp(user, address, held, 0) }, fault.CodeBadCoupon},
			"the credits are spent":   {func(int64) { s.useUp(user, address, 0, 600) }, fault.CodeShortCredits},
			"the credits are fewer":   {func(int64) { s.grant(user, -500) }, fault.CodeShortCredits},
			"the coupon is another's": {func(held int64) { s.giveAway(held) }, fault.CodeBadCoupon},
		} {
			now := s.clock.Now()
			sku := storetest.SKU(s, s.db, 12400, 9)
			held := s.claim(user, storetest.Coupon(s, s.db, 2000, 0))
			if missing := 1000 - s.credits(user); missing != 0 {
				s.grant(user, missing)
			}
			in, _ := s.with(s.form(user, address, sku, 1), held, 800)
			p := s.plan(in)
			c.change(held)
			before := s.count("SELECT COUNT(*) FROM orders")
			_, early := s.order.Plan(ctx, in)
			late := s.write(p)
			s.clock.Set(now)
			if c.code == 0 {
				s.must(early)
				s.must(late)
				continue
			}
			if kind(early) != kind(late) || !fault.HasCode(late, c.code) || s.count("SELECT COUNT(*) FROM orders") != before {
				s.Errorf("%s: by reading %v, by the transaction %v", name, early, late)
			}
			storetest.Exec(s, s.db, "UPDATE user_coupons SET ends_at = ? WHERE order_id = 0", now)
			storetest.Exec(s, s.db, "UPDATE coupons SET off_fen = 2000, threshold_fen = 0")
		}
	})
}

// useUp spends a coupon or credits on another order.
func (s shop) useUp(user, address, held, n int64) {
	s.Helper()
	in, _ := s.with(s.form(user, address, storetest.SKU(s, s.db, 30000, 1), 1), held, n)
	s.place(in)
}

func (s shop) giveAway(held int64) {
	s.Helper()
	other := storetest.User(s, s.db, "other")
	storetest.Exec(s, s.db, "UPDATE user_coupons SET user_id = ? WHERE id = ?", other, held)
}

// TestOrdersAddUp places random baskets with random coupons and credits and cancels some of them: the order is what the page showed, each
// line adds up, and the books agree after each step.
func TestOrdersAddUp(t *testing.T) {
	each(t, func(s shop) {
		skus := []int64{}
		for _, price := range []int64{1, 99, 333, 4999, 10000, 25901} {
			skus = append(skus, storetest.SKU(s, s.db, money.Fen(price), 1_000_000))
		}
		round := 0
		rapid.Check(s.T, func(r *rapid.T) {
			round++
			user, address := s.buyer(fmt.Sprint("buyer", round))
			for i := range rapid.IntRange(1, 3).Draw(r, "orders") {
				in := s.basket(r, user, address, skus)
				c := storetest.Coupon(s, s.db, money.Fen(rapid.Int64Range(1, 30000).Draw(r, "off")), money.Fen(rapid.Int64Range(0, 20000).Draw(r, "from")))
				if rapid.Bool().Draw(r, "percent") {
					storetest.Exec(s, s.db, "UPDATE coupons SET percent = ?, cap_fen = ? WHERE id = ?", rapid.IntRange(1, 99).Draw(r, "paid"),
						rapid.Int64Range(0, 3000).Draw(r, "cap"), c)
				}
				s.claim(user, c)
				s.grant(user, rapid.Int64Range(1, 5000).Draw(r, "earned"))
				first, err := s.order.Again(ctx, in)
				s.must(err)
				if best := promo.Best(first.Offers); rapid.Bool().Draw(r, "coupon") {
					in.CouponID = best
				}
				first, err = s.order.Again(ctx, in)
				s.must(err)
				in.Credits = rapid.Int64Range(0, min(first.Credits, first.Quote.CreditsMost)).Draw(r, "credits")
				in, q := s.with(in, in.CouponID, in.Credits)
				no := s.place(in)
				s.addsUp(r, user, no, q)
				if rapid.Bool().Draw(r, fmt.Sprint("cancel", i)) {
					s.cancel(no)
				}
			}
			if round%20 == 0 {
				storetest.CheckBooks(s, s.db)
			}
		})
	})
}

// basket is a form about one item that is bought at once, or about lines of the cart.
func (s shop) basket(r *rapid.T, user, address int64, skus []int64) order.Placing {
	count := rapid.Int64Range(1, 4)
	if rapid.Bool().Draw(r, "buy now") {
		item := &promo.Item{SKUID: rapid.SampledFrom(skus).Draw(r, "sku"), Count: count.Draw(r, "count")}
		return order.Placing{UserID: user, Token: rand.Text(), AddressID: address, PayMethod: "alipay", BuyNow: item}
	}
	in := order.Placing{UserID: user, Token: rand.Text(), AddressID: address, PayMethod: "alipay"}
	for _, sku := range rapid.SliceOfNDistinct(rapid.SampledFrom(skus), 1, len(skus), rapid.ID[int64]).Draw(r, "lines") {
		in.Lines = append(in.Lines, promo.Item{SKUID: sku, Count: count.Draw(r, "count")})
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, in.Lines[len(in.Lines)-1].Count))
	}
	return in
}

// addsUp compares an order with what the page showed.
func (s shop) addsUp(r *rapid.T, user int64, no string, q promo.Quote) {
	o, err := s.order.Order(ctx, user, no)
	s.must(err)
	discount, freight, paid := money.Fen(0), money.Fen(0), money.Fen(0)
	for i, it := range o.Items {
		off := money.Fen(0)
		for _, share := range it.Shares {
			off += share.Amount
		}
		if it.Payable != it.Unit*money.Fen(it.Count)-off || it.Payable < 0 || !slices.Equal(it.Shares, q.Lines[i].Shares) {
			r.Fatalf("line %+v of %+v", it, q.Lines[i])
		}
		discount, freight, paid = discount+off, freight+it.Freight, paid+it.Payable
	}
	if discount != o.Discount || freight != o.Freight || paid+freight != o.Payable || o.Payable != q.Payable || !slices.Equal(o.Discounts(), q.Discounts) {
		r.Fatalf("order %+v of %+v", o, q)
	}
}
