package coupon_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"dashop/store/coupon"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/storetest"
)

const staff = 9

// input is a form that is right.
func (s desk) input() coupon.Input {
	return coupon.Input{
		Name: "满 199 减 20", Off: 2000, Threshold: 19900, Scope: promo.Scope{Kind: promo.ScopeAll}, Public: true, Published: true, Total: 10,
		PerPerson: 2, StartsAt: s.clock.Now(), EndsAt: s.clock.Now().Add(24 * time.Hour), Words: "全场",
	}
}

func (s desk) save(id int64, in coupon.Input) int64 {
	s.Helper()
	id, err := s.Save(ctx, staff, id, in)
	s.must(err)
	return id
}

func (s desk) get(id int64) coupon.Coupon {
	s.Helper()
	c, err := s.Get(ctx, id)
	s.must(err)
	return c
}

// wrong are the fields that a refusal names.
func wrong(err error) []string {
	if err == nil || !fault.Is(err, fault.Invalid) {
		return nil
	}
	return slices.Sorted(maps.Keys(fault.Of(err).Fields))
}

// Each rule of the form says what is wrong beside its field.
func TestRulesOfTheForm(t *testing.T) {
	each(t, func(s desk) {
		s.coupon("code = 'TAKEN'")
		percent := func(p int64) func(in *coupon.Input) { return func(in *coupon.Input) { in.Percent = p } }
		scope := func(kind promo.ScopeKind, ids ...int64) func(in *coupon.Input) {
			return func(in *coupon.Input) { in.Scope = promo.Scope{Kind: kind, IDs: ids} }
		}
		code := func(code string) func(in *coupon.Input) {
			return func(in *coupon.Input) { in.ByCode, in.Code = true, code }
		}
		many := make([]int64, coupon.MaxTargets+1)
		for i := range many {
			many[i] = int64(i + 1)
		}
		for _, c := range []struct {
			field  string
			change func(in *coupon.Input)
		}{
			{"name", func(in *coupon.Input) { in.Name = " " }},
			{"name", func(in *coupon.Input) { in.Name = strings.Repeat("券", 61) }},
			{"name_en", func(in *coupon.Input) { in.NameEN = strings.Repeat("x", 121) }},
			{"words", func(in *coupon.Input) { in.Words = strings.Repeat("x", 201) }},
			{"words_en", func(in *coupon.Input) { in.WordsEN = strings.Repeat("x", 301) }},
			{"off", func(in *coupon.Input) { in.Off = 0 }},
			{"off", func(in *coupon.Input) { in.Off = -1 }},
			{"off", func(in *coupon.Input) { in.Off = in.Threshold }},
			{"threshold", func(in *coupon.Input) { in.Threshold = -1 }},
			{"percent", percent(100)},
			{"percent", percent(-1)},
			{"cap", func(in *coupon.Input) { in.Percent, in.Cap = 85, -1 }},
			{"scope", scope("somewhere", 1)},
			{"targets", scope(promo.ScopeBrand)},
			{"targets", scope(promo.ScopeBrand, 4711)},
			{"targets", scope(promo.ScopeCategory, many...)},
			{"code", code("")},
			{"code", code("ABC")},
			{"code", code("券ABCD")},
			{"code", code("taken")},
			{"total", func(in *coupon.Input) { in.Total = -1 }},
			{"per_person", func(in *coupon.Input) { in.PerPerson = 0 }},
			{"starts_at", func(in *coupon.Input) { in.StartsAt = time.Time{} }},
			{"ends_at", func(in *coupon.Input) { in.EndsAt = time.Time{} }},
			{"ends_at", func(in *coupon.Input) { in.EndsAt = in.StartsAt }},
			{"valid_days", func(in *coupon.Input) { in.ValidDays = -1 }},
		} {
			in := s.input()
			c.change(&in)
			if _, err := s.Save(ctx, staff, 0, in); !slices.Equal(wrong(err), []string{c.field}) {
				s.Errorf("%s: %v", c.field, err)
			}
		}
		if n := s.count("SELECT COUNT(*) FROM coupons"); n != 1 {
			s.Errorf("%d coupons", n)
		}
		in := s.input()
		code(" new-1 ")(&in)
		percent(85)(&in)
		got := s.get(s.save(0, in))
		if got.Code != "NEW1" || got.Off != 0 || got.Percent != 85 || got.Description != "全场" || s.count("SELECT COUNT(*) FROM audit_log") != 1 {
			s.Errorf("%+v", got)
		}
	})
}

