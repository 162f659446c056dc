package coupon_test

import (
	"context"
	"testing"
	"time"

	"dashop/store/coupon"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// desk is what gives coupons out.
type desk struct {
	*testing.T
	*coupon.Service
	db    *db.DB
	clock *storetest.Clock
}

func each(t *testing.T, test func(s desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		test(desk{T: t, Service: coupon.New(d, clock.Now), db: d, clock: clock})
		storetest.CheckBooks(t, d)
	})
}

func (s desk) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s desk) count(query string, args ...any) (n int64) {
	s.Helper()
	s.must(s.db.Get(ctx, &n, query, args...))
	return n
}

// coupon adds a coupon, with some of its columns as they are set.
func (s desk) coupon(set string, args ...any) int64 {
	s.Helper()
	id := storetest.Coupon(s, s.db, 1000, 0)
	if set != "" {
		storetest.Exec(s, s.db, "UPDATE coupons SET "+set+" WHERE id = ?", append(args, id)...)
	}
	return id
}

// claimed is the number of a coupon that a user claims.
func (s desk) claimed(user, couponID int64) int64 {
	s.Helper()
	_, err := s.Claim(ctx, user, couponID)
	s.must(err)
	return s.count("SELECT MAX(id) FROM user_coupons WHERE user_id = ? AND coupon_id = ?", user, couponID)
}

func (s desk) take(ctx context.Context, user, id, order int64, saving money.Fen) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return coupon.Take(ctx, tx, user, id, order, saving, s.clock.Now()) })
}

func (s desk) giveBack(ctx context.Context, order int64) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return coupon.GiveBack(ctx, tx, order) })
}

// Who may claim what, and when.
func TestClaim(t *testing.T) {
	each(t, func(s desk) {
		user, late := storetest.User(s, s.db, "xiaoming"), storetest.User(s, s.db, "late")
		now := s.clock.Now()
		open := s.coupon("total = 1")
		c, err := s.Claim(ctx, user, open)
		if err != nil || c.Name != "见面礼" || !c.SoldOut() || c.Left() != 0 {
			s.Fatalf("%+v, %v", c, err)
		}
		for what, x := range map[string]struct {
			who, id int64
			want    fault.Kind
		}{
			"a second time":              {user, open, fault.Conflict},
			"the last is gone":           {late, open, fault.Conflict},
			"not begun":                  {user, s.coupon("starts_at = ?", now.Add(time.Millisecond)), fault.Conflict},
			"over":                       {user, s.coupon("ends_at = ?", now), fault.Conflict},
			"withdrawn":                  {user, s.coupon("is_published = 0"), fault.NotFound},
			"not in the centre":          {user, s.coupon("is_public = 0"), fault.NotFound},
			"there is no such coupon":    {user, 999, fault.NotFound},
			"there is no such user":      {999, s.coupon(""), fault.NotFound},
			"begins and ends at once":    {user, s.coupon("starts_at = ?, ends_at = ?", now, now), fault.Conflict},
			"its last moment is over by": {user, s.coupon("ends_at = ?", now.Add(-time.Millisecond)), fault.Conflict},
		} {
			if _, err := s.Claim(ctx, x.who, x.id); fault.Of(err).Kind != x.want {
				s.Errorf("%s: %v", what, err)
			}
		}
		s.claimed(user, s.coupon("starts_at = ?", now))
		s.claimed(user, s.coupon("ends_at = ?", now.Add(time.Millisecond)))
	})
}

