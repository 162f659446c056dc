package order_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/entitlement"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/storetest"
)

const day = 24 * time.Hour

func (s shop) spuOf(sku int64) int64 { return s.count("SELECT spu_id FROM skus WHERE id = ?", sku) }

func (s shop) students(sku int64) int64 {
	return s.count("SELECT COALESCE(SUM(students), 0) FROM course_counts WHERE spu_id = ?", s.spuOf(sku))
}

// has is what a user has of the product of a SKU.
func (s shop) has(user, sku int64) entitlement.Holding {
	s.Helper()
	h, err := entitlement.New(s.db, s.clock.Now).Has(ctx, user, s.spuOf(sku))
	s.must(err)
	return h
}

// lasts fails unless a user has the product of a SKU for so much longer; 0 is for ever.
func (s shop) lasts(user, sku int64, want time.Duration) {
	s.Helper()
	h := s.has(user, sku)
	if want == 0 && !h.Forever() || want != 0 && (h.ExpiresAt == nil || !h.ExpiresAt.Equal(s.clock.Now().Add(want))) {
		s.Fatalf("lasts until %v, %d valid; want %v from %v", h.ExpiresAt, h.Valid, want, s.clock.Now())
	}
}

func (s shop) end(no string, line int) (ended bool) {
	s.Helper()
	id := s.id(no)
	s.must(s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		ended, err = entitlement.End(ctx, tx, id, line, s.clock.Now())
		return err
	}))
	return ended
}

func TestOrderOfACourse(t *testing.T) {
	each(t, func(s shop) {
		user := storetest.User(s, s.db, "xiaoming") // without any address
		sku := storetest.Course(s, s.db, 39900, 90)[0]
		in := s.form(user, 0, sku, 1)
		no := s.place(in)
		if s.has(user, sku).Valid != 0 || s.students(sku) != 0 {
			s.Fatal("it is there before it is paid")
		}
		s.pay(no)
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusCompleted || o.Freight != 0 || o.Receiver != "" || o.Mobile != "" || o.Area != "" || o.Ships() || o.EndedAt == nil ||
			o.ReceivedAt == nil || !o.Unreviewed() || o.Earned() != 399 || len(o.Events) != 3 || o.Events[0].Kind != order.EventCompleted {
			s.Fatalf("order %+v", o)
		}
		s.lasts(user, sku, 90*day)
		if s.students(sku) != 1 {
			s.Fatalf("%d students", s.students(sku))
		}
		s.wantCode(s.order.Ship(ctx, 1, no, "sf", "SF1234567890"), fault.Conflict, fault.CodeWrongOrderState)
	})
}

// The physical part of a mixed order is shipped; the course is there at once.
func TestMixedOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		beans, sku := storetest.SKU(s, s.db, 12400, 3), storetest.Course(s, s.db, 39900, 0)[0]
		without := s.cartForm(user, address, beans, sku)
		without.AddressID = 0
		_, err := s.order.Place(ctx, without)
		s.wantCode(err, fault.Invalid, fault.CodeBadAddress)
		in := without
		in.AddressID = address
		no := s.place(in)
		s.pay(no)
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusPendingShipment || !o.Ships() || o.Receiver == "" {
			s.Fatalf("order %+v", o)
		}
		s.lasts(user, sku, 0)
		s.must(s.order.Ship(ctx, 1, no, "sf", "SF1234567890"))
		s.must(s.order.Receive(ctx, user, no))
	})
}

func TestFreeCourse(t *testing.T) {
	each(t, func(s shop) {
		user := storetest.User(s, s.db, "xiaoming")
		sku := storetest.Course(s, s.db, 0, 0)[0]
		no := s.place(s.form(user, 0, sku, 1))
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusCompleted {
			s.Fatalf("status %s", o.Status.Name())
		}
		s.lasts(user, sku, 0)
		if how := entitlement.How(s.count("SELECT how FROM entitlements")); how != entitlement.Free {
			s.Fatalf("it came by %s", how.Name())
		}
	})
}

func TestRenewalAddsToWhatIsLeft(t *testing.T) {
	each(t, func(s shop) {
		user := storetest.User(s, s.db, "xiaoming")
		skus := storetest.Course(s, s.db, 39900, 30, 365)
		first := s.place(s.form(user, 0, skus[0], 1))
		s.pay(first)
		s.clock.Advance(10 * day)
		second := s.place(s.form(user, 0, skus[1], 1))
		s.pay(second)
		s.lasts(user, skus[0], (20+365)*day)
		if s.students(skus[0]) != 1 {
			s.Fatalf("one person is %d students", s.students(skus[0]))
		}
		s.clock.Advance(5 * day)
		if !s.end(first, 1) || s.end(first, 1) {
			s.Fatal("ended not exactly once")
		}
		s.lasts(user, skus[0], 365*day) // the 15 days that were left of the first are gone
		s.clock.Advance(400 * day)
		if h := s.has(user, skus[0]); h.Open(s.clock.Now()) || h.Ended() || s.students(skus[0]) != 1 {
			s.Fatalf("after it expired: %+v, %d students", h, s.students(skus[0]))
		}
		third := s.place(s.form(user, 0, skus[0], 1))
		s.pay(third)
		s.lasts(user, skus[0], 30*day)
		s.end(second, 1)
		s.end(third, 1)
		if h := s.has(user, skus[0]); !h.Ended() || h.Open(s.clock.Now()) || s.students(skus[0]) != 0 {
			s.Fatalf("after all was taken back: %+v, %d students", h, s.students(skus[0]))
		}
		if s.end(first, 2) {
			s.Fatal("a line was ended that there is not")
		}
	})
}