// Once somebody holds one, its worth and what it is for stay, numbers only grow, and who holds it keeps its time; all else can change.
func TestNothingIsTakenFromHolders(t *testing.T) {
	each(t, func(s desk) {
		storetest.Exec(s, s.db, "INSERT INTO brands (id, name) VALUES (7, '豆邮局'), (8, '春山碗')")
		in := s.input()
		in.Scope = promo.Scope{Kind: promo.ScopeBrand, IDs: []int64{7}}
		id := s.save(0, in)
		in.Version, in.Off = 1, 1500
		s.save(id, in) // nobody holds one yet
		user := storetest.User(s, s.db, "xiaoming")
		held := s.claimed(user, id)
		in.Version = 2
		for field, change := range map[string]func(in *coupon.Input){
			"off":         func(in *coupon.Input) { in.Off = 1600 },
			"off percent": func(in *coupon.Input) { in.Percent = 90 },
			"threshold":   func(in *coupon.Input) { in.Threshold = 100_00 },
			"scope targets": func(in *coupon.Input) {
				in.Scope = promo.Scope{Kind: promo.ScopeAll}
			},
			"targets":    func(in *coupon.Input) { in.Scope.IDs = []int64{7, 8} },
			"per_person": func(in *coupon.Input) { in.PerPerson = 1 },
		} {
			changed := in
			change(&changed)
			if _, err := s.Save(ctx, staff, id, changed); !slices.Equal(wrong(err), strings.Fields(field)) {
				s.Errorf("%s: %v", field, err)
			}
		}
		second := s.claimed(storetest.User(s, s.db, "other"), id)
		in.Total = 1
		if _, err := s.Save(ctx, staff, id, in); !slices.Equal(wrong(err), []string{"total"}) {
			s.Errorf("fewer than are claimed: %v", err)
		}
		if err := s.Delete(ctx, staff, id, 2); !fault.Is(err, fault.Conflict) {
			s.Errorf("deleted: %v", err)
		}
		until := in.EndsAt
		in.Total, in.Name, in.EndsAt, in.Published, in.PerPerson = 2, "别的名字", s.clock.Now().Add(time.Minute), false, 3
		in.StartsAt = s.clock.Now().Add(time.Second)
		s.save(id, in)
		for _, c := range []struct{ user, id int64 }{{user, held}, {user + 1, second}} {
			if got, err := s.Coupon(ctx, s.db, c.user, c.id); err != nil || !got.EndsAt.Equal(until) || got.Off != 1500 || got.Name != "别的名字" {
				s.Errorf("%+v, %v", got, err)
			}
		}
		if _, err := s.Save(ctx, staff, id, in); !fault.Is(err, fault.Conflict) {
			s.Errorf("a form that is older than what is kept: %v", err)
		}
	})
}

// Of a claim and a change of its worth at the same moment one comes first, and then the other heeds it.
func TestChangedWhileClaiming(t *testing.T) {
	each(t, func(s desk) {
		user, id := storetest.User(s, s.db, "xiaoming"), s.save(0, s.input())
		worse := s.input()
		worse.Version, worse.Off = 1, 100
		saved, claimed := storetest.Meanwhile("SELECT", func(ctx context.Context) error {
			_, err := s.Save(ctx, staff, id, worse)
			return err
		}, func() error {
			_, err := s.Claim(ctx, user, id)
			return err
		})
		c := s.get(id)
		if claimed != nil || (saved == nil) != (c.Off == 100) || saved != nil && c.Off != 2000 {
			s.Errorf("off %s: %v, %v", c.Off, saved, claimed)
		}
	})
}

