package interest_test

import (
	"sync"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/interest"
	"dashop/store/storetest"
)

// A product is kept once, while it is on sale, up to the bound; the user's own row counts them.
func TestFavourites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := interest.New(d, catalog.New(d, clock.Now), clock.Now)
		user, other := storetest.User(t, d, "xiaoming"), storetest.User(t, d, "other")
		for range 3 {
			storetest.SKU(t, d, 100, 1)
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 3")
		for _, id := range []int64{3, 99} {
			if err := s.AddFavourite(t.Context(), user, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("product %d: %v", id, err)
			}
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := s.AddFavourite(t.Context(), user, 1); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		clock.Advance(time.Minute)
		if err := s.AddFavourite(t.Context(), user, 2); err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 1")
		list, err := s.Favourites(t.Context(), user, 1)
		if err != nil || len(list.Favourites) != 2 || list.Favourites[0].SPUID != 2 || !list.Favourites[0].Launched ||
			list.Favourites[1].Launched {
			t.Fatalf("%+v, %v", list, err)
		}
		if kept, err := s.IsFavourite(t.Context(), other, 2); kept || err != nil {
			t.Error("others keep it too", err)
		}
		storetest.CheckBooks(t, d)
		storetest.Exec(t, d, "UPDATE users SET favourites = ? WHERE id = ?", interest.MaxFavourites, user)
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 1 WHERE id = 3")
		if err := s.AddFavourite(t.Context(), user, 3); !fault.Is(err, fault.Conflict) {
			t.Errorf("one too many: %v", err)
		}
		if err := s.AddFavourite(t.Context(), user, 2); err != nil { // it is there already
			t.Error(err)
		}
		storetest.Exec(t, d, "UPDATE users SET favourites = 2 WHERE id = ?", user)
		for range 2 {
			if err := s.RemoveFavourite(t.Context(), user, 2); err != nil {
				t.Fatal(err)
			}
		}
		storetest.CheckBooks(t, d)
		if err := d.Tx(t.Context(), func(tx *db.Tx) error { return s.Forget(t.Context(), tx, user) }); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Favourites(t.Context(), user, 1); err != nil || len(list.Favourites) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		storetest.CheckBooks(t, d)
	})
}
