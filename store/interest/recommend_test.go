package interest_test

import (
	"testing"

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