// A claimed coupon is good until the coupon's end, or for its own days, whatever becomes of the coupon.
func TestValidity(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		now := s.clock.Now()
		until := now.Add(50 * time.Hour)
		plain := s.claimed(user, s.coupon("ends_at = ?", until))
		days := s.claimed(user, s.coupon("ends_at = ?, valid_days = 7", until))
		storetest.Exec(s, s.db, "UPDATE coupons SET starts_at = ?, ends_at = ?, is_published = 0", now.Add(time.Hour), now.Add(2*time.Hour))
		for id, want := range map[int64]time.Time{plain: until, days: now.Add(7 * 24 * time.Hour)} {
			got, err := s.Coupon(ctx, s.db, user, id)
			if err != nil || !got.StartsAt.Equal(now) || !got.EndsAt.Equal(want) || got.Used {
				s.Errorf("%+v, %v; want until %v", got, err, want)
			}
		}
		s.clock.Set(until.Add(-time.Millisecond))
		s.must(s.take(ctx, user, plain, 1, 1000))
		s.must(s.giveBack(ctx, 1))
		s.clock.Set(until)
		if err := s.take(ctx, user, plain, 1, 1000); !fault.HasCode(err, fault.CodeBadCoupon) {
			s.Errorf("after its end: %v", err)
		}
		s.must(s.take(ctx, user, days, 1, 1000))
	})
}

// Codes are found however they are typed, and not by trying many.
func TestClaimByCode(t *testing.T) {
	each(t, func(s desk) {
		user, other := storetest.User(s, s.db, "xiaoming"), storetest.User(s, s.db, "other")
		id := s.coupon("code = 'VIP2026', is_public = 0")
		s.coupon("code = 'LATER1', is_published = 0")
		if _, err := s.Claim(ctx, user, id); !fault.Is(err, fault.NotFound) {
			s.Errorf("past the code: %v", err)
		}
		if c, err := s.ClaimByCode(ctx, user, " ｖip-2026 "); err != nil || c.ID != id {
			s.Fatalf("%+v, %v", c, err)
		}
		if how := s.count("SELECT COUNT(*) FROM user_coupons WHERE user_id = ? AND how = 'code'", user); how != 1 {
			s.Error("it is not kept how it was claimed")
		}
		if _, err := s.ClaimByCode(ctx, user, "VIP2026"); !fault.Is(err, fault.Conflict) {
			s.Errorf("again: %v", err)
		}
		for _, wrong := range []string{"", " ", "VIP2027", "LATER1", "VIP2026%", "VIP202_", "VIP2026'", "ⅥP2026"} {
			if _, err := s.ClaimByCode(ctx, other, wrong); !fault.Is(err, fault.Invalid) || len(fault.Of(err).Fields) != 1 {
				s.Errorf("%q: %v", wrong, err)
			}
		}
		for range 14 { // with those above, but for the empty ones, twenty
			_, _ = s.ClaimByCode(ctx, other, "GUESS")
		}
		_, err := s.ClaimByCode(ctx, other, "VIP2026")
		if !fault.Is(err, fault.TooMany) || fault.Of(err).RetryAfter <= 0 {
			s.Errorf("after twenty guesses: %v", err)
		}
		s.clock.Advance(time.Hour)
		if _, err := s.ClaimByCode(ctx, other, "VIP2026"); err != nil {
			s.Errorf("an hour later: %v", err)
		}
	})
}

// A coupon is taken by its owner while it is good, for one order, and given back from that order only.
func TestTakeAndGiveBack(t *testing.T) {
	each(t, func(s desk) {
		user, other := storetest.User(s, s.db, "xiaoming"), storetest.User(s, s.db, "other")
		gift := s.coupon("")
		id := s.claimed(user, gift)
		for what, err := range map[string]error{
			"another's":     s.take(ctx, other, id, 1, 500),
			"an unknown id": s.take(ctx, user, 999, 1, 500),
		} {
			if !fault.HasCode(err, fault.CodeBadCoupon) {
				s.Errorf("%s: %v", what, err)
			}
		}
		s.must(s.take(ctx, user, id, 1, 500))
		if err := s.take(ctx, user, id, 2, 500); !fault.HasCode(err, fault.CodeBadCoupon) {
			s.Errorf("a second order: %v", err)
		}
		s.must(s.giveBack(ctx, 2))
		if c, err := s.Coupon(ctx, s.db, user, id); err != nil || !c.Used {
			s.Errorf("given back by an order that it is not on: %+v, %v", c, err)
		}
		figures := "SELECT used * 10000 + saved_fen FROM coupons WHERE id = ?"
		if n := s.count(figures, gift); n != 10500 {
			s.Errorf("figures %d", n)
		}
		for range 2 {
			s.must(s.giveBack(ctx, 1))
		}
		if c, err := s.Coupon(ctx, s.db, user, id); err != nil || c.Used || s.count(figures, gift) != 0 {
			s.Errorf("%+v, %v", c, err)
		}
		if _, err := s.Coupon(ctx, s.db, other, id); !fault.Is(err, fault.NotFound) {
			s.Errorf("another's: %v", err)
		}
	})
}