// A coupon is saved whole or not at all, whichever statement fails.
func TestSavingMayFail(t *testing.T) {
	each(t, func(s desk) {
		storetest.Exec(s, s.db, "INSERT INTO brands (id, name) VALUES (7, '豆邮局'), (8, '春山碗')")
		in := s.input()
		in.Scope = promo.Scope{Kind: promo.ScopeBrand, IDs: []int64{7}}
		id := s.save(0, in)
		boom := errors.New("boom")
		for n := 1; ; n++ {
			seen, hit := 0, ""
			broken := db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			})
			changed := in
			changed.Version, changed.Off, changed.Scope.IDs = 1, 1000, []int64{8}
			_, err := s.Save(broken, staff, id, changed)
			if hit == "COMMITTED" || hit == "" {
				if n < 8 {
					s.Errorf("only %d statements were broken: %v", n-1, err)
				}
				return
			}
			if got := s.get(id); !errors.Is(err, boom) || got.Off != 2000 || got.Version != 1 || len(got.Targets) != 1 || got.Targets[0].ID != 7 ||
				s.count("SELECT COUNT(*) FROM audit_log") != 1 {
				s.Fatalf("after %q failed: %+v, %v", hit, got, err)
			}
		}
	})
}

// The merchant gives a coupon with a reason; it counts like any other, and who did it is kept.
func TestGive(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		in := s.input()
		in.Public, in.PerPerson, in.StartsAt, in.Total = false, 1, s.clock.Now().Add(time.Hour), 2
		id := s.save(0, in)
		if err := s.Give(ctx, staff, id, user, " "); !slices.Equal(wrong(err), []string{"reason"}) {
			s.Errorf("without a reason: %v", err)
		}
		s.must(s.Give(ctx, staff, id, user, "补偿"))
		if err := s.Give(ctx, staff, id, user, "补偿"); !fault.Is(err, fault.Conflict) {
			s.Errorf("more than a person may have: %v", err)
		}
		list, err := s.Coupons(ctx, s.db, user)
		if err != nil || len(list) != 1 || !list[0].StartsAt.Equal(in.StartsAt) || !list[0].EndsAt.Equal(in.EndsAt) {
			s.Fatalf("%+v, %v", list, err)
		}
		if err := s.take(ctx, user, list[0].ID, 1, 100); !fault.HasCode(err, fault.CodeBadCoupon) {
			s.Errorf("before it begins: %v", err)
		}
		if n := s.count("SELECT COUNT(*) FROM audit_log WHERE actor_id = ? AND action = 'coupon_given' AND detail LIKE '%补偿%'", staff); n != 1 {
			s.Errorf("%d entries in the audit log", n)
		}
		in.Version, in.Published = 1, false
		s.save(id, in)
		if err := s.Give(ctx, staff, id, storetest.User(s, s.db, "other"), "补偿"); !fault.Is(err, fault.Conflict) {
			s.Errorf("withdrawn: %v", err)
		}
		if err := s.Give(ctx, staff, s.coupon(""), 999, "补偿"); !fault.Is(err, fault.NotFound) {
			s.Errorf("nobody: %v", err)
		}
	})
}