func TestWhatOneHasForEverIsNotSoldAgain(t *testing.T) {
	each(t, func(s shop) {
		user := storetest.User(s, s.db, "xiaoming")
		owner := cart.UserOwner(user)
		skus := storetest.Course(s, s.db, 39900, 90, 0)
		refused := func(what string, err error, way string) {
			s.Helper()
			if err == nil {
				s.Fatalf("%s is not refused", what)
			}
			if !fault.Is(err, fault.Conflict) || (way != "" && (fault.Of(err).Way == nil || fault.Of(err).Way.Path != way)) {
				s.Errorf("%s: %v, %+v", what, err, fault.Of(err).Way)
			}
		}
		s.must(s.cart.Add(ctx, owner, skus[1], 1))
		refused("a second piece in the cart", s.cart.Add(ctx, owner, skus[1], 1), "")
		two := int64(2)
		refused("two pieces in the cart", s.cart.Change(ctx, owner, skus[1], &two, nil), "")
		s.must(s.cart.Add(ctx, owner, skus[0], 1))
		_, err := s.order.Checkout(ctx, user, nil, 0)
		refused("for ever beside 90 days", err, "")
		_, err = s.cart.Remove(ctx, owner, skus[0])
		s.must(err)

		tab := s.form(user, 0, skus[1], 1)
		timed := s.form(user, 0, skus[0], 1)
		pair := s.form(user, 0, skus[1], 1)
		pair.BuyNow.Count = 2
		_, err = s.order.Place(ctx, pair)
		refused("two pieces at once", err, "")
		no := s.place(s.form(user, 0, skus[1], 1))
		pay := "/orders/" + no + "/pay"
		_, err = s.order.Place(ctx, tab)
		refused("the other tab, unpaid", err, pay)
		_, err = s.order.Place(ctx, timed)
		refused("90 days, unpaid", err, pay)
		_, err = s.order.Checkout(ctx, user, tab.BuyNow, 0)
		refused("checkout, unpaid", err, pay)
		refused("cart, unpaid", s.cart.Add(ctx, owner, skus[0], 1), pay)
		s.pay(no)
		way := fmt.Sprintf("/account/purchases/%d", s.spuOf(skus[1]))
		_, err = s.order.Place(ctx, tab)
		refused("the other tab, paid", err, way)
		_, err = s.order.Checkout(ctx, user, nil, 0) // what lay in the cart before
		refused("checkout, paid", err, way)
		refused("cart, paid", s.cart.Add(ctx, owner, skus[0], 1), way)
		s.end(no, 1)
		s.pay(s.place(tab)) // a form that was refused is good once there is no reason any more
		s.lasts(user, skus[1], 0)
	})
}

