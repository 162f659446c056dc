package coupon_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/store/coupon"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// together runs do n times at once and says how often it succeeded; any other fault than one of a kind fails the test.
func (s desk) together(n int, refusal fault.Kind, do func(i int) error) int {
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := do(i)
			if err == nil {
				won.Add(1)
			} else if !fault.Is(err, refusal) {
				s.Error(err)
			}
		})
	}
	wg.Wait()
	return int(won.Load())
}

// Of a coupon of which there is one, one of fifty people gets it.
func TestOneIsClaimedByOneOfFifty(t *testing.T) {
	each(t, func(s desk) {
		id := s.coupon("total = 1")
		users := make([]int64, 50)
		for i := range users {
			users[i] = storetest.User(s, s.db, fmt.Sprintf("user%d", i))
		}
		won := s.together(len(users), fault.Conflict, func(i int) error {
			_, err := s.Claim(ctx, users[i], id)
			return err
		})
		if n := s.count("SELECT COUNT(*) FROM user_coupons"); won != 1 || n != 1 {
			s.Errorf("%d claimed it, %d hold it", won, n)
		}
	})
}

// One person who clicks twenty times at once gets as many as a person may.
func TestNobodyGetsMoreThanAPersonMay(t *testing.T) {
	each(t, func(s desk) {
		id, user := s.coupon("per_person = 3"), storetest.User(s, s.db, "xiaoming")
		won := s.together(20, fault.Conflict, func(int) error {
			_, err := s.Claim(ctx, user, id)
			return err
		})
		if n := s.count("SELECT COUNT(*) FROM user_coupons"); won != 3 || n != 3 {
			s.Errorf("%d claims, %d coupons", won, n)
		}
	})
}

// One coupon is on one of five orders at once, and comes back once however often that order is cancelled.
func TestOneCouponIsOnOneOfFiveOrders(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		id := s.claimed(user, s.coupon(""))
		if won := s.together(5, fault.Invalid, func(i int) error { return s.take(ctx, user, id, int64(i+1), 1000) }); won != 1 {
			s.Errorf("it is on %d orders", won)
		}
		order := s.count("SELECT order_id FROM user_coupons WHERE id = ?", id)
		s.together(8, fault.Invalid, func(int) error { return s.giveBack(ctx, order) })
		if n := s.count("SELECT used FROM coupons"); n != 0 {
			s.Errorf("%d are used", n)
		}
		storetest.CheckBooks(s, s.db)
		// While the old order gives it back again and again, it goes onto a new one and stays there.
		s.together(6, fault.Invalid, func(i int) error {
			if i == 3 {
				return s.take(ctx, user, id, 99, 700)
			}
			return s.giveBack(ctx, order)
		})
		if n := s.count("SELECT order_id FROM user_coupons WHERE id = ?", id); n != 99 {
			s.Errorf("it is on order %d", n)
		}
	})
}

// An account that is deleted while it claims goes before the claim, or takes the claimed coupon with it.
func TestDeletedWhileClaiming(t *testing.T) {
	each(t, func(s desk) {
		user, id := storetest.User(s, s.db, "xiaoming"), s.coupon("")
		claimed, deleted := storetest.Meanwhile("INSERT INTO user_coupons", func(ctx context.Context) error {
			_, err := s.Claim(ctx, user, id)
			return err
		}, func() error {
			return s.db.Tx(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(ctx, "UPDATE users SET deleted_at = ? WHERE id = ?", s.clock.Now(), user); err != nil {
					return err
				}
				return coupon.Forget(ctx, tx, user, s.clock.Now())
			})
		})
		s.must(deleted)
		if list, err := s.Coupons(ctx, s.db, user); err != nil || len(list) > 0 && list[0].EndsAt.After(s.clock.Now()) {
			s.Errorf("a deleted account holds %+v: %v, %v", list, claimed, err)
		}
	})
}