// Prices get what is still good, the one that ends first on top, then what ran out lately, with what each is for.
func TestHoldings(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		now := s.clock.Now()
		in := func(d time.Duration) time.Time { return now.Add(d) }
		long := s.claimed(user, s.coupon("ends_at = ?, scope = 'category'", in(72*time.Hour)))
		storetest.Exec(s, s.db, "INSERT INTO coupon_targets (coupon_id, target_id) SELECT MAX(id), 6 FROM coupons")
		storetest.Exec(s, s.db, "INSERT INTO coupon_targets (coupon_id, target_id) SELECT MAX(id), 7 FROM coupons")
		short := s.claimed(user, s.coupon("ends_at = ?, percent = 85, cap_fen = 300, off_fen = 0, threshold_fen = 9900", in(48*time.Hour)))
		old := s.claimed(user, s.coupon("ends_at = ?", in(time.Hour)))
		used := s.claimed(user, s.coupon(""))
		s.must(s.take(ctx, user, used, 1, 1000))
		s.claimed(storetest.User(s, s.db, "other"), s.coupon(""))
		s.clock.Advance(2 * time.Hour)
		list, err := s.Coupons(ctx, s.db, user)
		s.must(err)
		var ids []int64
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		if len(ids) != 3 || ids[0] != short || ids[1] != long || ids[2] != old {
			s.Fatalf("%v, want %d, %d, %d", ids, short, long, old)
		}
		if c := list[0]; c.Percent != 85 || c.Cap != 300 || c.Off != 0 || c.Threshold != 9900 || c.Scope.Kind != promo.ScopeAll {
			s.Errorf("%+v", c)
		}
		if c := list[1]; c.Scope.Kind != promo.ScopeCategory || len(c.Scope.IDs) != 2 || c.Scope.IDs[1] != 7 || c.Off != 1000 {
			s.Errorf("%+v", c)
		}
		one, err := s.Coupon(ctx, s.db, user, long)
		if err != nil || len(one.Scope.IDs) != 2 {
			s.Errorf("%+v, %v", one, err)
		}
		s.clock.Advance(10 * 24 * time.Hour)
		if list, err := s.Coupons(ctx, s.db, user); err != nil || len(list) != 0 {
			s.Errorf("a week later: %+v, %v", list, err)
		}
	})
}

// With an account goes what it could still use; the books stay.
func TestForget(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		free, used := s.claimed(user, s.coupon("")), s.claimed(user, s.coupon(""))
		s.must(s.take(ctx, user, used, 1, 1000))
		s.must(s.db.Tx(ctx, func(tx *db.Tx) error { return coupon.Forget(ctx, tx, user, s.clock.Now()) }))
		if err := s.take(ctx, user, free, 2, 1000); !fault.HasCode(err, fault.CodeBadCoupon) {
			s.Errorf("it can still be used: %v", err)
		}
		if n := s.count("SELECT COUNT(*) FROM user_coupons"); n != 2 {
			s.Errorf("%d are left for the books", n)
		}
	})
}