// While an order of some days waits for its money, for ever is not sold beside it: both could be paid, and the days would be worth
// nothing. More days are sold as a renewal.
func TestForEverWaitsForAnUnpaidOrderOfDays(t *testing.T) {
	each(t, func(s shop) {
		user := storetest.User(s, s.db, "xiaoming")
		skus := storetest.Course(s, s.db, 39900, 30, 90, 0)
		tab := s.form(user, 0, skus[2], 1)
		no := s.place(s.form(user, 0, skus[0], 1))
		for what, err := range map[string]error{
			"the other tab": second(s.order.Place(ctx, tab)),
			"checkout":      second(s.order.Checkout(ctx, user, tab.BuyNow, 0)),
			"cart":          s.cart.Add(ctx, cart.UserOwner(user), skus[2], 1),
		} {
			if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Of(err).Error(), no) || fault.Of(err).Way == nil ||
				fault.Of(err).Way.Path != "/orders/"+no+"/pay" {
				s.Errorf("%s: %v", what, err)
			}
		}
		renewal := s.place(s.form(user, 0, skus[1], 1))
		id := s.id(no)
		s.must(s.db.Tx(ctx, func(tx *db.Tx) error {
			_, err := order.Cancel(ctx, tx, id, order.CancelledByShopper, order.ByShopper, user, s.clock.Now)
			return err
		}))
		if _, err := s.order.Place(ctx, tab); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), renewal) {
			s.Errorf("beside the other order: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// Two tabs that order one course for ever at once make one order.
func TestTwoTabsBuyOneCourseOnce(t *testing.T) {
	each(t, func(s shop) {
		for round := range 5 {
			user := storetest.User(s, s.db, fmt.Sprintf("buyer%d", round))
			sku := storetest.Course(s, s.db, 39900, 0)[0]
			forms := make([]order.Placing, 8)
			for i := range forms {
				forms[i] = s.form(user, 0, sku, 1)
			}
			var placed atomic.Int64
			atOnce(len(forms), func(i int) {
				switch _, err := s.order.Place(ctx, forms[i]); {
				case err == nil:
					placed.Add(1)
				case !fault.Is(err, fault.Conflict):
					s.Error(err)
				}
			})
			if placed.Load() != 1 {
				s.Errorf("%d orders of one course", placed.Load())
			}
		}
	})
}

// Payments of many orders of one course by one person, told twice each and all at once, add up; so do those of many people.
func TestPaymentsOfACourseAtOnce(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.Course(s, s.db, 100, 30)[0]
		var orders []string
		var users []int64
		for i := range 3 {
			user := storetest.User(s, s.db, fmt.Sprintf("buyer%d", i))
			users = append(users, user)
			for range 4 {
				orders = append(orders, s.place(s.form(user, 0, sku, 1)))
			}
		}
		ids := make([]int64, len(orders))
		for i, no := range orders {
			ids[i] = s.id(no)
		}
		now := s.clock.Now()
		var marked atomic.Int64
		atOnce(2*len(ids), func(i int) {
			var moved bool
			err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
				moved, err = order.MarkPaid(ctx, tx, ids[i%len(ids)], order.Paid{Method: "alipay", TradeNo: "T", At: now}, now)
				return err
			})
			if err != nil {
				s.Error(err)
			} else if moved {
				marked.Add(1)
			}
		})
		if marked.Load() != 12 || s.students(sku) != 3 {
			s.Errorf("%d payments, %d students", marked.Load(), s.students(sku))
		}
		storetest.Exec(s, s.db, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, amount_fen, status, created_at, expires_at)
			SELECT id, order_no, user_id, 'alipay', CONCAT(order_no, '01'), payable_fen, 2, created_at, pay_deadline FROM orders`)
		for _, user := range users {
			s.lasts(user, sku, 4*30*day)
		}
		storetest.CheckBooks(s, s.db)
		var ended atomic.Int64
		var wg sync.WaitGroup
		for _, id := range append(ids, ids...) {
			wg.Go(func() {
				var did bool
				err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
					did, err = entitlement.End(ctx, tx, id, 1, now)
					return err
				})
				if err != nil {
					s.Error(err)
				} else if did {
					ended.Add(1)
				}
			})
		}
		wg.Wait()
		if ended.Load() != 12 || s.students(sku) != 0 {
			s.Errorf("%d ended, %d students", ended.Load(), s.students(sku))
		}
	})
}

// A payment whose statements fail one after the other grants nothing, and then, told again, everything once.
func TestEachStatementOfAPaymentMayFail(t *testing.T) {
	each(t, func(s shop) {
		skus := storetest.Course(s, s.db, 100, 30)
		boom := errors.New("boom")
		user := storetest.User(s, s.db, "xiaoming")
		for n := 1; ; n++ {
			no := s.place(s.form(user, 0, skus[0], 1))
			before := s.count("SELECT COUNT(*) FROM entitlements")
			id, seen, hit := s.id(no), 0, ""
			broken := db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			})
			mark := func(c context.Context) error {
				return s.db.Tx(c, func(tx *db.Tx) error {
					_, err := order.MarkPaid(c, tx, id, order.Paid{Method: "alipay", TradeNo: "T" + no, At: s.clock.Now()}, s.clock.Now())
					return err
				})
			}
			err := mark(broken)
			if hit == "" {
				s.must(err)
				if n < 10 {
					s.Fatalf("only %d statements were broken", n)
				}
			} else if got := s.count("SELECT COUNT(*) FROM entitlements") - before; !strings.HasPrefix(hit, "COMMIT") && (got != 0 || err == nil) {
				s.Fatalf("after %q failed: %v, %d entitlements", hit, err, got)
			}
			s.must(mark(ctx))
			if got := s.count("SELECT COUNT(*) FROM entitlements") - before; got != 1 {
				s.Fatalf("after %q and a repeat: %d entitlements", hit, got)
			}
			storetest.Exec(s, s.db, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, amount_fen, status, created_at, expires_at)
				SELECT id, order_no, user_id, 'alipay', CONCAT(order_no, '01'), payable_fen, 2, created_at, pay_deadline FROM orders WHERE id = ?`, id)
			storetest.CheckBooks(s, s.db)
			if hit == "" {
				return
			}
		}
	})
}
