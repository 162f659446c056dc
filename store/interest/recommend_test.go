package interest_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/interest"
	"dashop/store/storetest"
)

// What is recommended is of the categories that somebody looked at, on sale, the best-selling first, and nothing seen.
func TestRecommend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := interest.New(d, catalog.New(d, clock.Now), clock.Now)
		product := func(category, sales int64, launched bool) (spu int64) {
			t.Helper()
			if err := d.Get(t.Context(), &spu, "SELECT spu_id FROM skus WHERE id = ?", storetest.SKU(t, d, 1000, 5)); err != nil {
				t.Fatal(err)
			}
			storetest.Exec(t, d, "UPDATE spus SET category3_id = ?, sales = ?, is_launched = ? WHERE id = ?", category, sales, launched,
				spu)
			return spu
		}
		seen, low, high := product(10101, 90, true), product(10101, 1, true), product(10101, 50, true)
		product(10101, 99, false) // not on sale
		product(10102, 99, true)  // of another category
		cards, err := s.Recommend(t.Context(), []int64{seen, 999999})
		if err != nil || len(cards) != 2 || cards[0].SPUID != high || cards[1].SPUID != low {
			t.Errorf("recommended: %+v, %v", cards, err)
		}
		for _, nothing := range [][]int64{nil, {999999}} {
			if cards, err := s.Recommend(t.Context(), nothing); err != nil || len(cards) != 0 {
				t.Errorf("of %v: %d, %v", nothing, len(cards), err)
			}
		}
	})
}

// Whatever was seen, what is recommended are the ten best-selling of all its categories together; of equal sales the newer first.
func TestRecommendTakesTheBestOfAllCategories(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := interest.New(d, catalog.New(d, clock.Now), clock.Now)
		r := rand.New(rand.NewPCG(3, 4))
		type product struct {
			id, category, sales int64
			launched            bool
		}
		var all []product
		for n := range 90 {
			p := product{int64(n + 1), r.Int64N(6), r.Int64N(20), r.IntN(6) > 0}
			storetest.SKU(t, d, 100, 1)
			storetest.Exec(t, d, "UPDATE spus SET category3_id = ?, sales = ?, is_launched = ? WHERE id = ?", p.category, p.sales,
				p.launched, p.id)
			all = append(all, p)
		}
		for range 40 {
			var seen, categories []int64
			for range 1 + r.IntN(20) {
				p := all[r.IntN(len(all))]
				if seen = append(seen, p.id); p.launched {
					categories = append(categories, p.category)
				}
			}
			left := slices.DeleteFunc(slices.Clone(all), func(p product) bool {
				return !p.launched || slices.Contains(seen, p.id) || !slices.Contains(categories, p.category)
			})
			slices.SortFunc(left, func(a, b product) int {
				if a.sales != b.sales {
					return int(b.sales - a.sales)
				}
				return int(b.id - a.id)
			})
			var want, got []int64
			for _, p := range left[:min(len(left), 10)] {
				want = append(want, p.id)
			}
			cards, err := s.Recommend(t.Context(), seen)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cards {
				got = append(got, c.SPUID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("after %v (-want +got):\n%s", seen, diff)
			}
		}
	})
}