// A coupon that nobody has claimed can be deleted.
func TestDelete(t *testing.T) {
	each(t, func(s desk) {
		storetest.Exec(s, s.db, "INSERT INTO brands (id, name) VALUES (7, '豆邮局')")
		in := s.input()
		in.Scope = promo.Scope{Kind: promo.ScopeBrand, IDs: []int64{7}}
		id := s.save(0, in)
		if err := s.Delete(ctx, staff, id, 2); !fault.Is(err, fault.Conflict) {
			s.Errorf("by an old form: %v", err)
		}
		s.must(s.Delete(ctx, staff, id, 1))
		if n := s.count("SELECT COUNT(*) FROM coupons") + s.count("SELECT COUNT(*) FROM coupon_targets"); n != 0 {
			s.Errorf("%d rows are left", n)
		}
		if err := s.Delete(ctx, staff, id, 1); !fault.Is(err, fault.NotFound) {
			s.Errorf("again: %v", err)
		}
	})
}

// The centre shows each person what can be claimed first, and for a product only what is good for it.
func TestCentre(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		sku := storetest.SKU(s, s.db, 1000, 5)
		spu := s.count("SELECT spu_id FROM skus WHERE id = ?", sku)
		now := s.clock.Now()
		target := func(kind string, id int64) int64 {
			c := s.coupon("scope = ?", kind)
			storetest.Exec(s, s.db, "INSERT INTO coupon_targets (coupon_id, target_id) VALUES (?, ?)", c, id)
			return c
		}
		early, gone := s.coupon("starts_at = ?", now.Add(time.Hour)), s.coupon("total = 1")
		had := s.coupon("per_person = 2")
		s.claimed(storetest.User(s, s.db, "other"), gone)
		s.claimed(user, had)
		s.claimed(user, had)
		category, brand, product, variant := target("category", 101), target("brand", 1), target("spu", spu), target("sku", sku)
		foreign := target("category", 999)
		s.coupon("is_public = 0")
		s.coupon("is_published = 0")
		s.coupon("ends_at = ?", now)
		order := func(c coupon.Centre) (ids []int64) {
			for _, o := range c.Offers {
				ids = append(ids, o.ID)
			}
			return ids
		}
		centre, err := s.Centre(ctx, user, 0)
		s.must(err)
		if want := []int64{category, brand, product, variant, foreign, early, had, gone}; !slices.Equal(order(centre), want) {
			s.Errorf("%v, want %v", order(centre), want)
		}
		if o := centre.Offers[6]; o.Had != 2 || o.State != coupon.OfferHad {
			s.Errorf("%+v", o)
		}
		centre, err = s.Centre(ctx, 0, spu)
		s.must(err)
		if want := []int64{had, category, brand, product, variant, early, gone}; !slices.Equal(order(centre), want) || centre.For == nil {
			s.Errorf("for a visitor and a product: %v, want %v", order(centre), want)
		}
	})
}

// What a user holds stands under its state, page by page.
func TestHeld(t *testing.T) {
	each(t, func(s desk) {
		user := storetest.User(s, s.db, "xiaoming")
		many := s.coupon("per_person = 50")
		for range 23 {
			s.claimed(user, many)
		}
		used, short := s.claimed(user, s.coupon("")), s.coupon("ends_at = ?", s.clock.Now().Add(time.Hour))
		s.claimed(user, short)
		s.must(s.take(ctx, user, used, 5, 700))
		s.clock.Advance(2 * time.Hour)
		for _, c := range []struct {
			state coupon.State
			page  int
			count int
			next  bool
		}{{coupon.Usable, 1, 20, true}, {coupon.Usable, 2, 3, false}, {"nonsense", 1, 20, true}, {coupon.Used, 1, 1, false}, {coupon.Expired, 1, 1, false}} {
			list, err := s.Held(ctx, user, c.state, c.page)
			if err != nil || len(list.Coupons) != c.count || list.HasNext != c.next || list.Usable != 23 {
				s.Errorf("%s, page %d: %d coupons, %+v, %v", c.state, c.page, len(list.Coupons), list.HasNext, err)
			}
		}
		list, err := s.Held(ctx, user, coupon.Used, 1)
		if err != nil || list.Coupons[0].Saved != 700 || list.Coupons[0].UsedAt == nil {
			s.Errorf("%+v, %v", list, err)
		}
	})
}
