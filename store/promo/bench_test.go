package promo_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// manyPromotions are half reductions and half percentages, of 50 products or of 3 categories that no basket has, but the first two, of the
// lowest priority, of everything: so each line is held against all.
func manyPromotions(n int) []promo.Promotion {
	list := make([]promo.Promotion, n)
	for i := range list {
		p := promo.Promotion{
			ID: int64(i + 1), Kind: promo.KindReduction, Scope: promo.NewScope(promo.ScopeAll), Name: fmt.Sprint("promotion ", i), Percent: 100,
			Steps: []promo.Step{{From: 10_000, Off: 1000}, {From: 50_000, Off: 6000}}, Priority: i / 2,
			StartsAt: noon.Add(-time.Hour), EndsAt: noon.Add(time.Hour), Published: true,
		}
		if i%2 == 1 {
			p.Kind, p.Steps, p.Percent = promo.KindPercent, nil, 95
		}
		if i >= 2 {
			kind, n := promo.ScopeSPU, 50
			if i/2%2 == 1 {
				kind, n = promo.ScopeCategory, 3
			}
			ids := make([]int64, n)
			for j := range ids {
				ids[j] = int64((j-n/2)*1_000_000) - 1 // on both sides of those of a basket
			}
			p.Scope = promo.NewScope(kind, ids...)
		}
		list[i] = p
	}
	return list
}

func eachSize(b *testing.B, bench func(b *testing.B, lines int, promotions []promo.Promotion)) {
	for _, lines := range []int{1, 10, 200} {
		for _, n := range []int{0, 10, 100} {
			b.Run(fmt.Sprintf("%dlines/%dpromotions", lines, n), func(b *testing.B) {
				b.ReportAllocs()
				bench(b, lines, manyPromotions(n))
			})
		}
	}
}

// loop runs do as a benchmark does, and reports the CPU that the program used for it: the time on the clock is that of a busy machine too.
func loop(b *testing.B, do func() error) {
	var before, after syscall.Rusage
	used := func(r *syscall.Rusage) int64 {
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, r); err != nil {
			b.Fatal(err)
		}
		return r.Utime.Nano() + r.Stime.Nano()
	}
	begun := used(&before)
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(used(&after)-begun)/float64(b.N), "cpu-ns/op")
}

// BenchmarkPrice prices by facts that are there already.
func BenchmarkPrice(b *testing.B) {
	eachSize(b, func(b *testing.B, lines int, promotions []promo.Promotion) {
		f := promo.Facts{Now: noon, Rules: promo.Rules{Freight: 1000, FreeFrom: 19900}, SKUs: map[int64]catalog.SKU{}, Promotions: promotions}
		ask := promo.Ask{UserID: 1}
		for id := range int64(lines) {
			f.SKUs[id+1] = catalog.SKU{ID: id + 1, SPUID: id + 1, Category1: 1, Category2: 2, Category3: 3, BrandID: 1, Launched: true, Price: money.Fen(999 + 7*id)}
			ask.Items = append(ask.Items, promo.Item{SKUID: id + 1, Count: 2})
		}
		loop(b, func() error {
			_, err := promo.Price(f, ask)
			return err
		})
	})
}

// BenchmarkQuote looks everything up in SQLite as well.
func BenchmarkQuote(b *testing.B) {
	d, clock := storetest.Open(b, storetest.Config(b, db.SQLite)), storetest.NewClock()
	var skus []int64
	for i := range 200 {
		skus = append(skus, storetest.SKU(b, d, money.Fen(999+7*i), 10))
	}
	eachSize(b, func(b *testing.B, lines int, promotions []promo.Promotion) {
		storetest.Exec(b, d, "DELETE FROM promotions")
		storetest.Exec(b, d, "DELETE FROM promotion_targets")
		storetest.Exec(b, d, "DELETE FROM promotion_steps")
		for _, p := range promotions {
			p.StartsAt, p.EndsAt = clock.Now(), clock.Now().Add(time.Hour)
			publish(b, d, p)
		}
		s, ask := node(d, clock), promo.Ask{}
		for _, id := range skus[:lines] {
			ask.Items = append(ask.Items, promo.Item{SKUID: id, Count: 2})
		}
		loop(b, func() error {
			_, err := s.Quote(ctx, d, ask)
			return err
		})
	})
}
