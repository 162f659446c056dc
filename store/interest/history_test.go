package interest_test

import (
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/interest"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// A history has the newest on top, each product once, a hundred of them, and only what is on sale.
func TestHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := interest.New(d, catalog.New(d, clock.Now), clock.Now)
		user, other := storetest.User(t, d, "xiaoming"), storetest.User(t, d, "xiaohong")
		var spus []int64
		for range interest.MaxHistory + 3 {
			var spu int64
			if err := d.Get(t.Context(), &spu, "SELECT spu_id FROM skus WHERE id = ?", storetest.SKU(t, d, 1000, 5)); err != nil {
				t.Fatal(err)
			}
			spus = append(spus, spu)
		}
		look := func(spu int64) {
			t.Helper()
			clock.Advance(time.Second)
			s.RecordView(user, spu)
		}
		ids := func(user int64) (ids []int64) {
			t.Helper()
			list, err := s.History(t.Context(), user)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range list {
				ids = append(ids, one.SPUID)
			}
			return ids
		}
		same := func(what string, got, want []int64) {
			t.Helper()
			if len(got) != len(want) {
				t.Errorf("%s: %d products, want %d", what, len(got), len(want))
				return
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%s: place %d is %d, want %d", what, i, got[i], want[i])
					return
				}
			}
		}
		for _, i := range []int{0, 1, 1, 2, 0} {
			look(spus[i])
		}
		same("seen again", ids(user), []int64{spus[0], spus[2], spus[1]})
		for _, spu := range spus[3:] {
			look(spu)
		}
		if got := ids(user); len(got) != interest.MaxHistory || got[0] != spus[len(spus)-1] || got[interest.MaxHistory-1] != spus[3] {
			t.Errorf("after %d products the history has %d", len(spus), len(got))
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = ?", spus[len(spus)-1])
		if got := ids(user); got[0] != spus[len(spus)-2] {
			t.Error("what is not on sale is shown")
		}
		if err := s.MergeHistory(t.Context(), other, []int64{spus[5], spus[4], 999999, spus[len(spus)-1], spus[5]}); err != nil {
			t.Fatal(err)
		}
		same("merged", ids(other), []int64{spus[5], spus[4]})
		clock.Advance(time.Second)
		if err := s.MergeHistory(t.Context(), other, []int64{spus[6], spus[5]}); err != nil {
			t.Fatal(err)
		}
		same("merged again", ids(other), []int64{spus[6], spus[5], spus[4]})
		if err := s.RemoveViewed(t.Context(), other, spus[5]); err != nil {
			t.Fatal(err)
		}
		same("one removed", ids(other), []int64{spus[6], spus[4]})
		if err := s.ClearHistory(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		same("cleared", ids(other), nil)
		if len(ids(user)) == 0 {
			t.Error("another's history went along")
		}
	})
}
