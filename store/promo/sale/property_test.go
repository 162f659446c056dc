package sale_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/promo/sale"
	"dashop/store/storetest"
)

// ruled is the rule in its plainest form: what a SKU must cost by all offers at a moment, and whose sale that is.
func ruled(k catalog.SKU, offers map[int64]offer, starts map[int64]time.Time, now time.Time) (id int64, price money.Fen) {
	for _, o := range sortedIDs(offers) {
		f := offers[o]
		if f.unpublished || now.Before(starts[o]) || !now.Before(starts[o].Add(f.lasts)) {
			continue
		}
		own, has := f.own[k.ID]
		at := own.Price
		if f.kind == promo.KindFlash {
			has = has && own.Quantity > 0
		} else if !has {
			at, has = (k.Price*money.Fen(f.percent)+50)/100, contains(f, k)
		}
		if !has || at >= k.Price {
			continue
		}
		better := id == 0 || f.priority > offers[id].priority || f.priority == offers[id].priority && at <= price
		if better {
			id, price = o, at
		}
	}
	return id, price
}

func sortedIDs(offers map[int64]offer) (ids []int64) {
	for id := int64(1); len(ids) < len(offers); id++ {
		if _, ok := offers[id]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func contains(o offer, k catalog.SKU) bool {
	for _, t := range o.targets {
		if t == map[promo.ScopeKind]int64{promo.ScopeCategory: k.Category2, promo.ScopeBrand: k.BrandID, promo.ScopeSPU: k.SPUID,
			promo.ScopeSKU: k.ID}[o.scope] {
			return true
		}
	}
	return o.scope == promo.ScopeAll
}

// Whatever sales there are, at each moment after a sweep each SKU's row says what the rule says, and so does each card.
func TestRowsFollowTheRule(t *testing.T) {
	each(t, func(s shop) {
		var skus []int64
		for i := range 6 {
			skus = append(skus, storetest.SKU(s, s.db, money.Fen(1000*(i+1)), 9))
		}
		storetest.Exec(s, s.db, "UPDATE spus SET brand_id = 2, category2_id = 102 WHERE id % 2 = 0")
		rapid.Check(s.T, func(r *rapid.T) {
			storetest.Exec(s, s.db, "UPDATE promotions SET is_published = 0, due_at = ?, changes = changes + 1", time.Unix(0, 0).UTC())
			s.sweep()
			begin := s.clock.Now()
			offers, starts := map[int64]offer{}, map[int64]time.Time{}
			for range rapid.IntRange(1, 5).Draw(r, "offers") {
				o := offer{
					kind:     rapid.SampledFrom([]promo.Kind{promo.KindPrice, promo.KindFlash}).Draw(r, "kind"),
					scope:    rapid.SampledFrom([]promo.ScopeKind{promo.ScopeAll, promo.ScopeCategory, promo.ScopeBrand, promo.ScopeSPU, promo.ScopeSKU}).Draw(r, "scope"),
					percent:  rapid.SampledFrom([]int64{50, 80, 80, 100}).Draw(r, "percent"),
					priority: rapid.IntRange(0, 1).Draw(r, "priority"),
					starts:   time.Duration(rapid.IntRange(-2, 2).Draw(r, "starts")) * time.Minute,
					lasts:    time.Duration(rapid.IntRange(1, 4).Draw(r, "lasts")) * time.Minute,
					own:      map[int64]promo.OwnPrice{}, unpublished: rapid.IntRange(0, 5).Draw(r, "hidden") == 0,
				}
				switch o.scope {
				case promo.ScopeCategory:
					o.targets = []int64{102}
				case promo.ScopeBrand:
					o.targets = []int64{2}
				case promo.ScopeSPU:
					o.targets = []int64{s.sku(skus[0]).SPUID, s.sku(skus[3]).SPUID}
				case promo.ScopeSKU:
					o.targets = skus[1:3]
				}
				for _, k := range skus {
					if rapid.IntRange(0, 2).Draw(r, "own") == 0 {
						o.own[k] = promo.OwnPrice{Price: money.Fen(rapid.SampledFrom([]int64{1, 500, 800, 2000, 9000}).Draw(r, "price")),
							Quantity: int64(rapid.IntRange(0, 2).Draw(r, "quantity"))}
					}
				}
				id := s.promote(o)
				offers[id], starts[id] = o, begin.Add(o.starts)
			}
			for range 4 {
				s.sweep()
				for _, id := range skus {
					k := s.sku(id)
					if sale, price := ruled(k, offers, starts, s.clock.Now()); k.SaleID != sale || k.SalePrice != price {
						r.Fatalf("SKU %d is in sale %d at %s, by the rule in %d at %s", id, k.SaleID, k.SalePrice, sale, price)
					}
					s.want(id, k.Now())
				}
				s.clock.Advance(time.Minute)
			}
		})
	})
}

// A sweep that is killed in its middle leaves each product whole and goes on with the next one; two nodes at once do no harm.
func TestSweepKilled(t *testing.T) {
	each(t, func(s shop) {
		var skus []int64
		for range 50 {
			skus = append(skus, storetest.SKU(s, s.db, 10000, 9))
		}
		id := s.promote(offer{kind: promo.KindPrice, scope: promo.ScopeBrand, targets: []int64{1}, percent: 70})
		open := func() int64 { return s.count("SELECT COUNT(*) FROM skus WHERE sale_id = ?", id) }
		killed := errors.New("killed")
		for at, stopped := 1, true; stopped; at += 40 {
			n := 0
			stopped = false
			broken := db.InjectFaults(ctx, func(string) error {
				if n++; n >= at {
					stopped = true
					return killed
				}
				return nil
			})
			if err := s.sales.Sweep(broken); stopped != errors.Is(err, killed) {
				s.Fatal(err)
			}
			storetest.CheckBooks(s, s.db) // a card says what its SKUs cost
			if stopped && s.count("SELECT COUNT(*) FROM promotions WHERE is_open = 1") != 0 {
				s.Error("a sale counts as open that was not opened to its end")
			}
		}
		if open() != 50 {
			s.Errorf("%d of 50 are open", open())
		}
		s.clock.Advance(time.Hour)
		other := sale.New(s.db, s.clock.Now)
		done := make(chan error)
		go func() { done <- other.Sweep(context.Background()) }()
		s.sweep()
		s.must(<-done)
		for _, k := range skus {
			s.want(k, 10000)
		}
		if open() != 0 {
			s.Errorf("%d are still open", open())
		}
	})
}