// Each change happens whole or not at all, whichever of its statements fails, and can then be done again.
func TestEachStatementMayFail(t *testing.T) {
	boom := errors.New("boom")
	for name, one := range map[string]struct {
		least  int // statements, so that the test breaks some
		before func(s desk, user, couponID int64)
		do     func(ctx context.Context, s desk, user, couponID int64) error
		done   string // the number of what it does
	}{
		"claim": {5, func(desk, int64, int64) {}, func(ctx context.Context, s desk, user, id int64) error {
			_, err := s.Claim(ctx, user, id)
			return err
		}, "SELECT COUNT(*) FROM user_coupons"},
		"take": {3, func(s desk, user, id int64) { s.claimed(user, id) }, func(ctx context.Context, s desk, user, id int64) error {
			return s.take(ctx, user, 1, 7, 1000)
		}, "SELECT used FROM coupons"},
		"give back": {4, func(s desk, user, id int64) {
			s.claimed(user, id)
			s.must(s.take(ctx, user, 1, 7, 1000))
		}, func(ctx context.Context, s desk, user, id int64) error {
			return s.giveBack(ctx, 7)
		}, "SELECT 1 - used FROM coupons"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(s desk) {
				user, id := storetest.User(s, s.db, "xiaoming"), s.coupon("")
				one.before(s, user, id)
				for n := 1; ; n++ {
					seen, hit := 0, ""
					broken := db.InjectFaults(ctx, func(statement string) error {
						if seen++; seen == n {
							hit = statement
							return boom
						}
						return nil
					})
					err := one.do(broken, s, user, id)
					storetest.CheckBooks(s, s.db)
					if hit == "COMMITTED" || hit == "" {
						if n <= one.least || s.count(one.done) != 1 {
							s.Errorf("%d statements were broken; %v", n-1, err)
						}
						return
					}
					if !errors.Is(err, boom) || s.count(one.done) != 0 {
						s.Fatalf("after %q failed: %v", hit, err)
					}
				}
			})
		})
	}
}

// Whatever people do in whatever order, they hold and use what a simple model says.
func TestRandomHistories(t *testing.T) {
	each(t, func(s desk) {
		users := []int64{storetest.User(s, s.db, "a"), storetest.User(s, s.db, "b"), storetest.User(s, s.db, "c")}
		order := int64(0)
		rapid.Check(s.T, func(r *rapid.T) {
			total, perPerson := rapid.Int64Range(0, 4).Draw(r, "total"), rapid.Int64Range(1, 3).Draw(r, "per person")
			id := s.coupon("total = ?, per_person = ?, ends_at = ?", total, perPerson, s.clock.Now().Add(20*time.Hour))
			type one struct{ id, user, order, last int64 }
			var held []*one
			had := map[int64]int64{}
			for range rapid.IntRange(1, 20).Draw(r, "steps") {
				user := rapid.SampledFrom(users).Draw(r, "user")
				over := !s.clock.Now().Before(endsAt(s, id))
				switch what := rapid.SampledFrom([]string{"claim", "take", "back", "wait"}).Draw(r, "step"); what {
				case "claim":
					may := !over && had[user] < perPerson && (total == 0 || int64(len(held)) < total)
					_, err := s.Claim(ctx, user, id)
					if (err == nil) != may {
						r.Fatalf("claim: %v", err)
					}
					if may {
						had[user]++
						held = append(held, &one{id: s.count("SELECT MAX(id) FROM user_coupons"), user: user})
					}
				case "take", "back":
					if len(held) == 0 {
						continue
					}
					c := rapid.SampledFrom(held).Draw(r, "coupon")
					if what == "back" {
						if c.last == 0 {
							continue
						}
						if err := s.giveBack(ctx, c.last); err != nil { // again, if it is given back already
							r.Fatal(err)
						}
						c.order = 0
						continue
					}
					order++
					may := !over && c.order == 0 && c.user == user
					if err := s.take(ctx, user, c.id, order, 100); (err == nil) != may {
						r.Fatalf("take: %v", err)
					}
					if may {
						c.order, c.last = order, order
					}
				case "wait":
					s.clock.Advance(time.Duration(rapid.IntRange(1, 8).Draw(r, "hours")) * time.Hour)
				}
				for _, c := range held {
					if on := s.count("SELECT order_id FROM user_coupons WHERE id = ?", c.id); on != c.order {
						r.Fatalf("coupon %d is on order %d, not on %d", c.id, on, c.order)
					}
				}
			}
			storetest.CheckBooks(s, s.db)
		})
	})
}

func endsAt(s desk, id int64) (at time.Time) {
	s.must(s.db.Get(ctx, &at, "SELECT ends_at FROM coupons WHERE id = ?", id))
	return at
}
